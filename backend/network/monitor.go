// Package network knows whether DingTalk can be reached, so that nobody has to
// wait to find out.
//
// A [Monitor] is told of every real call ([Monitor.Note]) and asks DingTalk
// itself where there are none ([Monitor.Run]): at once when the machine gets a
// network or wakes from sleep, with growing pauses while there is no answer,
// and now and then while all is well. [Monitor.Reach] is what is known, at
// once and without asking.
//
// What the package promises:
//
//   - No question takes longer than [Deadline].
//   - One good answer ends being offline, at once (SSSD #7045, #8108: a tool
//     that stayed offline though the server answered).
//   - After a network has come up, DingTalk is asked within a second.
//   - Each change of state is one line of the log.
//
// It decides nothing about people, and keeps nobody from trying.
package network

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/dingpass/dingpass/backend/login"
)

// Deadline is how long an answer may take. DingTalk's take about 0.1 s, and
// nobody at a door waits for more than this.
const Deadline = 2 * time.Second

// Options are what a Monitor needs. Probe is required.
type Options struct {
	// Probe asks DingTalk one question, over a connection of its own. It
	// returns when ctx ends.
	Probe func(ctx context.Context) login.Heard

	// Moved is called when the machine has another network or was asleep:
	// connections that were kept are dead and do not know it. nil: nobody cares.
	Moved func()

	Watch   func(ctx context.Context, moved func()) // tells when that is, until ctx ends; nil = Watch
	HasLink func() bool                             // whether there is any network at all; nil = HasLink

	Log *slog.Logger // nil = discarded
}

// Monitor keeps what is known. Make one with New; it is safe for concurrent
// use.
type Monitor struct {
	opts Options

	asking   sync.Mutex    // one question at a time
	prompted chan struct{} // holds one token when DingTalk is to be asked now

	mu      sync.Mutex // guards all below
	recent  []login.Heard
	reach   login.Reach
	misses  int           // questions without an answer, in a row
	changed chan struct{} // closed at the next change
}

var _ login.NetworkState = (*Monitor)(nil)

// New makes a monitor that knows nothing yet.
func New(opts Options) *Monitor {
	if opts.Moved == nil {
		opts.Moved = func() {}
	}
	if opts.Watch == nil {
		opts.Watch = Watch
	}
	if opts.HasLink == nil {
		opts.HasLink = HasLink
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &Monitor{
		opts: opts, prompted: make(chan struct{}, 1),
		reach: login.Reach{State: login.ReachUnknown, Since: time.Now()}, changed: make(chan struct{}),
	}
}

// Reach is what is known now.
func (m *Monitor) Reach() login.Reach {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.reach
}

// Changed is closed when Reach has something new to tell.
func (m *Monitor) Changed() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changed
}

// Note takes how a real call went.
func (m *Monitor) Note(heard login.Heard) {
	if heard.Trouble != login.NoTrouble && !m.opts.HasLink() {
		heard.Trouble = login.TroubleLink
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if heard.Trouble == login.NoTrouble && m.reach.State == login.Offline {
		m.recent = nil // what failed before the network came back says nothing
	}
	m.recent = append(m.recent, heard)
	m.recent = m.recent[max(0, len(m.recent)-window):]
	was, next := m.reach.State, m.reach
	if next.State, next.Trouble = judge(m.recent); next.State != was {
		next.Since = time.Now()
	}
	m.become(next)
	if next.State == login.Shaky && (was != login.Shaky || heard.Trouble != login.NoTrouble) {
		m.prompt() // one call may fail for itself; asking tells
	}
}

// become tells what is new. The lock is held.
func (m *Monitor) become(next login.Reach) {
	if next.State == login.Online {
		next.NextTry = time.Time{}
	}
	if next == m.reach {
		return
	}
	if next.State != m.reach.State || next.Trouble != m.reach.Trouble {
		m.opts.Log.Info("network", "state", next.State, "trouble", next.Trouble, "was", m.reach.State)
	}
	m.reach = next
	close(m.changed)
	m.changed = make(chan struct{})
}

// Retry asks DingTalk soon, without waiting for what is told.
func (m *Monitor) Retry() { m.prompt() }

func (m *Monitor) prompt() {
	select {
	case m.prompted <- struct{}{}:
	default:
	}
}

// Ask asks DingTalk now and waits for what is known then; no longer than
// [Deadline].
func (m *Monitor) Ask(ctx context.Context) login.Reach {
	m.asking.Lock()
	defer m.asking.Unlock()
	within, cancel := context.WithTimeout(ctx, Deadline)
	defer cancel()
	heard := m.opts.Probe(within)
	if ctx.Err() == nil { // else it was the caller who ended it
		m.count(heard)
		m.Note(heard)
	}
	return m.Reach()
}

func (m *Monitor) count(heard login.Heard) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.misses++; heard.Trouble == login.NoTrouble {
		m.misses = 0
	}
}
