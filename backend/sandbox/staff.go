package sandbox

import (
	"context"
	"sync"
)

// staff are the goroutines that outlive the request they began in.
type staff struct {
	ctx  context.Context // the lifetime of the goroutines, and no request's
	stop context.CancelFunc

	mu      sync.Mutex
	closing bool
	working sync.WaitGroup
}

func newStaff() *staff {
	ctx, stop := context.WithCancel(context.Background())
	return &staff{ctx: ctx, stop: stop}
}

// do runs work until it ends or the sandbox does.
func (s *staff) do(work func(context.Context)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.working.Go(func() { work(s.ctx) })
	}
}

func (s *staff) close() {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.stop()
	s.working.Wait()
}

// Close ends the deliveries of events and the connections that they go
// through. A Server's Close does it, too.
func (s *Sandbox) Close() error {
	s.staff.close()
	return nil
}
