package login

import (
	"context"
	"time"

	"github.com/dingpass/dingpass/backend/signlog"
)

// repeatsWithin is how long a refusal that comes again is counted and not
// written. A passer-by who scans a badge that was taken back for a whole day
// makes 300 entries, some 100 KB, and not 80,000 (SSSD #7981: 150 MB of log a
// day); who kills the process takes away the number of these minutes, never that
// there was a refusal.
const repeatsWithin = 10 * time.Minute

// noteRefused writes down that somebody was refused. The same again, of the same
// person and for the same reason, is counted, and its number is an entry of its
// own when the while is over or the service is closed.
func (s *Service) noteRefused(ctx context.Context, e signlog.Entry) {
	s.mu.Lock()
	_, again := s.repeats[e]
	if again {
		s.repeats[e]++
	} else if s.ctx.Err() == nil {
		s.repeats[e] = 0
		s.wg.Go(func() { s.noteRepeats(e) })
	}
	s.mu.Unlock()
	if !again {
		s.note(ctx, e)
	}
}

// noteRepeats writes down how often a refusal has come again.
func (s *Service) noteRepeats(e signlog.Entry) {
	over := time.NewTimer(repeatsWithin)
	defer over.Stop()
	select {
	case <-over.C:
	case <-s.ctx.Done():
	}
	s.mu.Lock()
	times := s.repeats[e]
	delete(s.repeats, e)
	s.mu.Unlock()
	if times > 0 {
		e.Times = times
		s.note(s.ctx, e)
	}
}
