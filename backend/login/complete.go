package login

import (
	"context"
	"crypto/subtle"
	"errors"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
)

// Callback is what DingTalk's redirect carried, as far as a sign-in cares.
type Callback struct {
	State  string
	Code   secret.Text // authCode, or code; empty when Denied
	Denied bool        // the redirect carried error= in place of a code
}

// Outcome says what became of a callback.
type Outcome int

// The outcomes.
const (
	Ignored  Outcome = iota // no running attempt has that state, or there is no answer in it; nothing changed
	Accepted                // the attempt goes on with this answer
	Repeated                // the same answer again, as a page refresh sends it; nothing changed
	Conflict                // the right state, but another answer than the accepted one; nothing changed
)

// Complete takes DingTalk's answer. It returns at once; what comes of it shows
// in the snapshot.
func (s *Service) Complete(cb Callback) Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.current
	if !a.owns(cb.State) || cb.Code.Empty() && !cb.Denied {
		return Ignored
	}
	if s.snap.Phase != Waiting {
		return a.again(cb)
	}
	if cb.Denied {
		a.denied = true
		s.end(a, Failed, &Error{Code: Denied})
		s.wg.Go(func() { s.noteRefusal(a, identity.Identity{}, Denied) })
		return Accepted
	}
	a.spent = cb.Code
	s.change(Working, func(*Snapshot) {})
	s.wg.Go(func() { s.identify(a) })
	return Accepted
}

// again judges an answer to an attempt that has had one. The state of an
// attempt that expired or was cancelled is worth nothing any more.
func (a *attempt) again(cb Callback) Outcome {
	switch {
	case a.spent.Empty() && !a.denied:
		return Ignored
	case a.denied && cb.Denied:
		return Repeated
	case a.denied || cb.Denied:
		return Conflict
	case subtle.ConstantTimeCompare([]byte(a.spent.Reveal()), []byte(cb.Code.Reveal())) == 1:
		return Repeated
	}
	return Conflict
}

// identify turns the code into a stored identity, or into the reason why not.
func (s *Service) identify(a *attempt) {
	ctx, cancel := context.WithTimeout(a.ctx, s.opts.AnswerWithin)
	defer cancel()
	began := s.opts.Now()
	rec, err := s.ask(ctx, a)
	who := rec.Identity
	switch {
	case err == nil:
		err = s.commit(a, rec)
	case a.ctx.Err() != nil: // replaced or given up while DingTalk was asked
		err = Fail(Cancelled, err)
	}
	s.log.Info("answer", "attempt", a.id, "code", CodeOf(err), "dur_ms", s.opts.Now().Sub(began).Milliseconds())
	if err != nil {
		s.mu.Lock()
		s.end(a, Failed, asError(err))
		s.mu.Unlock()
		s.noteRefusal(a, who, CodeOf(err))
	}
}

// noteRefusal writes down that somebody scanned and was not signed in, once
// they have been told, and who it was as far as that is known. The code says what
// was in the way: DingTalk's no, the network, or the disk here. A code that
// nobody answered, or that was given up here, is no event: a kiosk has hundreds a
// day (SSSD #7981).
func (s *Service) noteRefusal(a *attempt, who identity.Identity, code Code) {
	if code == Cancelled {
		return
	}
	s.note(a.ctx, signlog.Entry{
		ID: a.id, Event: signlog.Refused, Method: signlog.ByQR, Source: signlog.FromDingTalk, Code: string(code),
	}.Of(who))
}

// ask proves that the store can take an identity and then spends the code:
// a code spent for nothing would make the person scan again without knowing
// why. Beside an error stands who it was, as far as that is known.
func (s *Service) ask(ctx context.Context, a *attempt) (identity.Record, error) {
	if err := s.opts.Store.Ready(ctx); err != nil {
		return identity.Record{}, err
	}
	memory := &memory{store: s.opts.Store}
	id, err := s.opts.Provider.Identify(ctx, a.spent, memory.userID)
	if err != nil {
		s.refused(ctx, memory.met, RefusalOf(err))
		return identity.Record{Identity: memory.met}, err
	}
	return s.signedIn(id), nil
}

// errDropped ends the work of an attempt that is no longer the running one.
var errDropped = errors.New("a newer attempt has taken over")

// commit stores the identity and announces it, unless the attempt was dropped.
func (s *Service) commit(a *attempt, rec identity.Record) error {
	if err := s.lockSettled(a.ctx); err != nil {
		return err
	}
	if s.current != a || a.finished {
		s.mu.Unlock()
		return Fail(Cancelled, errDropped)
	}
	release := s.hold()
	shown := a.shown
	s.mu.Unlock()

	// Not the attempt's context: a commit that has begun is carried through.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.ctx), s.opts.AnswerWithin)
	defer cancel()
	err := s.opts.Store.Keep(ctx, rec)
	if news := s.announce(a, rec, err, release); err == nil && news {
		// What worked is a convenience; a failure to write it down is not the
		// person's problem.
		if err := s.opts.Store.Remember(ctx, rememberedEmbed, string(shown)); err != nil {
			s.log.Warn("remember how DingTalk was shown", "error", err)
		}
	}
	return err
}

// announce tells what the store has answered, and reports whether the way in
// which DingTalk was shown is another than the one that worked before.
func (s *Service) announce(a *attempt, rec identity.Record, err error, release func()) (news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer release()
	if err != nil {
		s.end(a, Failed, asError(err))
		return false
	}
	s.finish(a)
	if s.opts.Offline != nil {
		s.grant = s.opts.Offline.Granted(rec)
	}
	s.change(SignedIn, func(snap *Snapshot) {
		snap.Record, snap.Source, snap.Entered = &rec, FromDingTalk, false
	})
	return s.choose.worked(a.shown)
}

// asError finds the coded error in err, or makes an internal one.
func asError(err error) *Error {
	var coded *Error
	if errors.As(err, &coded) {
		return coded
	}
	return &Error{Code: Internal, Err: err}
}
