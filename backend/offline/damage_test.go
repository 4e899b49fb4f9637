package offline_test

import (
	"bytes"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// canonical/authd: a password file that was cut made the check panic. Whatever
// becomes of what is kept of a PIN, the answer is a typed error, and the try is
// not counted, because the person did nothing wrong.
func TestAnythingCutOrFlippedInAPINIsATypedError(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	computed := k.Cheap()
	whole := k.store.pins[zhang]
	try := func(kept []byte) {
		t.Helper()
		k.store.pins[zhang] = kept
		r, err := k.ByPIN(t.Context(), "A007", secret.New(pin))
		if code := login.CodeOf(err); r.Allowed() || code != login.StoreUnavailable && code != login.KeyUnavailable || login.DetailOf(err) == "" {
			t.Fatalf("%d bytes, %x: %+v, %v", len(kept), kept, r, err)
		}
	}
	for n := range whole {
		try(append([]byte{}, whole[:n]...))
		for bit := range 8 {
			flipped := bytes.Clone(whole)
			flipped[n] ^= 1 << bit
			try(flipped)
		}
	}
	try(append(bytes.Clone(whole), 0))
	try(append(bytes.Clone(whole), whole...))
	k.store.pins[zhang] = whole
	if lock, err := k.Lock(t.Context(), zhang); err != nil || lock.Left != 10 || computed.Load() != 0 {
		t.Errorf("lock %+v, %v; %d hashes", lock, err, computed.Load())
	}
	k.want(t, "A007", pin, "")
}

// What a badge's digits become, cut or changed, lets nobody in.
func TestAnythingCutOrChangedInABadgeLetsNobodyIn(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	_, text := k.issue(t)
	whole := text.Reveal()
	try := func(typed string) {
		t.Helper()
		if r, err := k.ByBadge(t.Context(), secret.New(typed)); err != nil || r.Refused != "bad_badge" || r.Allowed() {
			t.Fatalf("%s: %+v, %v", typed, r, err)
		}
	}
	for n := range whole {
		try(whole[:n])
		try(whole[n+1:])
		for digit := byte('0'); digit <= '9'; digit++ {
			if changed := []byte(whole); changed[n] != digit {
				changed[n] = digit
				try(string(changed))
			}
		}
	}
	try(whole + "0")
	try(whole + whole)
}
