package login

import (
	"context"
	"errors"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
)

// Gate lets people in by PIN and badge, without DingTalk. Its errors are
// [Error]s, and are for what could not be decided.
type Gate interface {
	// ByPIN and ByBadge decide about what was typed. An empty job number is the
	// last person's of this device.
	ByPIN(ctx context.Context, jobNumber string, pin secret.Text) (Decision, error)
	ByBadge(ctx context.Context, badge secret.Text) (Decision, error)

	// Enter lets in by a decision's pass, in one step: the use is counted, the
	// person is the current one, and the sign-in log says how they came; after an
	// error none of it is so. Somebody may be refused after all, by what has
	// happened meanwhile.
	Enter(ctx context.Context, by Pass) (Decision, error)

	// Granted is asked for the sign-in with DingTalk that has just been kept:
	// for a few minutes the person may set a PIN by the grant.
	Granted(rec identity.Record) Grant

	// CanEnrol reports whether a grant is still good; the nil one never is.
	CanEnrol(Grant) bool

	// Enrol sets a PIN. The word says why it was not taken; "" where it was.
	Enrol(ctx context.Context, by Grant, pin secret.Text) (refused string, err error)

	// Drop removes a person's PIN, and reports whether there was one.
	Drop(ctx context.Context, who identity.Identity) (had bool, err error)

	// MayReturn reports whether a person has a PIN or a badge, one that is no good
	// at the moment included.
	MayReturn(ctx context.Context, who identity.Identity) (bool, error)

	// Standing is what the screen may offer, with this person shown; nil = nobody.
	Standing(ctx context.Context, shown *identity.Record) OfflineState
}

// Pass is the leave to come in. What is in it is [Gate]'s own.
type Pass any

// Grant is the leave to set a PIN. What is in it is [Gate]'s own.
type Grant any

// Decision is what came of a PIN or a badge.
type Decision struct {
	// Refused says in a word why nobody was let in; "" where somebody was.
	Refused string
	Left    int       // wrong PINs until only DingTalk helps; 0 for what is no matter of the PIN
	RetryAt time.Time // when another PIN may be tried, by trusted time; zero where it may be now, or time does not help

	Pass    Pass             // the leave to come in, of who may
	Entered *identity.Record // who was let in, with this use; nil while nobody was

	// Person is whose PIN or badge it was as far as that is known, for the
	// sign-in log.
	Person identity.Identity

	// Events are what the sign-in log is to say of a refusal. Most refusals say
	// nothing new: whoever waits at a locked pad must not be able to fill a disk.
	// A signlog.Refused that comes again is counted: see signlog.Entry.Times.
	Events []signlog.Event
}

// OfflineState is what the screen may offer and tell without DingTalk.
type OfflineState struct {
	Ways     []signlog.Method // what can be used now
	Enrolled []signlog.Method // what the person who is shown has
	CanEnrol bool             // they may set a PIN now
	Lock     *OfflineLock     // what wrong PINs have led to; nil = nothing
}

// OfflineLock is what wrong PINs have led to.
type OfflineLock struct {
	Reason string    // why none may be tried, of package offline; "" while one may
	Until  time.Time // when another may be tried, by trusted time; zero where one may now, or time does not help
	Left   int       // wrong PINs until only DingTalk helps
}

// ByPIN signs in whom a PIN lets in. A decision without Refused is in the
// snapshot by then, and whatever attempt was running is over.
func (s *Service) ByPIN(ctx context.Context, jobNumber string, pin secret.Text) (Decision, error) {
	return s.enter(ctx, signlog.ByPIN, func(g Gate) (Decision, error) { return g.ByPIN(ctx, jobNumber, pin) })
}

// ByBadge signs in whom a badge lets in, like ByPIN.
func (s *Service) ByBadge(ctx context.Context, badge secret.Text) (Decision, error) {
	return s.enter(ctx, signlog.ByBadge, func(g Gate) (Decision, error) { return g.ByBadge(ctx, badge) })
}

func (s *Service) enter(ctx context.Context, by signlog.Method, decide func(Gate) (Decision, error)) (Decision, error) {
	if s.opts.Offline == nil {
		return Decision{Refused: string(identity.OfflineOff)}, nil
	}
	d, err := decide(s.opts.Offline)
	if err == nil && d.Refused == "" {
		s.confirm(ctx, d.Person)
		d, err = s.admit(ctx, d.Pass, by)
	}
	if err != nil {
		return Decision{}, err
	}
	for _, event := range d.Events {
		e := signlog.Entry{Event: event, Method: by, Source: signlog.FromCache, Reason: d.Refused}.Of(d.Person)
		if event == signlog.Refused {
			s.noteRefused(ctx, e)
		} else {
			s.note(ctx, e)
		}
	}
	if d.Refused != "" {
		s.log.Info("offline sign-in refused", "method", by, "reason", d.Refused)
	}
	return d, nil
}

