package viewer_test

import (
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/viewer"
)

func TestDisplayKeyIsStillFound(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ environ, want string }{
		"only HOME leads to it": {"HOME=/home/kiosk", "/home/kiosk/.Xauthority"},
		"it is named already":   {"XAUTHORITY=/run/key", "/run/key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stage := newStage(t)
			w := &viewer.Window{Command: command(t), ProfileRoot: t.TempDir(), Environ: func() []string {
				var env []string
				for _, entry := range stage.environ("window")() {
					if !strings.HasPrefix(entry, "HOME=") && !strings.HasPrefix(entry, "XAUTHORITY=") {
						env = append(env, entry)
					}
				}
				return append(env, test.environ)
			}}
			done := show(t.Context(), w, links())
			window := stage.enter()
			if got := window.env("XAUTHORITY"); got != test.want {
				t.Errorf("XAUTHORITY = %q, want %q", got, test.want)
			}
			window.cue("exit 0")
			_ = outcome(t, done)
		})
	}
}

// A proxy that was asked for 127.0.0.1 would break the window and read the
// launch link.
func TestOurOwnPageIsKeptFromProxies(t *testing.T) {
	t.Parallel()
	const ours = "127.0.0.1,localhost,::1"
	for name, test := range map[string]struct {
		environ      []string
		lower, upper string
	}{
		"a proxy and no exceptions": {[]string{"http_proxy=http://proxy.example:3128"}, ours, ours},
		"no proxy at all":           {nil, ours, ours},
		"exceptions":                {[]string{"no_proxy=a.example", "NO_PROXY=b.example"}, "a.example," + ours, "b.example," + ours},
		"exceptions in lower case":  {[]string{"no_proxy=.example,10.0.0.0/8"}, ".example,10.0.0.0/8," + ours, ".example,10.0.0.0/8," + ours},
		"exceptions in upper case":  {[]string{"NO_PROXY=.example"}, ".example," + ours, ".example," + ours},
		"an empty list":             {[]string{"no_proxy=", "NO_PROXY=.example"}, ".example," + ours, ".example," + ours},
		"everything":                {[]string{"no_proxy=*"}, "*", "*"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stage := newStage(t)
			w := &viewer.Window{Command: command(t), ProfileRoot: t.TempDir(), Environ: func() []string {
				var env []string
				for _, entry := range stage.environ("window")() {
					if !strings.HasPrefix(strings.ToLower(entry), "no_proxy=") {
						env = append(env, entry)
					}
				}
				return append(env, test.environ...)
			}}
			done := show(t.Context(), w, links())
			window := stage.enter()
			if lower, upper := window.env("no_proxy"), window.env("NO_PROXY"); lower != test.lower || upper != test.upper {
				t.Errorf("no_proxy = %q, NO_PROXY = %q; want %q and %q", lower, upper, test.lower, test.upper)
			}
			window.cue("exit 0")
			_ = outcome(t, done)
		})
	}
}
