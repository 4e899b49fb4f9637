package offline_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"strings"
	"testing"

	"github.com/skip2/go-qrcode"

	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
)

// The text is digits, of which a QR holds more than of anything else: 29 modules
// a side with a quarter of them to spare, where the signed fields themselves
// would take 53.
func TestABadgeIsASmallQR(t *testing.T) {
	t.Parallel()
	_, text := newKiosk(t).issue(t)
	if got := text.Reveal(); len(got) != 68 || strings.Trim(got, "0123456789") != "" {
		t.Errorf("%d characters, some of which are no digits", len(got))
	}
	code, err := qrcode.New(text.Reveal(), qrcode.High)
	if err != nil || code.VersionNumber != 3 {
		t.Errorf("QR version %d, %v", code.VersionNumber, err)
	}
}

func TestThePictureHasWholePixels(t *testing.T) {
	t.Parallel()
	_, text := newKiosk(t).issue(t)
	for pixels, want := range map[int]int{0: 37, 37: 37, 300: 333} {
		picture, err := offline.Picture(text, pixels)
		if err != nil {
			t.Fatal(err)
		}
		config, err := png.DecodeConfig(bytes.NewReader(picture))
		if err != nil || config.Width != want || config.Height != want {
			t.Errorf("for %d pixels: %+v, %v", pixels, config, err)
		}
	}
}

func TestTheCardIsXMLWhateverTheName(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	b, text := k.issue(t)
	for _, name := range []string{"张三", "<script>alert(1)</script>", "a&b\x00\x1b\xff", strings.Repeat("阿", 60), ""} {
		card, err := offline.Card(text, name, b.Expires)
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, card)
		if bytes.Contains(card, []byte("<script")) || bytes.Contains(card, []byte(text.Reveal())) || bytes.Contains(card, []byte(zhang.UserID)) {
			t.Error("the card has more on it than it should")
		}
	}
	card, err := offline.Card(text, "张三", b.Expires)
	if err != nil || !bytes.Contains(card, []byte(">张三<")) || !bytes.Contains(card, []byte("Valid until")) {
		t.Errorf("card: %v\n%s", err, card)
	}
	svg, err := offline.SVG(text)
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, svg)
	if _, err := offline.SVG(secret.New(strings.Repeat("1", 10_000))); err == nil {
		t.Error("a QR of 10,000 digits was drawn")
	}
}

func wellFormed(t *testing.T, text []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
	}
}
