package dingtalk

import (
	"context"
	"errors"
	"sync"
	"time"
)

// DingTalk's standard edition takes 20 calls a second of one app to one API.
// Fifteen a second, and four at once after a pause, stay below that in
// whatever second DingTalk counts.
const (
	gateEvery = time.Second / 15
	gateBurst = 3
)

// gates are the turnstiles before DingTalk's APIs, one for each path. They
// are a client's: an app with several clients has to share its calls among
// them.
type gates struct {
	mu    sync.Mutex
	paths map[string]*gate
}

// gate lets callers through one after the other. A caller who goes away while
// waiting costs nobody else's turn.
type gate struct {
	turn chan struct{} // holds one; who has it is next

	mu   sync.Mutex
	free time.Time // guarded by mu: when the calls so far are worked off
}

func (g *gates) at(path string) *gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.paths == nil {
		g.paths = map[string]*gate{}
	}
	one, ok := g.paths[path]
	if !ok {
		one = &gate{turn: make(chan struct{}, 1)}
		g.paths[path] = one
	}
	return one
}

// pass waits for the caller's turn. A wait that the context would cut short is
// not begun, nor one that DingTalk wants to be long.
func (g *gate) pass(ctx context.Context) *Error {
	if err := ctx.Err(); err != nil {
		return &Error{Err: err}
	}
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
	case <-ctx.Done():
		return &Error{Err: ctx.Err(), gated: true}
	}
	for {
		wait := g.take()
		if wait <= 0 {
			return nil
		}
		if wait > longestPause {
			return &Error{Err: errShut, RetryAfter: wait, gated: true}
		}
		if err := sleep(ctx, wait); err != nil {
			return &Error{Err: err, RetryAfter: wait, gated: true}
		}
	}
}

var errShut = errors.New("DingTalk wants no such call for a while")

// take counts a call when it may be made now; else it tells how long to wait.
func (g *gate) take() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if g.free.Before(now) {
		g.free = now
	}
	if wait := g.free.Sub(now) - gateBurst*gateEvery; wait > 0 {
		return wait
	}
	g.free = g.free.Add(gateEvery)
	return 0
}

// shut lets nobody through for a while: DingTalk has said that it wants fewer
// calls, and says it to all callers of this API.
func (g *gate) shut(wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(wait + gateBurst*gateEvery); g.free.Before(until) {
		g.free = until
	}
}

// sleep waits, unless the context ends meanwhile or would.
func sleep(ctx context.Context, wait time.Duration) error {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < wait {
		return context.DeadlineExceeded
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
