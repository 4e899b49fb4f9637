package login

import (
	"context"
	"iter"
	"sync"
)

// watcher is the queue of one follower. Phases are few and followers are fast;
// the bound is for the one that is stuck.
type watcher struct {
	mu    sync.Mutex
	queue []Snapshot
	ready chan struct{} // holds one token when queue may be non-empty
}

// maxQueued is how many changes a follower may lag behind before the oldest
// are dropped. Each snapshot is whole, so a gap costs history, not truth.
const maxQueued = 64

func newWatcher(first Snapshot) *watcher {
	return &watcher{queue: []Snapshot{first}, ready: make(chan struct{}, 1)}
}

func (w *watcher) push(snap Snapshot) {
	w.mu.Lock()
	if len(w.queue) == maxQueued {
		w.queue = w.queue[1:]
	}
	w.queue = append(w.queue, snap)
	w.mu.Unlock()
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

func (w *watcher) take() []Snapshot {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := w.queue
	w.queue = nil
	return taken
}

// Watch yields the present snapshot and then every later one, in order, until
// ctx ends or the service is closed. What changes while Close waits, an
// identity that is just being stored, is still told.
func (s *Service) Watch(ctx context.Context) iter.Seq[Snapshot] {
	return func(yield func(Snapshot) bool) {
		s.mu.Lock()
		w := newWatcher(s.snap)
		s.watchers[w] = struct{}{}
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			delete(s.watchers, w)
			s.mu.Unlock()
		}()
		for {
			for _, snap := range w.take() {
				if ctx.Err() != nil || !yield(snap) {
					return
				}
			}
			select {
			case <-w.ready:
			case <-ctx.Done():
				return
			case <-s.watched.Done():
				for _, snap := range w.take() {
					if !yield(snap) {
						return
					}
				}
				return
			}
		}
	}
}
