package offline

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"github.com/skip2/go-qrcode"

	"github.com/dingpass/dingpass/backend/secret"
)

// Picture is a badge's QR as a PNG, at least so many pixels wide: each module has
// a whole number of them, so that no printer blurs it.
func Picture(text secret.Text, pixels int) ([]byte, error) {
	code, err := draw(text)
	if err != nil {
		return nil, err
	}
	modules := len(code.Bitmap())
	return code.PNG(-max(1, (pixels+modules-1)/modules)) // negative: pixels of each module
}

// SVG is a badge's QR as a picture that scales.
func SVG(text secret.Text) ([]byte, error) {
	code, err := draw(text)
	if err != nil {
		return nil, err
	}
	rows := code.Bitmap()
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`+"\n",
		len(rows), len(rows), len(rows), len(rows), outline(rows)), nil
}

// Card is a badge to print and cut out, as SVG, of the size of a bank card
// (ISO/IEC 7810 ID-1): the QR, the name and the last day, in both languages. The
// day is this machine's. There is nothing on it that helps who finds it to more
// than the name.
func Card(text secret.Text, name string, expires time.Time) ([]byte, error) {
	code, err := draw(text)
	if err != nil {
		return nil, err
	}
	rows := code.Bitmap()
	var escaped strings.Builder
	if err := xml.EscapeText(&escaped, []byte(name)); err != nil {
		return nil, fmt.Errorf("draw card: %w", err)
	}
	return fmt.Appendf(nil, cardSVG,
		fmt.Sprintf("translate(3 6) scale(%.5f)", 42/float64(len(rows))), outline(rows),
		nameSize(name), escaped.String(), lastDay(expires)), nil
}

// cardSVG takes the place of the QR, its outline, the name's size, the name and
// the last day. Its unit is a millimetre.
const cardSVG = `<svg xmlns="http://www.w3.org/2000/svg" width="85.6mm" height="54mm" viewBox="0 0 85.6 54">
<style>text{font-family:"Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC",sans-serif}</style>
<rect x=".1" y=".1" width="85.4" height="53.8" rx="3" fill="#fff" stroke="#999" stroke-width=".2"/>
<path transform="%s" shape-rendering="crispEdges" d="%s"/>
<text x="48" y="22" font-size="%.1f">%s</text>
<text x="48" y="32" font-size="3" fill="#333">有效期至 · Valid until</text>
<text x="48" y="37" font-size="4">%s</text>
<text x="48" y="45" font-size="2.2" fill="#333">遗失请立即通知管理员</text>
<text x="48" y="48.5" font-size="2.2" fill="#333">Lost? Tell the administrator</text>
</svg>
`

// lastDay is the last whole day before a moment.
func lastDay(expires time.Time) string {
	return expires.Local().AddDate(0, 0, -1).Format(time.DateOnly)
}

// nameSize makes the name fit 34 mm. Chinese characters, which begin with the
// radicals at U+2E80, are as wide as they are high, and others some two thirds.
func nameSize(name string) float64 {
	width := 0.0
	for _, r := range name {
		if r < '⺀' {
			width += 0.65
		} else {
			width++
		}
	}
	return min(7, 34/max(1, width))
}

// draw makes the QR of a badge. A quarter of it may be missing: cards are worn.
func draw(text secret.Text) (*qrcode.QRCode, error) {
	code, err := qrcode.New(text.Reveal(), qrcode.High)
	if err != nil {
		return nil, fmt.Errorf("draw badge: %w", err)
	}
	return code, nil
}

// outline is the dark modules as an SVG path, row by row.
func outline(rows [][]bool) string {
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
	return path.String()
}
