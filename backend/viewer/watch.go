package viewer

import (
	"context"
	"errors"
	"time"
)

// errHung is why a window process is ended that does not open its link.
var errHung = errors.New("it asked for no page")

// watch looks after one window process until it has opened its link: a modal
// box of the web view, or one that hangs, would otherwise stand there as long
// as the sign-in waits. A window that has opened it has shown that it runs
// scripts and loads pages.
type watch struct {
	ctx    context.Context // of the process; ends by errHung too
	cancel context.CancelCauseFunc
	done   chan bool // whether the link was opened; once
}

// watch begins to look after the process that will be started on link. Who
// began it ends it.
func (w *Window) watch(ctx context.Context, link string) *watch {
	it := &watch{done: make(chan bool, 1)}
	it.ctx, it.cancel = context.WithCancelCause(ctx)
	if w.Opened == nil {
		it.done <- false
		return it
	}
	opened, late := w.Opened(link), w.after(w.openWithin())
	go func() { // end waits for it
		inTime := true
		select {
		case <-opened:
		case <-late:
			inTime = false
		case <-it.ctx.Done():
		}
		select {
		case <-opened: // perhaps just now, before it was late or had ended
			it.done <- true
		default:
			if !inTime {
				it.cancel(errHung)
			}
			it.done <- false
		}
	}()
	return it
}

// end tells what was seen of the process, which has ended.
func (it *watch) end() (opened, hung bool) {
	it.cancel(nil)
	return <-it.done, errors.Is(context.Cause(it.ctx), errHung)
}

// openWithin is long for a cold web view on a slow machine, which takes
// seconds, and short for a person before an empty screen.
func (w *Window) openWithin() time.Duration {
	if w.OpenWithin == 0 {
		return 20 * time.Second
	}
	return w.OpenWithin
}
