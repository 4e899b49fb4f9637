package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/dingpass/dingpass/backend/viewer"
)

// This file is the window process as far as it needs no window: its arguments,
// its orders, its exit status. app.go opens the window itself.

// windowOptions is what a window process is asked to show.
type windowOptions struct {
	URL      string // http or https; used once, its origin after that
	Title    string
	Kiosk    bool   // fill the screen, and do not let the person close it
	Profile  string // folder for all that the web view keeps; "" is the web view's own choice
	Language string // the language that pages are asked in; "" is the system's

	// Control brings the core's orders, one a line; its end means that the
	// core is gone. Nil for a window that a person started by hand.
	Control io.Reader
}

// Why a window ends before it is closed; each has an exit status of its own.
var (
	errPageDied  = errors.New("the process that draws the page died")
	errNoDisplay = errors.New("no display, or the GUI library does not start")
)

// windowCommand is «dingpass window [flags] URL», or with «-» the first line of
// stdin for the URL and the rest for orders. It returns the exit status of
// package viewer's protocol.
func windowCommand(ctx context.Context, args []string, stdin io.Reader, stderr io.Writer) int {
	options, err := parseWindow(args, stdin, stderr)
	if err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return viewer.StatusClosed
		}
		_, _ = fmt.Fprintf(stderr, "dingpass window: %v\n", err) // nowhere else to say it
		return viewer.StatusUsage
	}
	if err := openWindow(ctx, options); err != nil {
		_, _ = fmt.Fprintf(stderr, "dingpass window: %v\n", err) // nowhere else to say it
		return windowStatus(err)
	}
	return viewer.StatusClosed
}

// windowStatus is the exit status that tells err to the core.
func windowStatus(err error) int {
	switch {
	case err == nil:
		return viewer.StatusClosed
	case errors.Is(err, errPageDied):
		return viewer.StatusPageDied
	case errors.Is(err, errNoDisplay):
		return viewer.StatusNoDisplay
	}
	return 1
}

// parseWindow reads the arguments, and the URL from stdin where they say so.
// Its errors do not repeat the URL: it signs in whoever opens it first.
func parseWindow(args []string, stdin io.Reader, usage io.Writer) (windowOptions, error) {
	var o windowOptions
	flags := flag.NewFlagSet("dingpass window", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.BoolVar(&o.Kiosk, viewer.FlagKiosk, false, "fill the screen, closed only by the core")
	flags.StringVar(&o.Title, viewer.FlagTitle, "DingPass", "title of the window")
	flags.StringVar(&o.Language, viewer.FlagLanguage, "", "language that pages are asked in, such as zh-CN")
	flags.StringVar(&o.Profile, viewer.FlagProfile, "", "folder for all that the web view keeps")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() != 1 {
		return o, errors.New("one URL is needed, or - to read it from standard input")
	}
	o.URL = flags.Arg(0)
	if o.URL == "-" {
		orders := bufio.NewReader(stdin)
		line, err := orders.ReadString('\n')
		if err != nil {
			return o, errors.New("no URL on standard input")
		}
		o.URL, o.Control = strings.TrimSpace(line), orders
	}
	if _, err := originOf(o.URL); err != nil {
		return o, err
	}
	return o, nil
}

// originOf is the front page of the URL's origin.
func originOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", errors.New("the URL must be http or https with a host")
	}
	return u.Scheme + "://" + u.Host + "/", nil
}

// obey follows the core's orders until one says quit or there are no more.
// Words it does not know are for a newer window than this one.
func obey(orders io.Reader, home func()) {
	lines := bufio.NewScanner(orders)
	for lines.Scan() {
		switch strings.TrimSpace(lines.Text()) {
		case viewer.OrderHome:
			home()
		case viewer.OrderQuit:
			return
		}
	}
}
