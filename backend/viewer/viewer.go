// Package viewer puts a URL before the person: in a window of our own, in the
// system's browser, or before nobody.
//
// A [Viewer] shows a one-time launch link and blocks until that is over. There
// are three, and [Fallback] tries them in order:
//
//	Window   the native window: a supervised child process with a fresh profile
//	Browser  the system's browser, through pkg/browser
//	Nobody   no screen of ours at all: the link is handed to whoever started us
//
// The core never loads a GUI library. The window is another process, found by
// [Find], which shows one URL and knows nothing else; what the two say to each
// other is in protocol.go. So a page that crashes the web view costs a window
// and not a sign-in, and a person's cookies go with the window's profile.
//
// Promises: a launch link is never an argument or an environment variable of
// another process, except the browser's (which has no other door); no window,
// helper process or profile outlives its Show, and those of a killed core are
// swept by the next one; settings and secrets of ours (DINGPASS_…) never reach
// the window's environment.
//
// Not here: what is shown (package loopback), when to show it (package
// command), and where the window may navigate.
package viewer

import (
	"context"
	"errors"
	"io"
	"log/slog"
)

// Link mints a fresh one-time launch link. A viewer calls it once for each
// window process or browser that it starts, so a restarted window gets a link
// that has not been used.
type Link func() string

// Viewer shows a link. Show blocks until the person closed it or ctx ended,
// and then returns nil; the caller tells the two apart by ctx. An error means
// that nothing is on screen: one that wraps [ErrUnavailable] where nothing
// could be shown at all, [ErrDied] where it was shown and died too often.
//
// String names the viewer for the person: "window", "browser", "link".
type Viewer interface {
	Show(ctx context.Context, link Link) error
	String() string
}

// The reasons for which a viewer gives up.
var (
	ErrUnavailable = errors.New("cannot be shown here")
	ErrDied        = errors.New("died too often")
)

// quietly is log, or a logger that discards.
func quietly(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	return log
}
