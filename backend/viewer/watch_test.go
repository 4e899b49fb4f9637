package viewer_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/viewer"
)

// watched is a window whose links and time are the test's.
type watched struct {
	*stage
	window *viewer.Window
	opened chan struct{}      // for all links: closed when one has been opened
	waits  chan time.Duration // what is waited for
	fire   chan time.Time     // ends the wait that was told of last
	deaths chan viewer.Death
}

func newWatched(t *testing.T) *watched {
	w := &watched{
		stage: newStage(t), opened: make(chan struct{}),
		waits: make(chan time.Duration, 8), fire: make(chan time.Time), deaths: make(chan viewer.Death, 8),
	}
	w.window = &viewer.Window{
		Command: command(t), ProfileRoot: t.TempDir(), Environ: w.environ("window"),
		Backoff:    viewer.Backoff{First: time.Second},
		Opened:     func(string) <-chan struct{} { return w.opened },
		OpenWithin: time.Minute,
		OnDeath:    func(d viewer.Death) { w.deaths <- d },
		After: func(d time.Duration) <-chan time.Time {
			w.waits <- d
			return w.fire
		},
	}
	return w
}

// wait wants the window to wait for so long.
func (w *watched) wait(want time.Duration) {
	w.t.Helper()
	if got := <-w.waits; got != want {
		w.t.Fatalf("it waits for %v, want %v", got, want)
	}
}

// A modal box on Windows, or a web view that hangs: the process is there, and
// nothing is on screen.
func TestAWindowThatOpensNoPageIsEndedAndReplaced(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	done := show(t.Context(), w.window, links())
	for i := range 2 {
		w.wait(time.Minute)
		window := w.enter()
		w.fire <- time.Time{}
		window.says("heard quit")
		window.cue("exit 0") // as one that was told to quit; nobody closed it
		if d := <-w.deaths; !d.Hung || d.Opened || (d.Restart == 0) != (i == 1) {
			t.Errorf("death %d is %+v", i+1, d)
		}
		if i == 0 {
			w.wait(time.Second)
			w.fire <- time.Time{}
		}
	}
	err := outcome(t, done)
	if !errors.Is(err, viewer.ErrDied) || !strings.Contains(err.Error(), "asked for no page in") {
		t.Errorf("Show = %v, want ErrDied that says why", err)
	}
}

func TestAWindowThatOpensItsPageIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	done := show(t.Context(), w.window, links())
	w.wait(time.Minute)
	window := w.enter()
	close(w.opened)
	close(w.fire) // its time is over, and that means nothing
	w.window.Home()
	window.says("heard home") // and no quit
	window.cue("exit %d", viewer.StatusPageDied)
	if d := <-w.deaths; !d.Opened || d.Hung {
		t.Errorf("the death is %+v", d)
	}
	w.wait(time.Second)
	w.enter().cue("exit 0")
	if err := outcome(t, done); err != nil {
		t.Errorf("Show = %v after the person closed the window", err)
	}
}

func TestAWindowThatCrashesBeforeItsPageHasNotHung(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := show(ctx, w.window, links())
	for range 3 { // more than may hang
		w.wait(time.Minute)
		w.enter().cue("exit 9")
		if d := <-w.deaths; d.Hung || d.Opened || d.Status != 9 {
			t.Errorf("the death is %+v", d)
		}
		<-w.waits
		w.fire <- time.Time{}
	}
	w.wait(time.Minute)
	window := w.enter()
	cancel()
	window.says("heard quit")
	window.cue("exit 0")
	if err := outcome(t, done); err != nil || len(w.deaths) > 0 {
		t.Errorf("Show = %v after ctx ended, with %d deaths more", err, len(w.deaths))
	}
}
