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
