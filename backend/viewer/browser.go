package viewer

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"sync"

	"github.com/pkg/browser"
)

// Browser shows the link in the system's browser. What the person does there
// cannot be seen, so Show returns only when ctx ends, or with an error that
// wraps [ErrUnavailable] when no browser could be opened.
type Browser struct {
	// Open opens a URL; nil is pkg/browser, which asks the system without a
	// shell, so that & and % in a URL arrive (dws #230).
	Open func(url string) error

	Getenv func(string) string // default os.Getenv
}

var _ Viewer = (*Browser)(nil)

// String is "browser".
func (b *Browser) String() string { return "browser" }

// Show opens the link and waits for ctx.
//
// Open may take as long as the browser runs: where none was running, xdg-open
// becomes it. Show does not wait for it then, and neither does the browser end
// with us; it has been given nothing but the link.
func (b *Browser) Show(ctx context.Context, link Link) error {
	if !b.screen() {
		return fmt.Errorf("%w: no display for a browser", ErrUnavailable)
	}
	address := link()
	if !isWeb(address) {
		return fmt.Errorf("%w: not a web address", ErrUnavailable)
	}
	opened := make(chan error, 1)
	go func() { opened <- b.open(address) }()
	select {
	case err := <-opened:
		if err != nil {
			return fmt.Errorf("%w: open browser: %w", ErrUnavailable, err)
		}
		<-ctx.Done()
	case <-ctx.Done():
	}
	return nil
}

// isWeb reports whether address is an http or https URL with a host: any other
// scheme would start some other program, and a leading dash would be an option
// of it.
func isWeb(address string) bool {
	parsed, err := url.Parse(address)
	return err == nil && parsed.Host != "" && (parsed.Scheme == "http" || parsed.Scheme == "https")
}

// screen reports whether a browser could appear. On Linux without a display
// xdg-open would start a text browser in our terminal, over SSH for instance.
func (b *Browser) screen() bool {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return true
	}
	getenv := b.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	return getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != "" || getenv("BROWSER") != ""
}

func (b *Browser) open(address string) error {
	if b.Open != nil {
		return b.Open(address)
	}
	silence()
	return browser.OpenURL(address)
}

// silence keeps what browsers print out of our standard output, which is for
// results only. pkg/browser has package variables for it and nothing else;
// they are set once, before their first use, and no other package of this
// program uses pkg/browser. Nil rather than io.Discard: with a writer, os/exec
// would wait until the browser has closed a pipe.
var silence = sync.OnceFunc(func() { browser.Stdout, browser.Stderr = nil, nil })
