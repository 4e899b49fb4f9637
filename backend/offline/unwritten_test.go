package offline_test

import (
	"errors"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
)

// canonical/authd #1182: a disk that takes no writes is no reason to refuse
// people, and it is no way to more tries.
func TestWhereNothingCanBeWrittenThereAreThreeWrongPINsInAll(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	computed := k.Cheap()
	k.store.full = login.Fail(login.StoreUnavailable, errors.New("disk is full"))
	wrong := func(number string, left int) {
		t.Helper()
		if r := k.want(t, number, "000000", offline.WrongPIN); r.Left != left || !r.RetryAt.IsZero() {
			t.Errorf("%s: %+v, want %d left", number, r, left)
		}
	}
	wrong("A007", 2)
	wrong("nobody", 1)
	for range 3 { // who knows it takes back their own try, and nobody else's
		k.want(t, "A007", pin, "")
	}
	wrong("nobody", 0)
	computed.Store(0)
	for _, number := range []string{"A007", "nobody", ""} {
		r, err := k.ByPIN(t.Context(), number, secret.New(pin))
		if login.CodeOf(err) != login.StoreUnavailable || r.Allowed() || computed.Load() != 0 {
			t.Errorf("%q after three: %+v, %v, %d hashes", number, r, err, computed.Load())
		}
	}
	k.store.full = nil
	if got := k.store.counts[offline.Subject{Who: zhang}]; got.Failed != 1 || got.Uses != 3 || k.store.device.Failed != 3 {
		t.Errorf("counted: %+v, device %+v", got, k.store.device)
	}
	k.want(t, "A007", pin, "")
}

// Wrong PINs of before count among the three, somebody's own and all people's.
func TestWhereNothingCanBeWrittenWrongPINsOfBeforeCount(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*memory){
		"the person's": func(m *memory) { m.counts[offline.Subject{Who: zhang}] = offline.Tally{Failed: 3} },
		"the device's": func(m *memory) { m.device = offline.Tally{Failed: 3} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKiosk(t)
			k.store.full = login.Fail(login.StoreUnavailable, errors.New("disk is full"))
			set(k.store)
			if r, err := k.ByPIN(t.Context(), "A007", secret.New(pin)); login.CodeOf(err) != login.StoreUnavailable || r.Pass != nil {
				t.Errorf("%+v, %v", r, err)
			}
			_, text := k.issue(t)
			k.scan(t, text.Reveal(), "") // a badge cannot be guessed
		})
	}
}

// A key was rotated, and the PIN cannot be kept with the new one yet.
func TestWhoKnowsThePINComesInAlsoWhereItCannotBeKeptAnew(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	k.options.Peppers = keys{"n", "a"}
	k.restart()
	k.Cheap()
	k.store.full = login.Fail(login.StoreUnavailable, errors.New("disk is full"))
	k.want(t, "A007", pin, "")
	k.store.full = nil
	k.want(t, "A007", pin, "")
	if id, err := offline.KeyOf(k.store.pins[zhang], zhang, keys{"n"}); id != "n" || err != nil {
		t.Errorf("kept with key %q, %v", id, err)
	}
}
