package offline_test

import (
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/offline"
)

func TestCheckPIN(t *testing.T) {
	t.Parallel()
	who := identity.Identity{UserID: "manager4226", JobNo: "A-0719", Mobile: "13900728415", State: "86"}
	tests := []struct {
		name, pin string
		want      offline.Reason
	}{
		{"six digits of no pattern", "482915", ""},
		{"a nought in front", "048291", ""},
		{"full-width digits of an input method", "４８２９１５", ""},
		{"seven digits of no pattern", "4829153", ""},
		{"as long as may be", strings.Repeat("4829153706", 6) + "4829", offline.Repeated},
		{"too many", strings.Repeat("4", 65), offline.TooLong},
		{"five digits", "48291", offline.TooShort},
		{"none", "", offline.TooShort},
		{"a letter", "48291a", offline.NotDigits},
		{"a space", "482 915", offline.NotDigits},
		{"digits of another script", "٤٨٢٩١٥", offline.NotDigits},
		{"a minus", "-48291", offline.NotDigits},

		// himmelblau refuses 111111, 123456 and 135791.
		{"one digit", "111111", offline.Repeated},
		{"a pair again and again", "484848", offline.Repeated},
		{"a block twice", "482482", offline.Repeated},
		{"a block cut off", "4824824", offline.Repeated},
		{"mirrored", "482284", offline.Repeated},
		{"two digits only", "484448", offline.Repeated},
		{"counting up", "123456", offline.Sequence},
		{"counting up through nought", "789012", offline.Sequence},
		{"counting down", "987654", offline.Sequence},
		{"a step of two", "135791", offline.Sequence},
		{"a step of three", "036925", offline.Sequence},
		{"each twice", "112233", offline.Sequence},
		{"columns of a keypad", "147258", offline.Sequence},
		{"rows of a keypad", "123789", offline.Sequence},
		{"diagonals of a keypad", "159753", offline.Sequence},
		{"halves that count beyond the 9", "482975", ""},
		{"up and again", "12345670", ""},

		{"a day, year first", "900512", offline.Date},
		{"a day, day first", "251290", offline.Date},
		{"a day, month first", "122590", offline.Date},
		{"a leap day", "290296", offline.Date},
		{"no day of any month", "310290", ""},
		{"a year and a month", "199005", offline.Date},
		{"a month and a year", "051990", offline.Date},
		{"a whole day, year first", "19900512", offline.Date},
		{"a whole day, day first", "25121990", offline.Date},
		{"a whole day, month first", "12251990", offline.Date},
		{"a year of nobody alive", "17900512", ""},

		{"the job number inside", "480719", offline.OwnNumber},
		{"the user id inside", "842263", offline.OwnNumber},
		{"a part of the mobile number", "728415", offline.OwnNumber},
		{"the mobile number", "13900728415", offline.OwnNumber},
		{"the mobile number with its country", "8613900728415", offline.OwnNumber},
		{"the mobile number and more", "139007284155", offline.OwnNumber},
		{"another's mobile number", "728416", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := offline.CheckPIN(test.pin, who); got != test.want {
				t.Errorf("%q: %q, want %q", test.pin, got, test.want)
			}
		})
	}
}

func TestAPersonWithoutNumbersMayHaveAnyGoodPIN(t *testing.T) {
	t.Parallel()
	for _, job := range []string{"", "A7", "工号"} {
		if got := offline.CheckPIN("482917", identity.Identity{JobNo: job, UserID: "zhang"}); got != "" {
			t.Errorf("job number %q: %q", job, got)
		}
	}
}

// Rules that leave too little are worse than none.
func TestMostPINsAreAllowed(t *testing.T) {
	t.Parallel()
	allowed := 0
	const step = 7
	for n := 0; n < 1_000_000; n += step {
		if offline.CheckPIN(sixDigits(n), identity.Identity{}) == "" {
			allowed++
		}
	}
	if share := float64(allowed*step) / 1_000_000; share < 0.85 {
		t.Errorf("%.3f of all PINs of six digits are allowed", share)
	}
}
