package offline

import (
	"cmp"
	"context"
	"crypto/rand"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
)

// Subject is whom a try counts against: a person, or a typed job number that is
// nobody's. The latter is counted and locked like a person, so that the locks do
// not tell the two apart.
type Subject struct {
	Who       identity.Who
	JobNumber string // only where Who is nobody
}

// Store keeps what sign-in by PIN and badge needs. What a method wrote is on disk
// when it returns nil, but for what Tries and Enter hold in memory where nothing
// can be written; errors are *login.Error.
type Store interface {
	// ByJobNumber finds a person by a job number as [JobNumber] makes it, the
	// person who signed in last by an empty one. ok is false where it is nobody's,
	// or more than one person's.
	ByJobNumber(ctx context.Context, number string) (rec identity.Record, ok bool, err error)

	// ByWho finds a person.
	ByWho(ctx context.Context, who identity.Who) (rec identity.Record, ok bool, err error)

	// Tries puts what change makes of the counts in their place, in one step for
	// all processes. Where nothing can be written, change is asked once more, with
	// Tallies.Unwritten, and what it adds is held in memory until it can be.
	Tries(ctx context.Context, of Subject, change func(*Tallies)) error

	// Enter does that for a person who is about to come in, and where change
	// agrees, makes them the current one and notes in the sign-in log how they
	// came, all in the same step. Somebody who is not known any more is
	// not_signed_in.
	Enter(ctx context.Context, who identity.Who, by signlog.Method, change func(identity.Record, *Tallies) (in bool)) error

	// Tallies are the counts as they are now, for who only shows them.
	Tallies(ctx context.Context, of Subject) (Tallies, error)

	// PIN is what is kept of a person's PIN; nil where there is none.
	PIN(ctx context.Context, who identity.Who) ([]byte, error)

	// ChangePIN puts what change makes of it in its place, and into the sign-in log
	// what event that is ("" for none), in one step for all processes; nil removes
	// it. The person must be known.
	ChangePIN(ctx context.Context, who identity.Who, event signlog.Event, change func(old []byte) []byte) error

	// Recall and Remember keep a fact about this machine.
	Recall(ctx context.Context, key string) (value string, ok bool, err error)
	Remember(ctx context.Context, key, value string) error
}

// Clock tells trusted time, and notes that it was relied on. Package clock has one.
type Clock interface {
	Now() identity.Moment
	Relied(ctx context.Context, on identity.Moment)
}

// Options are what [New] needs; all but Stale and Now.
type Options struct {
	Store   Store
	Badges  *Badges
	Peppers Keys // what a PIN is keyed with
	Clock   Clock
	Policy  identity.Policy

	// Stale reports whether what is kept of a person, counts and PIN, may be of
	// an older copy of the database; nil = it never is.
	Stale func(ctx context.Context, rec identity.Record) bool

	Now func() time.Time // default time.Now; measures how long ago a sign-in was
}

// SignIn lets people in by PIN and badge. Share one in a process: it computes one
// hash at a time. Its options do not change after New, and its methods may be
// called from several goroutines.
type SignIn struct {
	Options
	hasher *hasher
}

