package login

import (
	"errors"
	"time"
)

// expire ends an attempt that nobody answered in time. One that is being
// worked on has its own deadline.
func (s *Service) expire(a *attempt) {
	timer := time.NewTimer(a.expiresAt.Sub(a.startedAt))
	defer timer.Stop()
	select {
	case <-a.ctx.Done():
		return
	case <-timer.C:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.snap.Phase == Waiting {
		s.end(a, TimedOut, &Error{Code: Expired})
	}
}

// keepWarm has everything ready for the scan, again and again while the QR is
// up. When that fails for a reason that a scan would run into as well, the
// attempt says so at once: nobody should scan for nothing.
func (s *Service) keepWarm(a *attempt) {
	err := s.opts.Store.Ready(a.ctx)
	if err == nil {
		err = s.warmWhileInReach(a)
	}
	if err != nil && passing(CodeOf(err)) && s.outOfReach() == nil && pause(a, secondWarm) {
		err = s.warmWhileInReach(a)
	}
	if err != nil {
		s.mu.Lock()
		if s.snap.Phase == Waiting {
			s.end(a, Failed, asError(err))
		}
		s.mu.Unlock()
		return
	}
	for pause(a, rewarm) {
		// Once it has worked, a failure is not the end: it may pass before
		// anyone scans, and the sign-in will say what is wrong if it does not.
		if err := s.opts.Provider.Warm(a.ctx); err != nil && !errors.Is(err, a.ctx.Err()) {
			s.log.Warn("keep connections ready", "attempt", a.id, "code", CodeOf(err), "error", err)
		}
	}
}

// passing reports whether a failure may be over a second later.
func passing(code Code) bool {
	return code == Network || code == ProviderUnavailable || code == RateLimited || code == ProviderAnswer
}

// pause waits, and reports false when the attempt ended meanwhile.
func pause(a *attempt, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-a.ctx.Done():
		return false
	}
}
