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
		if s.reachable() {
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

// recheck asks about a person, and writes down what was said, whatever is shown
// by then: a no is a no, also to somebody who has signed out meanwhile. It
// reports false when nothing could be told.
func (s *Service) recheck(provider Rechecker, about *identity.Record) (told bool) {
	ctx, cancel := context.WithTimeout(s.ctx, s.opts.AnswerWithin)
	defer cancel()
	asked := s.latest(ctx, *about)
	if asked.Refused != "" { // another process was told
		s.conclude(asked, asked)
		return true
	}
	id, err := provider.Recheck(ctx, asked.Identity)
	said := asked
	if said.Refused = RefusalOf(err); err == nil {
		said = s.signedIn(id)
	}
	s.log.Info("recheck", "code", CodeOf(err), "error", err)
	if err != nil && said.Refused == "" {
		return false
	}
	s.write(s.ctx, said.Refused, func(ctx context.Context) error { return s.opts.Store.Renew(ctx, asked, said) })
	s.conclude(asked, said)
	return true
}

// latest is what is kept of a person, where that is newer: another process may
// have signed them in, and what is said of them is said of that.
func (s *Service) latest(ctx context.Context, rec identity.Record) identity.Record {
	kept, err := s.opts.Store.Record(ctx, rec.Identity.CorpID, rec.Identity.UserID)
	if err != nil || kept.VerifiedAt.Before(rec.VerifiedAt) {
		return rec
	}
	return kept
}

// conclude shows what DingTalk said of the person, if they are the one who is
// shown, not by a newer answer, and not refused since. What they used stays
// counted.
func (s *Service) conclude(asked, said identity.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shown := s.snap.Record
	if shown == nil || shown.Identity.Who() != asked.Identity.Who() || shown.VerifiedAt.After(asked.VerifiedAt) || shown.Refused != "" {
		return
	}
	said.Used = identity.Usage{Person: shown.Used.Person} // the device's begin anew
	if s.snap.Phase == SignedIn {
		s.change(SignedIn, func(snap *Snapshot) { snap.Record = &said })
	} else {
		s.snap.Record = &said // behind an attempt, or its end; the next change tells it
	}
}

// write keeps what DingTalk said of a person, as it was said: carried through
// when its caller goes away. A refusal that cannot be written holds all the same,
// and is the store's to write later.
func (s *Service) write(ctx context.Context, refused identity.Reason, do func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opts.AnswerWithin)
	defer cancel()
	if err := do(ctx); err != nil {
		s.log.Warn("keep what DingTalk said of a person", "refused", refused, "error", err)
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
	s.write(ctx, reason, func(ctx context.Context) error { return s.opts.Store.Refuse(ctx, who, reason) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if shown := s.snap.Record; shown != nil && shown.Identity.Who() == who.Who() {
		rec := *shown
		rec.Refused = reason
		s.snap.Record = &rec // the attempt is about to end, which tells it
	}
}
