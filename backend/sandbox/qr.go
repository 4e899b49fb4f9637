package sandbox

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/skip2/go-qrcode"
)

// drawQR returns a QR with its quiet zone as an inline picture that scales
// without blurring.
func drawQR(content string) (template.HTML, error) {
	code, err := qrcode.New(content, qrcode.Medium)
	if err != nil {
		return "", fmt.Errorf("draw qr: %w", err)
	}
	rows := code.Bitmap()
	var path strings.Builder
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			run := x
			for run < len(row) && row[run] {
				run++
			}
			if run > x {
				fmt.Fprintf(&path, "M%d %dh%dv1H%dz", x, y, run-x, x)
				x = run
			}
		}
	}
	//nolint:gosec // numbers and constants only
	return template.HTML(fmt.Sprintf(`<svg class="qr" viewBox="0 0 %d %d" role="img" aria-label="QR" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#101418" d="%s"/></svg>`,
		len(rows), len(rows), len(rows), len(rows), path.String())), nil
}
