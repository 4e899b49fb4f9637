package offline_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/offline"
)

// FuzzTyped asks of anything that a scanner may type: no panic, and what is read
// as a badge is written again as the same digits.
func FuzzTyped(f *testing.F) {
	digits := offline.BadgeText(bytes.Repeat([]byte{7}, 10), bytes.Repeat([]byte{9}, 16)).Reveal()
	f.Add(digits + "\r\n")
	f.Add("34641" + strings.Repeat("9", 63))
	for _, row := range offline.NumberRows() {
		f.Add(strings.ToUpper(undoTo(digits, row)))
	}
	f.Fuzz(func(t *testing.T, typed string) {
		id, tag, ok := offline.ParseBadge(typed)
		if !ok {
			return
		}
		again, againTag, ok := offline.ParseBadge(offline.BadgeText(id, tag).Reveal())
		if !ok || !bytes.Equal(id, again) || !bytes.Equal(tag, againTag) {
			t.Errorf("%q is %x %x, and again %x %x", typed, id, tag, again, againTag)
		}
	})
}

// FuzzToken asks that any id and tag come back, under any layout.
func FuzzToken(f *testing.F) {
	f.Add(make([]byte, 26), 0)
	f.Add(bytes.Repeat([]byte{0xff}, 26), 3)
	f.Fuzz(func(t *testing.T, both []byte, layout int) {
		if len(both) != 26 || layout < 0 || layout >= len(offline.NumberRows()) {
			return
		}
		typed := undoTo(offline.BadgeText(both[:10], both[10:]).Reveal(), offline.NumberRows()[layout])
		id, tag, ok := offline.ParseBadge(typed)
		if !ok || !bytes.Equal(append(bytes.Clone(id), tag...), both) {
			t.Errorf("%x is typed as %q and read as %x %x, %v", both, typed, id, tag, ok)
		}
	})
}

// FuzzRecord asks of anything that may be kept of a PIN: no panic, and nothing is
// taken that was not sealed.
func FuzzRecord(f *testing.F) {
	f.Add([]byte{1})
	f.Add(bytes.Repeat([]byte{1}, 91))
	f.Fuzz(func(t *testing.T, kept []byte) {
		if offline.ParseRecord(kept, zhang, keys{"a"}) == nil {
			t.Errorf("%x was taken", kept)
		}
	})
}

// FuzzPIN asks of any PIN and person: no panic, and only digits are taken.
func FuzzPIN(f *testing.F) {
	f.Add("482915", "A007", "13900001111")
	f.Fuzz(func(t *testing.T, pin, job, mobile string) {
		if offline.CheckPIN(pin, identity.Identity{JobNo: job, Mobile: mobile}) != "" {
			return
		}
		for _, r := range pin {
			if (r < '0' || r > '9') && (r < '０' || r > '９') {
				t.Errorf("%q was taken", pin)
			}
		}
	})
}
