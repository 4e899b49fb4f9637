package command

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/vault"
)

// purposed are a ring's keys for one purpose.
type purposed struct {
	ring *ring
	of   vault.Purpose
}

var _ offline.Keys = purposed{}

// Current is the id of the current key, "" where there is none: then [purposed.Key]
// says why.
func (k purposed) Current() string {
	keys, err := k.ring.present()
	if err != nil {
		return ""
	}
	return keys.Current()
}

// Key is the key with this id.
func (k purposed) Key(id string) (secret.Text, error) {
	keys, err := k.ring.present()
	if err != nil {
		return secret.Text{}, err
	}
	return keys.Key(id, k.of)
}

// badges are the database's.
func (db *database) badges() *offline.Badges {
	return &offline.Badges{Store: db.Offline(), Keys: purposed{db.ring, vault.BadgeSigning}, Clock: db.clock}
}

// gate is package offline on a database, as a sign-in needs it.
type gate struct {
	*offline.SignIn
	db      *database
	network login.NetworkState

	suspended atomic.Bool // the clock was found to be set back, and that is written down
}

var _ login.Gate = (*gate)(nil)

func newGate(db *database, policy identity.Policy, network login.NetworkState) *gate {
	return &gate{db: db, network: network, SignIn: offline.New(offline.Options{
		Store: db.Offline(), Badges: db.badges(), Peppers: purposed{db.ring, vault.PINPepper}, Clock: db.clock, Policy: policy,
		Stale: db.stale,
	})}
}

// lookWithin is how long somebody may wait for the first look at the head of
// the sign-in log, which a keychain keeps.
const lookWithin = 2 * time.Second

// stale reports whether what is kept of a person may be of an older copy.
func (db *database) stale(ctx context.Context, rec identity.Record) bool {
	ctx, cancel := context.WithTimeout(ctx, max(lookWithin, db.patience))
	defer cancel()
	return db.Standing(ctx).Distrusts(rec)
}

// ByPIN decides about a PIN.
func (g *gate) ByPIN(ctx context.Context, jobNumber string, pin secret.Text) (login.Decision, error) {
	if locked := g.db.Locked(); locked != nil {
		return login.Decision{}, locked
	}
	r, err := g.SignIn.ByPIN(ctx, jobNumber, pin)
	return g.decision(r), err
}

// ByBadge decides about a badge.
func (g *gate) ByBadge(ctx context.Context, badge secret.Text) (login.Decision, error) {
	if locked := g.db.Locked(); locked != nil {
		return login.Decision{}, locked
	}
	r, err := g.SignIn.ByBadge(ctx, badge)
	return g.decision(r), err
}

// Enter lets in by a pass.
func (g *gate) Enter(ctx context.Context, by login.Pass) (login.Decision, error) {
	pass, _ := by.(*offline.Pass)
	r, err := g.SignIn.Enter(ctx, pass)
	d := g.decision(r)
	if err == nil && r.Allowed() {
		d.Entered = &r.Person
	}
	return d, err
}

func (g *gate) decision(r offline.Result) login.Decision {
	d := login.Decision{Refused: string(r.Refused), Left: r.Left, RetryAt: r.RetryAt, Person: r.Tried, Pass: r.Pass}
	if r.Refused != "" {
		d.Events = g.events(r)
	}
	return d
}

// events are what the sign-in log says of a refusal: each wrong PIN, each lock
// as it falls, and a clock that was set back once. Tries that come to nothing
// because of a lock, and what is no badge of ours, are not written down.
func (g *gate) events(r offline.Result) []signlog.Event {
	known := r.Tried.UserID != ""
	switch r.Refused {
	case offline.WrongPIN:
		if r.Left == 0 || !r.RetryAt.IsZero() {
			return []signlog.Event{signlog.PINFailed, signlog.Locked}
		}
		return []signlog.Event{signlog.PINFailed}
	case offline.Suspended:
		if g.suspended.CompareAndSwap(false, true) {
			return []signlog.Event{signlog.TimeSuspended}
		}
		return nil
	case offline.Locked, offline.HardLocked, offline.DeviceLocked, offline.NotEnrolled, offline.TooShort, offline.TooLong, offline.NotDigits:
		return nil
	}
	if known {
		return []signlog.Event{signlog.Refused}
	}
	return nil
}

// noteTime writes down that nobody can tell the time, once.
func (g *gate) noteTime(ctx context.Context) {
	at := g.db.clock.Now()
	if at.Trust == identity.Behind && g.suspended.CompareAndSwap(false, true) {
		g.db.log.WarnContext(ctx, suspension(at))
		g.db.Note(ctx, signlog.Entry{Event: signlog.TimeSuspended})
	}
}

