package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/viewer"
)

func TestWindowArgumentsAreWhatTheViewerSends(t *testing.T) {
	t.Parallel()
	args := []string{"--profile=/p", "--kiosk", "--title=前台", "--language=zh-CN", "-"}
	got, err := parseWindow(args, strings.NewReader("http://127.0.0.1:1/open/x?a=1&b=%25\nhome\n"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(got.Control)
	if err != nil || string(rest) != "home\n" {
		t.Errorf("orders = %q, %v; want what follows the link", rest, err)
	}
	got.Control = nil
	want := windowOptions{URL: "http://127.0.0.1:1/open/x?a=1&b=%25", Title: "前台", Kiosk: true, Profile: "/p", Language: "zh-CN"}
	if got != want {
		t.Errorf("parseWindow = %+v, want %+v", got, want)
	}
}

func TestWindowStartedByHandHasNoOrders(t *testing.T) {
	t.Parallel()
	got, err := parseWindow([]string{"http://127.0.0.1:1/"}, strings.NewReader("quit\n"), io.Discard)
	if err != nil || got.Control != nil || got.URL != "http://127.0.0.1:1/" {
		t.Errorf("parseWindow = %+v, %v", got, err)
	}
}

func TestWindowRefusesWhatItCannotShow(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args  []string
		stdin string
	}{
		"no URL":                      {nil, ""},
		"two URLs":                    {[]string{"http://a/", "http://b/"}, ""},
		"nothing on standard input":   {[]string{"-"}, ""},
		"half a line":                 {[]string{"-"}, "http://127.0.0.1:1/open/pla"}, // the core died while it wrote
		"a script":                    {[]string{"-"}, "javascript:planted()\n"},
		"a file":                      {[]string{"-"}, "file:///planted\n"},
		"a URL without a host":        {[]string{"-"}, "http:///planted\n"},
		"something that is not a URL": {[]string{"-"}, "http://%zz/planted\n"},
		"an unknown flag":             {[]string{"--planted", "-"}, "http://127.0.0.1:1/\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr strings.Builder
			status := windowCommand(t.Context(), test.args, strings.NewReader(test.stdin), &stderr)
			if status != viewer.StatusUsage {
				t.Errorf("exit status = %d, want %d", status, viewer.StatusUsage)
			}
			if stderr.Len() == 0 || (test.stdin != "" && name != "an unknown flag" && strings.Contains(stderr.String(), "planted")) {
				t.Errorf("standard error = %q, want a reason without the link", stderr.String())
			}
		})
	}
}

func TestWindowStatusTellsTheReason(t *testing.T) {
	t.Parallel()
	for want, err := range map[int]error{
		viewer.StatusClosed:    nil,
		viewer.StatusPageDied:  fmt.Errorf("run window: %w", errPageDied),
		viewer.StatusNoDisplay: fmt.Errorf("%w: no DISPLAY", errNoDisplay),
		1:                      errors.New("anything else"),
	} {
		if got := windowStatus(err); got != want {
			t.Errorf("windowStatus(%v) = %d, want %d", err, got, want)
		}
	}
}

func TestOrdersAreFollowedUntilQuitOrTheEnd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		orders string
		homes  int
	}{
		"quit":               {"home\nquit\nhome\n", 1},
		"the end":            {"home\nhome\n", 2},
		"words not known":    {"dance\n\nhome\n", 1},
		"a line without end": {"home", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			homes := 0
			obey(strings.NewReader(test.orders), func() { homes++ })
			if homes != test.homes {
				t.Errorf("went home %d times, want %d", homes, test.homes)
			}
		})
	}
}
