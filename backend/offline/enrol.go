package offline

import (
	"bytes"
	"context"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
)

// window is how long after a sign-in with DingTalk a PIN may be set: somebody
// who finds an open session later must not make a way in of their own.
const window = 5 * time.Minute

// Grant allows one person to set a PIN for a few minutes. Only [SignIn.Granted]
// makes one that works, and only in the process in which the person signed in.
// Drop it when they sign out.
type Grant struct {
	by       *SignIn
	person   identity.Identity
	verified time.Time // by trusted time
	made     time.Time // by Options.Now, with its monotonic reading
}

// Granted is for the sign-in with DingTalk that has just been kept, and for
// nothing else. Of a record that is older than the window, of somebody who was
// refused, or at a time that nobody can tell, the grant is never open.
func (s *SignIn) Granted(rec identity.Record) *Grant {
	if rec.Refused != "" || !rec.Identity.Active {
		return &Grant{}
	}
	return &Grant{s, rec.Identity, rec.VerifiedAt, s.Now()}
}

// CanEnrol reports whether the grant is still open. Both clocks must say so: the
// monotonic one stands still while a machine sleeps, the trusted one may be the
// wall clock.
func (s *SignIn) CanEnrol(g *Grant) bool {
	if g == nil || g.by != s || !s.Policy.Offline {
		return false
	}
	at := s.Clock.Now()
	age := at.Now.Sub(g.verified)
	return at.Trust != identity.Behind && age <= window && age >= -ahead && s.Now().Sub(g.made) <= window
}

// Enrol sets the person's PIN, or puts another in its place. The reason says why
// it was not taken. It takes some seconds where it is the first on this device.
func (s *SignIn) Enrol(ctx context.Context, g *Grant, typed secret.Text) (Reason, error) {
	if !s.CanEnrol(g) {
		return NotNow, nil
	}
	if reason := CheckPIN(typed.Reveal(), g.person); reason != "" {
		return reason, nil
	}
	pin, _ := readPIN(typed.Reveal())
	who := g.person.Who()
	text, err := s.record(ctx, who, pin)
	if err != nil {
		return "", err
	}
	if err := s.Store.ChangePIN(ctx, who, signlog.Enrolled, func([]byte) []byte { return text }); err != nil {
		return "", err
	}
	if back, err := s.Store.PIN(ctx, who); err != nil || !bytes.Equal(back, text) {
		return "", unkept(err)
	}
	return "", nil
}

func unkept(err error) error {
	if err != nil {
		return err
	}
	return damaged("PIN")
}

// Drop removes a person's PIN. That there is none is no error.
func (s *SignIn) Drop(ctx context.Context, who identity.Who) error {
	return s.Store.ChangePIN(ctx, who, signlog.Revoked, func([]byte) []byte { return nil })
}

// Enrolled reports whether a person has a PIN.
func (s *SignIn) Enrolled(ctx context.Context, who identity.Who) (bool, error) {
	text, err := s.Store.PIN(ctx, who)
	return text != nil, err
}

// record makes what is kept of a PIN, with the current key and the device's
// cost.
func (s *SignIn) record(ctx context.Context, who identity.Who, pin string) ([]byte, error) {
	cost, err := s.settleCost(ctx)
	if err != nil {
		return nil, err
	}
	r := record{cost: cost, key: s.Peppers.Current()}
	password, err := s.password(r.key, who, pin)
	if err != nil {
		return nil, err
	}
	if err := s.hasher.make(ctx, &r, password); err != nil {
		return nil, err
	}
	key, err := s.Peppers.Key(r.key)
	if err != nil {
		return nil, err
	}
	return r.encode(who, key), nil
}

// password is what is hashed in the place of a PIN: see [record].
func (s *SignIn) password(keyID string, who identity.Who, pin string) ([]byte, error) {
	key, err := s.Peppers.Key(keyID)
	if err != nil {
		return nil, err
	}
	return keyed(key, "pin", who.CorpID, who.UserID, pin), nil
}

// rekey keeps a PIN with the current key that was kept with an older one, which
// can be done only while the PIN is known. It gives way to a change of the PIN
// elsewhere, and to whatever else is in its way: who knows the PIN comes in, and
// the next time tries again. The key of before stays for as long as the PIN is
// kept with it.
func (s *SignIn) rekey(ctx context.Context, who caller, kept record, pin string) {
	if kept.key == s.Peppers.Current() {
		return
	}
	old, err := s.Peppers.Key(kept.key)
	if err != nil {
		return
	}
	was := kept.encode(who.subject.Who, old)
	is, err := s.record(ctx, who.subject.Who, pin)
	if err != nil {
		return
	}
	_ = s.Store.ChangePIN(ctx, who.subject.Who, "", func(now []byte) []byte {
		if bytes.Equal(now, was) {
			return is
		}
		return now
	})
}

// costKey is what the device's cost is remembered under. It is no secret, and an
// edited one stays within the limits.
const costKey = "pin_cost"

// deviceCost is the cost of this device's hashes, the least where none was
// settled.
func (s *SignIn) deviceCost(ctx context.Context) (c Cost, settled bool, err error) {
	text, _, err := s.Store.Recall(ctx, costKey)
	if err != nil {
		return Cost{}, false, err
	}
	if c, settled = parseCost(text); settled {
		return c, true, nil
	}
	return leastCost, false, nil
}

// settleCost measures the machine before the first PIN is set on it. One cost for
// all records, so that the work of a hash does not tell whose it is.
func (s *SignIn) settleCost(ctx context.Context) (Cost, error) {
	c, settled, err := s.deviceCost(ctx)
	if err != nil || settled {
		return c, err
	}
	if c, err = s.hasher.calibrated(ctx); err != nil {
		return Cost{}, err
	}
	return c, s.Store.Remember(ctx, costKey, c.String())
}
