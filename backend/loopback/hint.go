package loopback

import "sync"

// hint remembers the attempt during which a browser spoke TLS to this
// plain-http address. The interface says so as long as it shows that attempt:
// the next code is another browser's chance.
type hint struct {
	first *signal // the first time, whichever the attempt was

	mu      sync.Mutex    // guards all below
	seen    bool          // an attempt's id may be ""
	attempt string        // the last one during which it was seen
	changed chan struct{} // closed and replaced when it becomes another
}

func newHint() *hint { return &hint{first: newSignal(), changed: make(chan struct{})} }

// raise takes note of a browser that was made to use https.
func (h *hint) raise(attempt string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seen && h.attempt == attempt {
		return
	}
	h.seen, h.attempt = true, attempt
	close(h.changed)
	h.changed = make(chan struct{})
	h.first.raise()
}

// of is the interface's word for what is to be known of an attempt, or "".
func (h *hint) of(attempt string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seen && h.attempt == attempt {
		return "https_used"
	}
	return ""
}

// next is closed when there is another hint.
func (h *hint) next() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.changed
}

// SawTLS is closed when someone has spoken TLS to this plain-http address.
func (s *Server) SawTLS() <-chan struct{} { return s.hint.first.raised }

func (s *Server) sawTLS() { s.hint.raise(s.opts.Service.Snapshot().AttemptID) }
