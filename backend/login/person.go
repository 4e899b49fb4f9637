package login

import (
	"context"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
)

// recall reads what the store knows: the current person, and the way to show
// DingTalk that worked before.
func (s *Service) recall(ctx context.Context) error {
	s.snap.Phase = Idle
	rec, err := s.stored(ctx)
	if err != nil {
		return err
	}
	if rec != nil {
		s.snap.Phase, s.snap.Record, s.snap.Source = SignedIn, rec, FromCache
	}
	remembered, _, err := s.opts.Store.Recall(ctx, rememberedEmbed)
	if err != nil {
		return err
	}
	s.choose = chooser{setting: s.opts.Embed, remembered: Embed(remembered)}
	return nil
}

// stored is who the store says is signed in; nil when nobody is.
func (s *Service) stored(ctx context.Context) (*identity.Record, error) {
	rec, err := s.opts.Store.Current(ctx)
	switch CodeOf(err) {
	case "":
		return &rec, nil
	case NotSignedIn, KeyUnavailable: // without a key nobody is told, and whoever signs in is known as long as this runs
		return nil, nil // nobody is an answer
	}
	return nil, err
}

// Forget signs out: a running attempt is cancelled, and the store forgets the
// person who is shown; but for one who has a PIN or a badge here, or may have,
// which would be of no use to anybody the store does not know. Somebody whom
// another process signed in meanwhile stays, and is shown from then on.
func (s *Service) Forget(ctx context.Context) error {
	if err := s.lockSettled(ctx); err != nil {
		return err
	}
	if s.ctx.Err() != nil {
		s.mu.Unlock()
		return Fail(Cancelled, errClosed)
	}
	shown := s.snap.Record
	release := s.hold()
	s.mu.Unlock()

	rec, err := s.forget(ctx, shown)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer release()
	if err != nil {
		return err
	}
	if s.snap.Phase.Running() {
		s.end(s.current, Abandoned, &Error{Code: Cancelled})
	}
	s.show(rec)
	return nil
}

// forget asks the store, and then who is left.
func (s *Service) forget(ctx context.Context, shown *identity.Record) (*identity.Record, error) {
	// Carried through when the page that asked is closed: half of it is worse
	// than either.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opts.AnswerWithin)
	defer cancel()
	if shown != nil {
		out := s.opts.Store.Forget
		if s.mayReturn(ctx, shown.Identity) {
			out = s.opts.Store.Leave
		}
		if err := out(ctx, shown.Identity); err != nil {
			return nil, err
		}
	}
	return s.stored(ctx)
}

// mayReturn reports whether somebody has a way back in without DingTalk. What
// cannot be told is not «none»: to forget somebody cannot be taken back.
func (s *Service) mayReturn(ctx context.Context, who identity.Identity) bool {
	if s.opts.Offline == nil {
		return false
	}
	may, err := s.opts.Offline.MayReturn(ctx, who)
	if err != nil {
		s.log.Warn("tell whether somebody has a PIN or a badge", "error", err)
	}
	return may || err != nil
}

// Refresh looks who the store says is signed in: another process may have
// signed somebody in or out. It changes nothing while an attempt runs, or
// while the last one's end is shown.
func (s *Service) Refresh(ctx context.Context) {
	before := s.Snapshot().Seq
	rec, err := s.stored(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	resting := s.snap.Phase == Idle || s.snap.Phase == SignedIn
	if err != nil || !resting || s.snap.Seq != before || s.changing != nil || same(rec, s.snap.Record) {
		return
	}
	s.show(rec)
}

// same reports whether both are one person, confirmed at one moment, of whom
// the same was said since and found out of what is kept.
func same(a, b *identity.Record) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Identity.Who() == b.Identity.Who() && a.VerifiedAt.Equal(b.VerifiedAt) && a.Refused == b.Refused && a.Stale == b.Stale
}

// show makes the stored person, or nobody, the one who is shown. The lock is
// held.
func (s *Service) show(rec *identity.Record) {
	next, source := Idle, Source("")
	if rec != nil {
		next, source = SignedIn, FromCache
	}
	s.grant = nil
	s.change(next, func(snap *Snapshot) {
		*snap = Snapshot{Record: rec, Source: source}
	})
}

// signedIn builds the record of a fresh answer: DingTalk confirmed it now.
func (s *Service) signedIn(id identity.Identity) identity.Record {
	return identity.Record{Identity: id, VerifiedAt: s.opts.Clock().Now.Truncate(time.Second)}
}

// hold takes note that the store is changing who is signed in, until release.
// Meanwhile Begin, Forget and another commit wait, and Cancel comes too late,
// so that the store and the snapshot cannot tell two stories. The lock is held
// at both calls.
func (s *Service) hold() (release func()) {
	changing := make(chan struct{})
	s.changing = changing
	return func() {
		s.changing = nil
		close(changing)
	}
}

// lockSettled takes the lock at a moment at which the store is not changing who
// is signed in.
func (s *Service) lockSettled(ctx context.Context) error {
	for {
		s.mu.Lock()
		changing := s.changing
		if changing == nil {
			return nil
		}
		s.mu.Unlock()
		select {
		case <-changing:
		case <-ctx.Done():
			return Fail(Cancelled, ctx.Err())
		}
	}
}
