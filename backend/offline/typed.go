package offline

import (
	"strings"
	"unicode"
)

// JobNumber is how job numbers are compared: as typed by a person, with or
// without an input method and the shift key.
func JobNumber(typed string) string {
	return strings.ToUpper(strings.TrimSpace(narrow(typed)))
}

// narrow makes of the full-width forms, which Chinese input methods write, the
// ASCII characters they stand for (Unicode, Halfwidth and Fullwidth Forms).
func narrow(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, text)
}

// numberRows are what keyboard layouts make of the keys 1 to 9 and 0. A scanner
// that plays an American keyboard presses these keys, and the system types what
// its own layout has there (odoo #214407: digits garbled under a Belgian layout).
// Letters would move too, with no way to tell which layout it was; of digits
// there are ten, and every layout has ten characters for them.
var numberRows = []string{
	"1234567890",
	"&é\"'(-è_çà", // French
	"&é\"'(§è!çà", // Belgian
	"+ěščřžýáíé",  // Czech
	"+ľščťžýáíé",  // Slovak
	"123456789ö",  // Hungarian
	"!@#$%^&*()",  // American, with Shift or its lock held
}

// readings are the digits that a scanner may have typed, one for each layout
// that can have made this text of them. What scanners and input methods add is
// dropped: spaces, line ends, control characters (metasfresh #22464).
func readings(typed string) []string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r) // Caps Lock
	}, narrow(typed))
	var all []string
	for _, row := range numberRows {
		if digits, ok := undo([]rune(row), text); ok {
			all = append(all, digits)
		}
	}
	return all
}

func undo(row []rune, text string) (digits string, ok bool) {
	var made strings.Builder
	for _, r := range text {
		key := -1
		for i, char := range row {
			if char == r {
				key = i
			}
		}
		if key < 0 {
			return "", false
		}
		made.WriteByte("1234567890"[key])
	}
	return made.String(), made.Len() > 0
}
