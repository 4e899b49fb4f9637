package loopback

import (
	"context"
	"sync"
)

// signal is something that happens once.
type signal struct {
	once   sync.Once
	raised chan struct{}
}

func newSignal() *signal { return &signal{raised: make(chan struct{})} }

func (s *signal) raise() { s.once.Do(func() { close(s.raised) }) }

// audience counts the pages that follow the event stream, and knows what they
// have been shown, and whether a browser is on its way back from DingTalk.
type audience struct {
	done *signal // the server ends

	mu      sync.Mutex    // guards all below
	pages   int           // streams that are open now
	had     bool          // there was one
	owed    int           // redirects that came, whose page was not asked for yet
	shown   uint64        // the newest sequence number that a page was sent
	seen    uint64        // likewise, while none was away
	changed chan struct{} // closed and replaced at each change
}

func newAudience() *audience {
	return &audience{done: newSignal(), changed: make(chan struct{})}
}

func (a *audience) close() { a.done.raise() }

func (a *audience) update(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
	close(a.changed)
	a.changed = make(chan struct{})
}

func (a *audience) join()        { a.update(func() { a.pages, a.had = a.pages+1, true }) }
func (a *audience) leave()       { a.update(func() { a.pages-- }) }
func (a *audience) redirected()  { a.update(func() { a.owed++ }) }
func (a *audience) misdirected() { a.update(func() { a.owed = max(0, a.owed-1) }) }
func (a *audience) returned()    { a.update(func() { a.owed = 0 }) }

// sent notes what a page was sent. One that went to DingTalk's page may not have
// been missed yet: until it is back, nobody is sure to have seen it.
func (a *audience) sent(seq uint64) {
	a.update(func() {
		a.shown = max(a.shown, seq)
		if a.owed == 0 {
			a.seen = max(a.seen, seq)
		}
	})
}

// wait returns when the condition holds, or with ctx's error. The condition is
// asked with the lock held.
func (a *audience) wait(ctx context.Context, holds func() bool) error {
	for {
		a.mu.Lock()
		ok, changed := holds(), a.changed
		a.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// WaitShown returns when some page has been sent the snapshot with this
// sequence number or a later one.
func (s *Server) WaitShown(ctx context.Context, seq uint64) error {
	return s.pages.wait(ctx, func() bool { return s.pages.shown >= seq })
}

// WaitTold returns when whoever watches knows the snapshot with this sequence
// number: whoever DingTalk sent here has come back, be it a program that only
// keeps cookies and follows redirects, and a page that follows the event stream
// has been sent it. With nobody watching it returns at once.
func (s *Server) WaitTold(ctx context.Context, seq uint64) error {
	return s.pages.wait(ctx, func() bool {
		return s.pages.owed == 0 && (!s.pages.had || s.pages.seen >= seq)
	})
}

// WaitPage returns when a page of ours is open, WaitNoPage when none is.
func (s *Server) WaitPage(ctx context.Context) error {
	return s.pages.wait(ctx, func() bool { return s.pages.pages > 0 })
}

// WaitNoPage is WaitPage's opposite.
func (s *Server) WaitNoPage(ctx context.Context) error {
	return s.pages.wait(ctx, func() bool { return s.pages.pages == 0 })
}
