package sandbox

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Request is one call that the sandbox saw. It never holds a query, a header
// or a body: those carry codes and tokens.
type Request struct {
	At       time.Time `json:"at"`
	Method   string    `json:"method"`
	Endpoint string    `json:"endpoint"` // the route, such as /scan/{id}; "/" for a path that is none
	Status   int       `json:"status"`   // 0: the connection was cut before an answer
	Remote   string    `json:"remote"`   // the same for calls over one connection
}

// diary remembers the latest requests, and how many there were of each kind.
type diary struct {
	mu     sync.Mutex
	latest []Request
	counts map[string]int // by method and endpoint

	// changed is closed when something was answered; nil until someone watches.
	changed chan struct{}
}

// watch returns what is closed at the next answer.
func (d *diary) watch() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.changed == nil {
		d.changed = make(chan struct{})
	}
	return d.changed
}

// diaryLength bounds the memory of a sandbox that runs for days.
const diaryLength = 1000

func (d *diary) arrived(call string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.counts == nil {
		d.counts = map[string]int{}
	}
	d.counts[call]++
}

func (d *diary) answered(r Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.changed != nil {
		close(d.changed)
		d.changed = nil
	}
	if d.latest = append(d.latest, r); len(d.latest) >= 2*diaryLength {
		d.latest = slices.Clone(d.latest[diaryLength:])
	}
}

// Requests returns the latest requests (at least 1,000 where there were as
// many), the oldest first. One is listed when its answer is complete.
func (s *Sandbox) Requests() []Request {
	s.diary.mu.Lock()
	defer s.diary.mu.Unlock()
	return slices.Clone(s.diary.latest)
}

// Counts returns how often each call was made, by method and endpoint:
// "POST /v1.0/oauth2/userAccessToken". A call counts from its arrival, so that
// one that hangs is seen.
func (s *Sandbox) Counts() map[string]int {
	s.diary.mu.Lock()
	defer s.diary.mu.Unlock()
	return maps.Clone(s.diary.counts)
}
