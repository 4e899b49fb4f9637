package stream

import "sync"

// lanes keep order: in each lane one is at work at a time, in the order of
// join. A lane exists only while somebody is in it.
type lanes struct {
	mu   sync.Mutex
	last map[string]*turn // the last in each lane
}

// turn is a place in some lanes.
type turn struct {
	lanes    *lanes
	keys     []string
	ahead    []*turn
	finished chan struct{}
}

// join takes the last place in each of the lanes.
func (l *lanes) join(keys []string) *turn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		l.last = make(map[string]*turn)
	}
	t := &turn{lanes: l, keys: keys, finished: make(chan struct{})}
	for _, key := range keys {
		if ahead := l.last[key]; ahead != nil && ahead != t { // an event may name a person twice
			t.ahead = append(t.ahead, ahead)
		}
		l.last[key] = t
	}
	return t
}

// wait returns when all who were ahead are done.
func (t *turn) wait() {
	for _, ahead := range t.ahead {
		<-ahead.finished
	}
	t.ahead = nil // or each turn would keep all before it in memory
}

// done lets the next ones begin.
func (t *turn) done() {
	t.lanes.mu.Lock()
	defer t.lanes.mu.Unlock()
	for _, key := range t.keys {
		if t.lanes.last[key] == t {
			delete(t.lanes.last, key)
		}
	}
	close(t.finished)
}
