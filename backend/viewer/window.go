package viewer

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Window shows the link in the native window, a child process that it
// supervises: one that dies is replaced, after a wait that doubles, until it
// has died too often. One that hangs, so that it never opens its link, is ended
// and has died as well. Each process has a profile folder of its own, fresh and
// private, which is removed with it. Where ProfileRoot cannot hold it, because
// the data folder is read-only or full, it is made in the temporary directory:
// a window is also what tells the person of such a trouble.
//
// Command and ProfileRoot are needed; the rest has useful zero values. The
// fields may not change once Show was called. One Show at a time; Home may be
// called at any time from anywhere.
type Window struct {
	Command     []string // program and first arguments, from Find
	ProfileRoot string   // where profiles are made; created 0700 when missing. No other files belong there
	TempDir     string   // default os.TempDir; profiles are made there when ProfileRoot takes none

	Kiosk    bool   // fill the screen, closed only by us
	Title    string // the window's title
	Language string // the language pages are asked in, zh-CN or en; "" is the system's

	Backoff Backoff
	Grace   time.Duration // how long a window may take to quit before it is killed; 0 is 2 s

	// Opened is closed once a link has been opened. nil lets a window take as
	// long as it likes.
	Opened     func(link string) <-chan struct{}
	OpenWithin time.Duration // how long a window may take to open its link; 0 is 20 s

	// OnDeath is told of each process that died, before it is replaced: a page
	// that kills web views (wails #5405) is then shown in another way. It must
	// not block.
	OnDeath func(Death)

	Environ func() []string // default os.Environ
	Log     *slog.Logger    // nil discards

	Now   func() time.Time                     // default time.Now
	After func(time.Duration) <-chan time.Time // default time.After

	mu      sync.Mutex // guards control, and is held while it is written to
	control io.Writer  // standard input of the running process; nil when there is none
}

var _ Viewer = (*Window)(nil)

// Death is the end of a window process that nobody had asked for.
type Death struct {
	Status  int           // exit status; -1 when a signal killed it
	Opened  bool          // it had opened its link
	Hung    bool          // it never did, and was ended for that: the status is ours
	Ran     time.Duration // how long it had lived
	Restart time.Duration // how long until the next one; 0 when this was the last
	Last    string        // the last line on its standard error, shortened
}

// String tells it for a log.
func (d Death) String() string {
	text := fmt.Sprintf("exit status %d after %v", d.Status, d.Ran.Round(time.Millisecond))
	if d.Hung {
		text = fmt.Sprintf("asked for no page in %v and was ended", d.Ran.Round(time.Millisecond))
	}
	if d.Last != "" {
		text += ": " + d.Last
	}
	return text
}

// String is "window".
func (w *Window) String() string { return "window" }

// Show opens a window on a fresh link and keeps one open until the person
// closes it or ctx ends. Profiles that a killed core left behind are removed
// first.
func (w *Window) Show(ctx context.Context, link Link) error {
	if len(w.Command) == 0 {
		return fmt.Errorf("%w: no window program", ErrUnavailable)
	}
	for _, place := range w.places() {
		if err := place.sweep(ctx); err != nil {
			quietly(w.Log).Warn("sweep window profiles", "err", err)
		}
	}
	deaths := deaths{Backoff: w.Backoff.orDefault()}
	for ctx.Err() == nil {
		death, err := w.once(ctx, link)
		if err != nil || death.Status == StatusClosed && !death.Hung || ctx.Err() != nil {
			return unlessOver(ctx, err)
		}
		var again bool
		death.Restart, again = deaths.add(w.now(), death.Hung)
		quietly(w.Log).Warn("window died", "status", death.Status, "hung", death.Hung, "ran", death.Ran, "restart", death.Restart, "last", death.Last)
		if w.OnDeath != nil {
			w.OnDeath(death)
		}
		if !again {
			return fmt.Errorf("%w: %v", ErrDied, death)
		}
		select {
		case <-ctx.Done():
		case <-w.after(death.Restart):
		}
	}
	return nil
}

// unlessOver is err, or nil once ctx has ended: what fails while we are
// leaving has not failed.
func unlessOver(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// once runs one window process in a profile of its own. The error says that
// another try would be of no use.
func (w *Window) once(ctx context.Context, link Link) (Death, error) {
	profile, err := w.newProfile(ctx)
	if err != nil {
		return Death{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer func() {
		// A web view on Windows keeps files locked for seconds after its end:
		// the next sweep takes what stays now.
		if err := profile.remove(); err != nil {
			quietly(w.Log).Info("remove window profile", "err", err)
		}
	}()

	began, address := w.now(), link()
	watch := w.watch(ctx, address)
	death, err := w.run(watch.ctx, profile.dir, address)
	death.Opened, death.Hung = watch.end()
	if err != nil {
		return Death{}, err
	}
	death.Ran = w.now().Sub(began)
	if death.Hung {
		return death, nil
	}
	if death.Status == StatusNoDisplay || death.Status == statusNoProgram {
		return death, fmt.Errorf("%w: %v", ErrUnavailable, death)
	}
	return death, nil
}

// Home brings the window back to our page, from DingTalk's or from an error
// page of the web view. Where there is no window, or one that cannot hear, it
// does nothing: such a window is replaced, and the next one starts at home.
func (w *Window) Home() { w.order(OrderHome) }

// order writes one line to the running process, if there is one.
func (w *Window) order(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.control != nil {
		_, _ = io.WriteString(w.control, line+"\n") // fails when the process has just died: Wait sees that
	}
}

// listen makes control the one that orders go to, after the link, which has to
// be its first line.
func (w *Window) listen(control io.Writer, link string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.control = control
	if control != nil {
		_, _ = io.WriteString(control, link+"\n") // fails when the process has just died: Wait sees that
	}
}

func (w *Window) now() time.Time {
	if w.Now == nil {
		return time.Now()
	}
	return w.Now()
}

func (w *Window) after(d time.Duration) <-chan time.Time {
	if w.After == nil {
		return time.After(d)
	}
	return w.After(d)
}

func (w *Window) grace() time.Duration {
	if w.Grace == 0 {
		return 2 * time.Second
	}
	return w.Grace
}

func (w *Window) environ() []string {
	if w.Environ == nil {
		return os.Environ()
	}
	return w.Environ()
}