// Granted is for the sign-in with DingTalk that has just been kept. It shows
// that the time is known again.
func (g *gate) Granted(rec identity.Record) login.Grant {
	g.suspended.Store(false)
	return g.SignIn.Granted(rec)
}

// CanEnrol reports whether a grant is still good.
func (g *gate) CanEnrol(by login.Grant) bool {
	grant, _ := by.(*offline.Grant)
	return g.db.Locked() == nil && g.SignIn.CanEnrol(grant)
}

// Enrol sets a PIN by a grant.
func (g *gate) Enrol(ctx context.Context, by login.Grant, pin secret.Text) (refused string, err error) {
	grant, _ := by.(*offline.Grant)
	reason, err := g.SignIn.Enrol(ctx, grant, pin)
	return string(reason), err
}

// Drop removes a person's PIN.
func (g *gate) Drop(ctx context.Context, who identity.Identity) (had bool, err error) {
	had, err = g.Enrolled(ctx, who.Who())
	if err != nil || !had {
		return false, err
	}
	return true, g.SignIn.Drop(ctx, who.Who())
}

// MayReturn reports whether a person has a PIN or a badge that was not revoked.
// That a badge has expired counts by a clock that DingTalk has set: one in the
// future purges nobody.
func (g *gate) MayReturn(ctx context.Context, who identity.Identity) (bool, error) {
	if locked := g.db.Locked(); locked != nil {
		return false, locked
	}
	if pin, err := g.Enrolled(ctx, who.Who()); pin || err != nil {
		return pin, err
	}
	at := g.db.clock.Now()
	return g.db.Offline().AnyBadge(ctx, who.Who(), func(b offline.Badge) bool {
		return b.Good(at) || b.Revoked.IsZero() && at.Trust != identity.Measured
	})
}

// Standing is what the screen may offer and tell. Nothing is offered that cannot
// be told to work.
func (g *gate) Standing(ctx context.Context, shown *identity.Record) login.OfflineState {
	if g.db.Locked() != nil {
		return login.OfflineState{}
	}
	state, err := g.standing(ctx, shown)
	if err != nil && ctx.Err() == nil {
		g.db.log.WarnContext(ctx, "tell what can be used without DingTalk", "error", err)
	}
	return state
}

func (g *gate) standing(ctx context.Context, shown *identity.Record) (state login.OfflineState, err error) {
	at := g.db.clock.Now()
	var who identity.Who // nobody: the screen is for all
	if shown != nil {
		who = shown.Identity.Who()
		pin, err := g.Enrolled(ctx, who)
		if err != nil {
			return state, err
		}
		state.Enrolled = methods(pin, g.anyBadge(ctx, who, at))
	}
	lock, err := g.Lock(ctx, who)
	if err != nil {
		return state, err
	}
	if !lock.None() {
		state.Lock = &login.OfflineLock{Reason: string(lock.Reason), Until: lock.Until, Left: lock.Left}
	}
	if !g.Policy.Offline || at.Trust == identity.Behind {
		return state, nil
	}
	state.Ways, err = g.ways(ctx, shown, at, state.Enrolled)
	return state, err
}

// anyBadge reports whether there is a good badge, of a person or of anybody. One
// that cannot be read is none, and takes nothing else from the screen.
func (g *gate) anyBadge(ctx context.Context, who identity.Who, at identity.Moment) bool {
	good, err := g.db.Offline().AnyBadge(ctx, who, func(b offline.Badge) bool { return b.Good(at) })
	if err != nil && ctx.Err() == nil {
		g.db.log.WarnContext(ctx, "look for a badge", "error", err)
	}
	return good
}

// ways are what can be used now. While DingTalk can be asked, its QR is the way
// in, but for who is at home here: the person of this device.
func (g *gate) ways(ctx context.Context, shown *identity.Record, at identity.Moment, own []signlog.Method) ([]signlog.Method, error) {
	mayPass := shown != nil && identity.Decide(*shown, g.Policy, at).Answer == identity.Allow
	if g.network.Reach().State != login.Offline {
		if mayPass {
			return own, nil
		}
		return nil, nil
	}
	badges := g.anyBadge(ctx, identity.Who{}, at)
	if shown != nil { // the pad asks for this person's PIN
		return methods(mayPass && slices.Contains(own, signlog.ByPIN), badges), nil
	}
	pins, err := g.db.Offline().AnyPIN(ctx)
	return methods(pins, badges), err
}

func methods(pin, badge bool) (all []signlog.Method) {
	if pin {
		all = append(all, signlog.ByPIN)
	}
	if badge {
		all = append(all, signlog.ByBadge)
	}
	return all
}
