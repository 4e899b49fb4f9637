package offline_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
)

func TestAPINIsSetOnlyRightAfterASignInWithDingTalk(t *testing.T) {
	t.Parallel()
	var now time.Time
	fresh := func(k *kiosk) *offline.Grant { return k.Granted(k.store.person(nil)) }
	tests := []struct {
		name  string
		grant func(*kiosk) *offline.Grant
		want  offline.Reason
	}{
		{"at once", fresh, ""},
		{"at the end of the window", func(k *kiosk) *offline.Grant { k.clock.pass(5 * time.Minute); return fresh(k) }, ""},
		{"after the window", func(k *kiosk) *offline.Grant { g := fresh(k); k.clock.pass(5*time.Minute + 1); return g }, offline.NotNow},
		{"granted for an old record", func(k *kiosk) *offline.Grant { k.clock.pass(time.Hour); return fresh(k) }, offline.NotNow},
		{"no grant", func(*kiosk) *offline.Grant { return nil }, offline.NotNow},
		{"a grant that was made up", func(*kiosk) *offline.Grant { return new(offline.Grant) }, offline.NotNow},
		{"a grant of another process", func(k *kiosk) *offline.Grant { g := fresh(k); k.restart(); return g }, offline.NotNow},
		{"a clock that was set back", func(k *kiosk) *offline.Grant {
			k.clock.set(func(m *identity.Moment) { m.Trust = identity.Behind })
			return fresh(k)
		}, offline.NotNow},
		{"verified in the future", func(k *kiosk) *offline.Grant {
			return k.Granted(k.store.person(func(r *identity.Record) { r.VerifiedAt = noon.Add(time.Hour) }))
		}, offline.NotNow},
		{"somebody who was refused", func(k *kiosk) *offline.Grant {
			return k.Granted(k.store.person(func(r *identity.Record) { r.Refused = identity.Gone }))
		}, offline.NotNow},
		{"the wall clock stands still, the other one does not", func(k *kiosk) *offline.Grant {
			now = noon
			k.options.Now = func() time.Time { return now }
			k.restart()
			g := fresh(k)
			now = noon.Add(5*time.Minute + 1)
			return g
		}, offline.NotNow},
		{"where offline is off", func(k *kiosk) *offline.Grant {
			k.options.Policy.Offline = false
			k.restart()
			return fresh(k)
		}, offline.NotNow},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { // one after another: they share now
			k := newKiosk(t)
			grant := test.grant(k)
			k.Cheap()
			before := k.store.pins[zhang]
			reason, err := k.Enrol(t.Context(), grant, secret.New("730264"))
			if reason != test.want || err != nil {
				t.Errorf("%q, %v; want %q", reason, err, test.want)
			}
			if changed := !bytes.Equal(before, k.store.pins[zhang]); changed != (test.want == "") {
				t.Errorf("the PIN was changed: %v", changed)
			}
		})
	}
}

func TestAWeakPINIsNotTaken(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	grant := k.Granted(k.store.person(nil))
	for pin, want := range map[string]offline.Reason{
		"123456": offline.Sequence, "900512": offline.Date, "000011": offline.OwnNumber, "12345": offline.TooShort,
	} {
		if reason, err := k.Enrol(t.Context(), grant, secret.New(pin)); reason != want || err != nil {
			t.Errorf("%s: %q, %v; want %q", pin, reason, err, want)
		}
	}
	k.want(t, "A007", pin, "")
}

func TestTheNewPINReplacesTheOldOne(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	k.enrol(t, k.store.person(nil), "730264")
	k.want(t, "A007", pin, offline.WrongPIN)
	k.want(t, "A007", "730264", "")
	if ok, err := k.Enrolled(t.Context(), zhang); !ok || err != nil {
		t.Errorf("enrolled %v, %v", ok, err)
	}
	for range 2 {
		if err := k.Drop(t.Context(), zhang); err != nil {
			t.Fatal(err)
		}
	}
	if ok, err := k.Enrolled(t.Context(), zhang); ok || err != nil {
		t.Errorf("enrolled after dropping: %v, %v", ok, err)
	}
}

// RushB-fr/freekiosk #200: a store that says yes and keeps nothing.
func TestAPINThatWasNotKeptIsAnError(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	k.options.Store = forgetful{k.store}
	k.restart()
	k.Cheap()
	reason, err := k.Enrol(t.Context(), k.Granted(k.store.person(nil)), secret.New("730264"))
	if login.CodeOf(err) != login.StoreUnavailable || !errors.Is(err, offline.ErrDamaged) || reason != "" {
		t.Errorf("%q, %v", reason, err)
	}
}

type forgetful struct{ *memory }

func (forgetful) ChangePIN(context.Context, identity.Who, signlog.Event, func([]byte) []byte) error {
	return nil
}
