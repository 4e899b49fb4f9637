package network

import (
	"context"
	"net"
	"strings"
	"sync"
	"time"
)

const (
	// lookEvery is how often it is looked whether the machine was asleep, and,
	// where the system does not tell, whether its addresses are others.
	lookEvery = 2 * time.Second

	// settle is how long news of the system are left to come in: an interface
	// that comes up is a dozen of them.
	settle = 250 * time.Millisecond

	// asleep is how much time has to be missing.
	asleep = 10 * time.Second
)

// Watch calls moved when the machine has other addresses than before, or was
// asleep, until ctx ends. Linux tells at once; elsewhere it takes up to two
// seconds.
func Watch(ctx context.Context, moved func()) {
	news := make(chan struct{}, 1)
	var listening sync.WaitGroup
	defer listening.Wait()
	listening.Go(func() {
		listen(ctx, func() {
			select {
			case news <- struct{}{}:
			default:
			}
		})
	})
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	had, then := addresses(), time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-news:
			select {
			case <-ctx.Done():
				return
			case <-time.After(settle):
			}
		}
		has, now := addresses(), time.Now()
		if has != had || slept(now.Round(0).Sub(then.Round(0)), now.Sub(then)) {
			moved()
		}
		had, then = has, now
	}
}

// slept reports whether the machine, or this process, was stopped in between:
// either the clocks have gone apart, or nobody has looked for too long. A
// clock that was set looks the same, and is as good a reason to ask DingTalk.
//
// wall is the time that has passed by the clock that people set, mono by the
// one that on Linux and macOS stands still while the machine sleeps.
func slept(wall, mono time.Duration) bool {
	return mono > asleep || (wall-mono).Abs() > asleep
}

// HasLink reports whether the machine has an address that leads anywhere but to
// itself.
func HasLink() bool { return addresses() != "" }

// addresses are all of them, as a text that differs when they do. Those of one
// cable only (fe80::…) do not count: containers come and go with them.
func addresses() string {
	var all strings.Builder
	cards, err := net.Interfaces()
	if err != nil {
		return "unknown" // and no reason to take the machine for unplugged
	}
	for _, card := range cards {
		if card.Flags&net.FlagUp == 0 || card.Flags&net.FlagRunning == 0 || card.Flags&net.FlagLoopback != 0 {
			continue
		}
		has, err := card.Addrs()
		if err != nil {
			continue // it has gone since
		}
		for _, address := range has {
			if prefix, ok := address.(*net.IPNet); ok && prefix.IP.IsGlobalUnicast() {
				all.WriteString(card.Name + " " + prefix.String() + "\n")
			}
		}
	}
	return all.String()
}