// confirm has DingTalk asked about who is about to come in, while it can be: what
// it says against them is written down before they are let in. An answer that
// takes longer counts when it comes; until then the cache's word does.
func (s *Service) confirm(ctx context.Context, who identity.Identity) {
	provider, can := s.opts.Provider.(Rechecker)
	if !can || !s.reachable() {
		return
	}
	rec, err := s.opts.Store.Record(ctx, who.CorpID, who.UserID)
	if err != nil {
		return // whoever cannot be read is not let in either
	}
	s.mu.Lock()
	if s.ctx.Err() != nil {
		s.mu.Unlock()
		return
	}
	answered := make(chan struct{})
	s.wg.Go(func() {
		defer close(answered)
		s.recheck(provider, &rec)
	})
	s.mu.Unlock()
	patience := time.NewTimer(s.opts.ConfirmWithin)
	defer patience.Stop()
	select {
	case <-answered:
	case <-patience.C:
	case <-ctx.Done():
	}
}

// errNobodyEntered is a gate that neither lets in nor refuses.
var errNobodyEntered = errors.New("nobody was let in, and nobody was refused")

// admit lets in by a pass and announces who it is. A running attempt ends without
// a word of its own: whoever follows it hears of the person, and not that nobody
// came.
func (s *Service) admit(ctx context.Context, pass Pass, by signlog.Method) (Decision, error) {
	if err := s.lockSettled(ctx); err != nil {
		return Decision{}, err
	}
	if s.ctx.Err() != nil {
		s.mu.Unlock()
		return Decision{}, Fail(Cancelled, errClosed)
	}
	release := s.hold()
	s.mu.Unlock()

	// Carried through when the page that asked is closed: the use is counted.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opts.AnswerWithin)
	defer cancel()
	d, err := s.opts.Offline.Enter(ctx, pass)

	s.mu.Lock()
	defer s.mu.Unlock()
	defer release()
	if err == nil && d.Entered == nil && d.Refused == "" { // cannot be; nobody comes in by it
		err = Fail(Internal, errNobodyEntered)
	}
	if err != nil || d.Refused != "" {
		return d, err
	}
	if s.snap.Phase.Running() {
		s.finish(s.current)
	}
	s.log.Info("signed in without DingTalk", "method", by)
	s.grant = nil
	s.change(SignedIn, func(snap *Snapshot) {
		*snap = Snapshot{Record: d.Entered, Source: FromCache, Entered: true}
	})
	return d, nil
}

// Enrol sets the PIN of the person who has just signed in with DingTalk. The
// word says why it was not taken; "" where it was.
func (s *Service) Enrol(ctx context.Context, pin secret.Text) (refused string, err error) {
	if s.opts.Offline == nil {
		return string(identity.OfflineOff), nil
	}
	_, grant := s.granted()
	refused, err = s.opts.Offline.Enrol(ctx, grant, pin)
	if err != nil || refused != "" {
		return refused, err
	}
	s.retell()
	return "", nil
}

// Revoke drops the PIN of the person who is signed in. That they have none, or
// that nobody is, is no error.
func (s *Service) Revoke(ctx context.Context) error {
	shown, _ := s.granted()
	if s.opts.Offline == nil || shown == nil {
		return nil
	}
	had, err := s.opts.Offline.Drop(ctx, shown.Identity)
	if err != nil || !had {
		return err
	}
	s.retell()
	return nil
}

// OfflineState is what the screen may offer and tell now.
func (s *Service) OfflineState(ctx context.Context) OfflineState {
	if s.opts.Offline == nil {
		return OfflineState{}
	}
	_, grant := s.granted()
	state := s.opts.Offline.Standing(ctx, s.Snapshot().Record)
	state.CanEnrol = grant != nil && s.opts.Offline.CanEnrol(grant)
	return state
}

// granted is who is signed in, and the leave that they have to set a PIN; nil
// where nobody is.
func (s *Service) granted() (*identity.Record, Grant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.snap.Phase != SignedIn {
		return nil, nil
	}
	return s.snap.Record, s.grant
}

// note writes an event down, also when who caused it has gone away.
func (s *Service) note(ctx context.Context, e signlog.Entry) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opts.AnswerWithin)
	defer cancel()
	s.opts.Store.Note(ctx, e)
}

// retell tells every watcher that there is something new to ask for.
func (s *Service) retell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.snap.Phase == SignedIn {
		s.change(SignedIn, func(*Snapshot) {})
	}
}
