package network_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/network"
)

// canonical/authd #1753: nobody gets in after waking from sleep.
func TestSleepIsNoticedByWhatTheClocksMiss(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		wall, mono time.Duration
		want       bool
	}{
		"two seconds have passed":              {2 * time.Second, 2 * time.Second, false},
		"the clock is drawn closer by NTP":     {2500 * time.Millisecond, 2 * time.Second, false},
		"asleep, Linux":                        {time.Hour, 2 * time.Second, true},
		"asleep, where the other clock counts": {time.Hour, time.Hour, true},
		"stopped by a signal":                  {time.Minute, time.Minute, true},
		"the clock was set back":               {-time.Hour, 2 * time.Second, true},
	} {
		if got := network.Slept(tc.wall, tc.mono); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWatchingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for name, watch := range map[string]func(context.Context, func()){"all": network.Watch, "the kernel's news": network.Listen} {
		ctx, stop := context.WithCancel(t.Context())
		var watching sync.WaitGroup
		watching.Go(func() { watch(ctx, func() {}) })
		stop()
		ended := make(chan struct{})
		go func() { watching.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Errorf("%s goes on", name)
		}
	}
}
