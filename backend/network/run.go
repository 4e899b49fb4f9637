package network

import (
	"context"
	"crypto/rand"
	"math/big"
	"sync"
	"time"

	"github.com/dingpass/dingpass/backend/login"
)

const (
	// wellEvery is for a machine on which nobody does anything: who comes next
	// should not be the one to find out. An answer of DingTalk's costs it
	// nothing, but a company may have a thousand kiosks.
	wellEvery = 5 * time.Minute

	// shakyEvery renews the window within about a minute.
	shakyEvery = 15 * time.Second

	// The pauses without an answer: half a second after the first question, for
	// a network that has just come up may still lack an address, then each twice
	// as long as the one before. So long is as long as it may take to notice
	// that a line further away is back, which nothing on this machine tells.
	firstPause   = 500 * time.Millisecond
	longestPause = 30 * time.Second

	// apart is the least time between two questions, however many ask for one:
	// an interface that comes and goes must not become a flood.
	apart = time.Second
)

// Run asks DingTalk again and again, until ctx ends.
func (m *Monitor) Run(ctx context.Context) {
	var watching sync.WaitGroup
	defer watching.Wait()
	watching.Go(func() { m.opts.Watch(ctx, m.moved) })
	for ctx.Err() == nil {
		m.Ask(ctx)
		if !m.rest(ctx, m.plan()) {
			return
		}
	}
}

// moved is called when the machine has another network, or was asleep. What is
// known stays until there is something newer, which then decides alone.
func (m *Monitor) moved() {
	m.opts.Moved()
	m.mu.Lock()
	m.recent, m.misses = nil, 0
	m.mu.Unlock()
	m.prompt()
}

// plan is how long to wait before the next question, and tells it.
func (m *Monitor) plan() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	wait := jitter(m.pause())
	next := m.reach
	next.NextTry = time.Now().Add(wait)
	m.become(next)
	return wait
}

// pause is plan without its jitter. The lock is held.
func (m *Monitor) pause() time.Duration {
	switch m.reach.State {
	case login.Online:
		return wellEvery
	case login.Shaky:
		return shakyEvery
	}
	pause := firstPause
	for range m.misses - 1 {
		if pause *= 2; pause >= longestPause {
			return longestPause
		}
	}
	return pause
}

// jitter makes a pause up to a fifth shorter or longer, so that the kiosks of
// one building, whose line comes back at one moment, do not ask at one moment.
func jitter(pause time.Duration) time.Duration {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(pause)*2/5))
	if err != nil { // never since Go 1.24
		return pause
	}
	return pause*4/5 + time.Duration(n.Int64())
}

// rest waits, or until somebody wants to know. It reports false when ctx ended.
func (m *Monitor) rest(ctx context.Context, wait time.Duration) bool {
	soonest := time.Now().Add(apart)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	case <-m.prompted:
	}
	timer.Reset(time.Until(soonest))
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
