package login

import (
	"context"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
)

const (
	// lookEvery is how often it is looked whether somebody is due: a timer for
	// half a day stands still while a laptop sleeps.
	lookEvery = 5 * time.Minute

	// askAgain is the pause after DingTalk could not tell; each is twice as long
	// as the one before, up to lookEvery.
	askAgain = time.Minute
)

// keepFresh asks DingTalk about the person who is shown, without them: once at
// the start, and then whenever its last answer is older than Options.Refresh,
// while DingTalk can be reached. Nobody waits for it (canonical/authd asks at
// each sign-in whether the person is still there; here the session may last for
// days).
func (s *Service) keepFresh(provider Rechecker) {
	wait, again := time.Duration(0), askAgain
	for told := false; s.untilReachable(wait); {
		wait = lookEvery
		shown := s.due(!told)
		if told = shown == nil || s.recheck(provider, shown); told {
			again = askAgain
			continue
		}
		wait, again = again, min(2*again, lookEvery)
	}
}

// untilReachable waits so long, and then for DingTalk to be in reach. It
// reports false when the service is closed.
func (s *Service) untilReachable(wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
		return false
	}
	for s.opts.Network != nil {
		changed := s.opts.Network.Changed() // before it is looked, so that nothing is missed
		if state := s.opts.Network.Reach().State; state == Online || state == Shaky {
			return true
		}
		select {
		case <-changed:
		case <-s.ctx.Done():
			return false
		}
	}
	return true
}

// due is the person to ask about; nil where there is none. Who was refused has
// to sign in themselves.
func (s *Service) due(always bool) *identity.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	shown := s.snap.Record
	if shown == nil || shown.Refused != "" || s.snap.Phase.Running() {
		return nil
	}
	age := s.opts.Clock().Now.Sub(shown.VerifiedAt)
	if !always && 0 <= age && age < s.opts.Refresh {
		return nil
	}
	return shown
}

// recheck asks, and writes down what was said. It reports false when nothing
// could be told.
func (s *Service) recheck(provider Rechecker, shown *identity.Record) (told bool) {
	ctx, cancel := context.WithTimeout(s.ctx, s.opts.AnswerWithin)
	defer cancel()
	id, err := provider.Recheck(ctx, shown.Identity)
	rec := *shown
	if rec.Refused = RefusalOf(err); err == nil {
		rec = s.signedIn(id)
	}
	s.log.Info("recheck", "code", CodeOf(err), "error", err)
	if err != nil && rec.Refused == "" {
		return false
	}
	s.conclude(shown, rec)
	return true
}

// conclude writes down what DingTalk said of the person and shows it, unless
// there is something newer to show. A refusal that cannot be written down holds
// here all the same.
func (s *Service) conclude(asked *identity.Record, rec identity.Record) {
	if s.lockSettled(s.ctx) != nil {
		return // closed
	}
	if s.snap.Record != asked || s.snap.Phase.Running() {
		s.mu.Unlock()
		return
	}
	release := s.hold()
	s.mu.Unlock()

	s.write(s.ctx, rec)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer release()
	if s.snap.Phase == SignedIn {
		s.change(SignedIn, func(snap *Snapshot) { snap.Record = &rec })
	} else {
		s.snap.Record = &rec // behind the last attempt's end; the next change tells it
	}
}

// write keeps what DingTalk said of a person, as it was said: carried through
// when its caller goes away.
func (s *Service) write(ctx context.Context, rec identity.Record) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opts.AnswerWithin)
	defer cancel()
	var err error
	if rec.Refused != "" {
		err = s.opts.Store.Refuse(ctx, rec.Identity, rec.Refused)
	} else {
		err = s.opts.Store.Renew(ctx, rec)
	}
	if err != nil {
		s.log.Warn("keep what DingTalk said of a person", "refused", rec.Refused, "error", err)
	}
}

// memory is the store's, for one sign-in: who was met there and is refused
// stays refused, also offline.
type memory struct {
	store Store
	met   identity.Identity // without a user id where the person is not known
}

func (m *memory) userID(ctx context.Context, corpID, unionID string) (string, bool) {
	userID, ok := m.store.UserID(ctx, corpID, unionID)
	if ok {
		m.met = identity.Identity{CorpID: corpID, UserID: userID, UnionID: unionID}
	}
	return userID, ok
}

// refused takes note of what a sign-in has found out about somebody we know.
func (s *Service) refused(ctx context.Context, who identity.Identity, reason identity.Reason) {
	if who.UserID == "" || reason == "" {
		return
	}
	s.write(ctx, identity.Record{Identity: who, Refused: reason})
	s.mu.Lock()
	defer s.mu.Unlock()
	if shown := s.snap.Record; shown != nil && shown.Identity.CorpID == who.CorpID && shown.Identity.UserID == who.UserID {
		rec := *shown
		rec.Refused = reason
		s.snap.Record = &rec // the attempt is about to end, which tells it
	}
}
