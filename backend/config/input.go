package config

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// input is a value on its way into the settings.
type input struct {
	source string // where it came from, for people
	dir    string // the directory of the file it came from; "" for others

	env    environment   // for what depends on it
	locale func() string // the operating system's language; nil: asked

	value any      // as it was found: a string, or what TOML has
	texts []string // as checked by read: not empty, without space around
}

// text is the value of a key that is no list.
func (in input) text() string { return in.texts[0] }

// read turns the value into texts, as far as the key allows.
func (in *input) read(k key) *fault {
	switch value := in.value.(type) {
	case string:
		in.texts = []string{value}
		if k.list && in.dir == "" {
			in.texts = strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
		}
	case int64:
		if !k.number {
			return &fault{Malformed, "is a bare number", "write it in quotes, as " + k.example()}
		}
		in.texts = []string{fmt.Sprint(value)}
	case []any:
		if !k.list {
			return &fault{Malformed, "is a list", "write one value, as " + k.example()}
		}
		for _, element := range value {
			text, ok := element.(string)
			if !ok {
				return &fault{Malformed, "holds something that is no text", "write each of the list in quotes"}
			}
			in.texts = append(in.texts, text)
		}
	default:
		return &fault{Malformed, "is no text", "write it in quotes, as " + k.example()}
	}
	return in.tidy(k)
}

// tidy drops the space around texts and refuses those with nothing else.
func (in *input) tidy(k key) *fault {
	for i, text := range in.texts {
		in.texts[i] = strings.TrimSpace(text)
	}
	if len(in.texts) == 0 || slices.Contains(in.texts, "") {
		return &fault{Malformed, "is empty", "give a value, or leave it out"}
	}
	if k.oneOf != nil && !slices.Contains(k.oneOf, in.text()) {
		mend := "write one of " + k.Values
		if near, ok := nearest(in.text(), k.oneOf); ok {
			mend += "; perhaps " + near
		}
		return &fault{Malformed, "is no such word", mend}
	}
	return nil
}

// example is a value that the key would take.
func (k key) example() string {
	if k.Default != "" {
		return fmt.Sprintf("%s = %q", k.Name, k.Default)
	}
	return fmt.Sprintf("%s = %q", k.Name, "…")
}

// word takes an identifier: DingTalk's ids are printable ASCII.
func (in input) word(to *string) *fault {
	if !printable(in.text()) {
		return &fault{Malformed, "holds characters that DingTalk's ids never have", "copy it again, without spaces"}
	}
	*to = in.text()
	return nil
}

func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// duration takes words such as 72h, 30d or 1d12h. Bare numbers, zero and
// negative numbers are refused: everywhere else one of them once meant
// «without limit» to one reader and «off» to another (ubuntu/aad-auth #42).
func (in input) duration(to *time.Duration) *fault {
	wrong := &fault{Malformed, "is no duration", "write whole numbers with their units d, h, m or s, as 72h or 30d" + noneOrForEver}
	var total time.Duration
	rest := in.text()
	for rest != "" {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, ok := number(rest[:digits])
		if !ok || digits == len(rest) {
			return wrong
		}
		unit := units[rest[digits]]
		if unit == 0 || time.Duration(n) > longest/unit {
			return wrong
		}
		if total += time.Duration(n) * unit; total > longest {
			return wrong
		}
		rest = rest[digits+1:]
	}
	if total == 0 {
		return wrong
	}
	*to = total
	return nil
}

const noneOrForEver = "; no value means «none» or «for ever» (offline = \"deny\" switches offline use off)"

var units = map[byte]time.Duration{'d': 24 * time.Hour, 'h': time.Hour, 'm': time.Minute, 's': time.Second}

// longest is more than any company keeps anybody, and far from what would
// overflow a time.
const longest = 100 * 365 * 24 * time.Hour

// count takes a whole number of at least one.
func (in input) count(to *int) *fault {
	n, ok := number(in.text())
	if !ok || n == 0 {
		return &fault{Malformed, "is no number of at least 1", "write a whole number" + noneOrForEver}
	}
	*to = n
	return nil
}

// number reads decimal digits and nothing else.
func number(text string) (int, bool) {
	if text == "" {
		return 0, false
	}
	n := 0
	for _, r := range text {
		if r < '0' || r > '9' || n > math.MaxInt32/10-1 {
			return 0, false
		}
		n = n*10 + int(r-'0')
	}
	return n, true
}
