package offline

import (
	"strings"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
)

// The length of a PIN, in digits.
const (
	shortest = 6
	longest  = 64 // more is a mistake, and bounds the work of looking at it
)

// CheckPIN says why somebody may not have this PIN; "" where they may. Digits
// may be full-width, as an input method writes them.
func CheckPIN(pin string, who identity.Identity) Reason {
	pin, reason := readPIN(pin)
	switch {
	case reason != "":
		return reason
	case ofPerson(pin, who):
		return OwnNumber
	case repeats(pin):
		return Repeated
	case isSequence(pin):
		return Sequence
	case isDate(pin):
		return Date
	}
	return ""
}

// readPIN reads what was typed as a PIN.
func readPIN(typed string) (pin string, reason Reason) {
	pin = narrow(typed)
	switch {
	case strings.Trim(pin, "0123456789") != "":
		return "", NotDigits
	case len(pin) < shortest:
		return "", TooShort
	case len(pin) > longest:
		return "", TooLong
	}
	return pin, ""
}

// ofPerson reports a PIN that holds one of the person's numbers, or is a part of
// one. Less than three digits of a number say nothing.
func ofPerson(pin string, who identity.Identity) bool {
	for _, known := range []string{who.JobNo, who.Mobile, who.State + who.Mobile, who.UserID} {
		number := onlyDigits(known)
		if len(number) >= 3 && (strings.Contains(pin, number) || strings.Contains(number, pin)) {
			return true
		}
	}
	return false
}

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, narrow(text))
}

// repeats reports a block that comes again and again, also cut off at the end
// (121212, 4824824), one that is mirrored (482284), and a PIN of two digits only
// (112122).
func repeats(pin string) bool {
	for n := 1; n <= len(pin)/2; n++ {
		if pin[n:] == pin[:len(pin)-n] {
			return true
		}
	}
	mirrored, different := true, make(map[byte]bool)
	for i := range len(pin) {
		mirrored = mirrored && pin[i] == pin[len(pin)-1-i]
		different[pin[i]] = true
	}
	return mirrored || len(different) < 3
}

// isSequence reports digits a constant step apart, as counting gives (123456,
// 135791 beyond the 9, 987654: himmelblau refuses these too), the same with each
// digit doubled (112233), and halves that each are one, as a line of a keypad
// after another (147258, 123789, 159753).
func isSequence(pin string) bool {
	half := len(pin) / 2
	return steady(pin, 10) || doubled(pin) || steady(pin[:half], straight) && steady(pin[half:], straight)
}

func doubled(pin string) bool {
	var single []byte
	for i := 0; i+1 < len(pin); i += 2 {
		if pin[i] != pin[i+1] {
			return false
		}
		single = append(single, pin[i])
	}
	return len(pin)%2 == 0 && steady(string(single), 10)
}

// straight is for steady a number that no digits reach.
const straight = 100

// steady reports digits a constant step apart, counted round a number.
func steady(digits string, round int) bool {
	for i := 2; i < len(digits); i++ {
		if (int(digits[i])-int(digits[i-1])-int(digits[1])+int(digits[0]))%round != 0 {
			return false
		}
	}
	return true
}

// dates are the usual orders. A year of two digits is read as one of 2000 and
// after, where it is a leap year more often than not: 290200 is a date.
var dates = []string{
	"20060102", "02012006", "01022006",
	"060102", "020106", "010206",
	"200601", "012006",
}

// isDate reports a date in any usual order; where it has a year of four digits,
// one that somebody alive would choose.
func isDate(pin string) bool {
	for _, layout := range dates {
		if len(layout) != len(pin) {
			continue
		}
		day, err := time.Parse(layout, pin)
		if err == nil && day.Year() >= 1900 && day.Year() < 2100 {
			return true
		}
	}
	return false
}
