package sandbox

import (
	"context"
	"sync"
	"time"
)

// clock is the sandbox's time: its Options' Now, moved by what Advance was
// told. Whoever waits for a moment wakes when the clock is moved past it.
type clock struct {
	base func() time.Time

	mu    sync.Mutex
	ahead time.Duration
	moved chan struct{} // closed and replaced at each move
}

func newClock(base func() time.Time) *clock {
	return &clock{base: base, moved: make(chan struct{})}
}

// Now is base's time and what it was moved by.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base().Add(c.ahead)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
	close(c.moved)
	c.moved = make(chan struct{})
}

// remaining is how far a moment is, and what is closed when that changes.
func (c *clock) remaining(moment time.Time) (time.Duration, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return moment.Sub(c.base().Add(c.ahead)), c.moved
}

// wait returns nil at the moment, or ctx's error. A change of woken ends it,
// too: a nil woken never does.
func (c *clock) wait(ctx context.Context, moment time.Time, woken <-chan struct{}) error {
	for {
		left, moved := c.remaining(moment)
		if left <= 0 {
			return ctx.Err()
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-moved:
		case <-woken:
			timer.Stop()
			return nil
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		timer.Stop()
	}
}

// Advance moves the sandbox's clock, as if that time had passed: codes and
// tokens expire, retries come due. A negative d moves it back.
func (s *Sandbox) Advance(d time.Duration) { s.clock.advance(d) }

// Now is the sandbox's time. The Date header differs from it by
// Settings.ClockSkew.
func (s *Sandbox) Now() time.Time { return s.clock.Now() }
