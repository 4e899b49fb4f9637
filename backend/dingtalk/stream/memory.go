package stream

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// DingTalk's clients report repetitions after 16 s and after about a
	// minute; how long it goes on, is not published.
	remember = time.Hour

	// maxMemory is what may be remembered, in bytes, and markCost what each
	// mark takes beside its reply: about 16,000 events.
	maxMemory = 4 << 20
	markCost  = 200
)

// mark names an event or a call, whatever the length of its id.
type mark [sha256.Size]byte

func markOf(kind, id string) mark { return sha256.Sum256([]byte(kind + " " + id)) }

// memory knows the final replies of the last hour, so that what comes again is
// answered again and not done again. The oldest make room for the newest.
type memory struct {
	mu      sync.Mutex
	replies map[mark]verdict
	order   []memento // the oldest first
	size    int
}

type memento struct {
	mark  mark
	until time.Time
	cost  int
}

// recall is what was last said to the mark.
func (m *memory) recall(of mark, now time.Time) (verdict, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(now)
	v, known := m.replies[of]
	return v, known
}

// keep remembers what was said.
func (m *memory) keep(of mark, v verdict, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(now)
	if _, known := m.replies[of]; known {
		return
	}
	if m.replies == nil {
		m.replies = make(map[mark]verdict)
	}
	cost := markCost + len(v.data)
	m.replies[of] = v
	m.order = append(m.order, memento{of, now.Add(remember), cost})
	m.size += cost
	for m.size > maxMemory {
		m.drop()
	}
}

func (m *memory) forget(now time.Time) {
	for len(m.order) > 0 && now.After(m.order[0].until) {
		m.drop()
	}
}

func (m *memory) drop() {
	oldest := m.order[0]
	m.order = m.order[1:]
	m.size -= oldest.cost
	delete(m.replies, oldest.mark)
}