// New makes a SignIn.
func New(o Options) *SignIn {
	if o.Stale == nil {
		o.Stale = func(context.Context, identity.Record) bool { return false }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &SignIn{o, newHasher()}
}

// Result says whether somebody may come in, and whether they did. Errors are for
// what could not be decided.
type Result struct {
	// Refused is why nobody is let in; "" where somebody may be. It may be a
	// reason of package identity's.
	Refused Reason

	// Pass is the leave to come in, of who may; nobody is in before
	// [SignIn.Enter] has taken it.
	Pass *Pass

	// Person and Verdict are of who was let in.
	Person  identity.Record
	Verdict identity.Verdict

	// Tried is whose PIN or badge it was, as far as that is known: for the
	// sign-in log, and for nobody at the screen.
	Tried identity.Identity

	Left    int       // wrong PINs until they come to an end; 0 for what is no matter of the PIN
	RetryAt time.Time // when another PIN may be tried; zero where it may be now, or time does not help
}

// Allowed reports whether somebody was let in. The zero Result lets nobody in.
func (r Result) Allowed() bool { return r.Refused == "" && r.Verdict.Answer == identity.Allow }

// caller is who is about to come in, or a job number that is nobody's.
type caller struct {
	rec     identity.Record
	subject Subject
}

func (c caller) known() bool { return c.subject.Who != identity.Who{} }

// ByPIN gives a person a pass by job number and PIN; by PIN alone, with an empty
// job number, the person who signed in last. The hash takes up to half a second,
// and is computed once the try is counted; a context that ends before that leaves
// it counted.
func (s *SignIn) ByPIN(ctx context.Context, jobNumber string, typed secret.Text) (Result, error) {
	pin, reason := readPIN(typed.Reveal())
	if reason != "" {
		return Result{Refused: reason}, nil
	}
	jobNumber = JobNumber(jobNumber)
	who, err := s.caller(ctx, jobNumber)
	if err != nil {
		return Result{}, err
	}
	r, err := s.byPIN(ctx, who, jobNumber, pin)
	r.Tried = who.rec.Identity
	return r, err
}

func (s *SignIn) byPIN(ctx context.Context, who caller, jobNumber, pin string) (Result, error) {
	kept, enrolled, err := s.kept(ctx, who)
	if err != nil {
		return Result{}, err
	}
	if jobNumber == "" && !enrolled {
		return Result{Refused: NotEnrolled}, nil
	}
	if who.known() && s.Stale(ctx, who.rec) {
		return Result{Refused: Stale}, nil
	}
	at := s.Clock.Now()
	wrong, err := s.reserve(ctx, who, at)
	if err != nil || wrong.Refused != "" {
		return wrong, err
	}
	return s.try(ctx, who, kept, pin, at, wrong)
}

// try computes the hash of a try that is counted, and gives a pass to who knows
// the PIN.
func (s *SignIn) try(ctx context.Context, who caller, kept record, pin string, at identity.Moment, wrong Result) (Result, error) {
	password, err := s.password(kept.key, who.subject.Who, pin)
	if err != nil {
		return Result{}, err
	}
	right, err := s.hasher.matches(ctx, kept, password)
	if err != nil {
		return Result{}, err
	}
	if !right {
		wrong.Refused = WrongPIN
		return wrong, nil
	}
	s.rekey(ctx, who, kept, pin)
	return Result{Pass: &Pass{who.subject.Who, signlog.ByPIN, at}}, nil
}

// caller finds who a job number is of.
func (s *SignIn) caller(ctx context.Context, jobNumber string) (caller, error) {
	rec, ok, err := s.Store.ByJobNumber(ctx, jobNumber)
	if err != nil {
		return caller{}, err
	}
	if !ok {
		return caller{subject: Subject{JobNumber: jobNumber}}, nil
	}
	return callerOf(rec), nil
}

func callerOf(rec identity.Record) caller {
	return caller{rec, Subject{Who: rec.Identity.Who()}}
}

// kept reads what a PIN is compared with. Where there is no PIN that is
// something no PIN is equal to, of the same cost.
func (s *SignIn) kept(ctx context.Context, who caller) (kept record, enrolled bool, err error) {
	text, err := s.Store.PIN(ctx, who.subject.Who)
	if err != nil {
		return record{}, false, err
	}
	if text != nil {
		kept, err = parseRecord(text, who.subject.Who, s.Peppers)
		return kept, true, err
	}
	kept.key = s.Peppers.Current()
	kept.cost, _, err = s.deviceCost(ctx)
	_, _ = rand.Read(kept.hash[:]) // never fails
	return kept, false, err
}

// reserve counts a try, unless the verdict or a lock forbids it. Without a
// reason, the result is what a wrong PIN leads to.
func (s *SignIn) reserve(ctx context.Context, who caller, at identity.Moment) (r Result, err error) {
	var none error
	err = s.Store.Tries(ctx, who.subject, func(t *Tallies) {
		if v := s.decide(who.rec, t, at); v.Answer != identity.Allow {
			r = Result{Refused: reasonOf(v)}
			return
		}
		if none = t.none(); none != nil {
			return
		}
		lock := t.reserve(at)
		r = Result{Refused: lock.Reason, Left: lock.Left, RetryAt: lock.Until}
	})
	return r, cmp.Or(err, none)
}

// decide asks package identity, with the counts of this moment. A job number
// that is nobody's is treated as a person of whom nothing is to be said.
func (s *SignIn) decide(rec identity.Record, t *Tallies, at identity.Moment) identity.Verdict {
	if rec.Identity.Who() == (identity.Who{}) {
		rec = identity.Record{Identity: identity.Identity{Active: true}, VerifiedAt: at.Now}
	}
	rec.Used = t.used()
	return identity.Decide(rec, s.Policy, at)
}

func reasonOf(v identity.Verdict) Reason {
	if v.Answer == identity.Suspended {
		return Suspended
	}
	return Reason(v.Reason)
}

// Lock tells what wrong PINs have led to for a person, for the screen; for
// nobody, what they have led to for all.
func (s *SignIn) Lock(ctx context.Context, who identity.Who) (Lock, error) {
	t, err := s.Store.Tallies(ctx, Subject{Who: who})
	if err != nil {
		return Lock{}, err
	}
	return t.lock(s.Clock.Now()), nil
}
