package stream

import (
	"context"
	"crypto/rand"
	"math/big"
	"time"
)

// pace is how long things may take.
type pace struct {
	open     time.Duration // for the opening call, and again for the handshake. A ticket is good for 90 s
	idle     time.Duration // without a message before a ping
	pong     time.Duration // for the answer to it
	write    time.Duration // for one reply
	patience time.Duration // for room, before DingTalk is asked to send later
	drain    time.Duration // to answer what arrived on a connection that is left; DingTalk ends it after 10 s
	goodbye  time.Duration // for the closing handshake
	least    time.Duration // first wait of the back-off
	most     time.Duration // last wait of the back-off
	healthy  time.Duration // that a connection must have lasted for the back-off to begin anew
}

func (c *Client) pace() pace {
	if c.testingOnlyPace != nil {
		return *c.testingOnlyPace
	}
	return pace{
		open: 10 * time.Second,
		// DingTalk's clients ping after 8 s to 120 s and wait 5 s or more.
		idle:     60 * time.Second,
		pong:     10 * time.Second,
		write:    10 * time.Second,
		patience: time.Second,
		drain:    10 * time.Second,
		goodbye:  time.Second,
		least:    time.Second,
		most:     60 * time.Second,
		healthy:  60 * time.Second,
	}
}

// wait is how long to wait after so many failures in a row: least, then twice
// that and so on up to most, and of that the half to the whole by chance, so
// that the kiosks of one company do not come back together.
func (p pace) wait(failures int) time.Duration {
	wait := p.least
	for range failures - 1 {
		wait = min(2*wait, p.most)
	}
	jitter, err := rand.Int(rand.Reader, big.NewInt(int64(wait/2)+1))
	if err != nil { // never since Go 1.24
		return wait
	}
	return wait - time.Duration(jitter.Int64())
}

// pause waits, and reports whether it was to the end.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
