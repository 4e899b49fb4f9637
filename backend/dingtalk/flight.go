package dingtalk

import (
	"context"
	"slices"
	"sync"
)

// flights lets many callers who want the same share one piece of work. None of
// them fails because another went away; when the last has gone, the work's
// context ends, and the last waits for that unless the work lingers.
type flights[T any] struct {
	lingers bool // the work may go on for a while after its context has ended: somebody calls wait

	mu      sync.Mutex
	current *flight[T]   // guarded by mu; the one to join, or nil
	running []*flight[T] // guarded by mu; all that may not have ended
}

// flight is one piece of work. Its result is readable once done is closed.
type flight[T any] struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int // guarded by flights.mu

	result T
	err    error
}

// join waits for the work that is under way, or begins it. When ctx ends first
// the error is ctx's own.
func (f *flights[T]) join(ctx context.Context, work func(context.Context) (T, error)) (T, error) {
	f.mu.Lock()
	joined := f.current
	if joined == nil {
		joined = f.begin(ctx, work)
	}
	joined.waiting++
	f.mu.Unlock()

	select {
	case <-joined.done:
		return joined.result, joined.err
	case <-ctx.Done():
		f.leave(joined)
		var none T
		return none, ctx.Err()
	}
}

// begin starts work that no single caller can cancel. It is called with the
// lock held.
func (f *flights[T]) begin(ctx context.Context, work func(context.Context) (T, error)) *flight[T] {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	begun := &flight[T]{done: make(chan struct{}), cancel: cancel}
	f.current = begun
	f.running = append(slices.DeleteFunc(f.running, (*flight[T]).ended), begun)
	go func() {
		defer close(begun.done)
		defer cancel()
		begun.result, begun.err = work(ctx)
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.current == begun {
			f.current = nil
		}
	}()
	return begun
}

func (f *flight[T]) ended() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// leave gives up waiting. The last one to leave ends the work.
func (f *flights[T]) leave(left *flight[T]) {
	f.mu.Lock()
	left.waiting--
	last := left.waiting == 0
	if last && f.current == left {
		f.current = nil
	}
	f.mu.Unlock()
	if !last {
		return
	}
	left.cancel()
	if !f.lingers {
		<-left.done
	}
}

// wait returns when the work that is under way has ended.
func (f *flights[T]) wait() {
	f.mu.Lock()
	running := slices.Clone(f.running)
	f.mu.Unlock()
	for _, left := range running {
		<-left.done
	}
}
