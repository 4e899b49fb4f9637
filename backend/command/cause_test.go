package command_test

import (
	"errors"
	"net"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dingpass/dingpass/backend/command"
)

// broken is a standard output that takes nothing, on a full disk say.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no space left for this") }

// Where the words can only say that something went wrong, the cause is all that
// an administrator has.
func TestCauseOfWhatHasNoWordsIsInTheLog(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for _, args := range []string{"version", "whoami --json", "login --json"} {
		stderr := &transcript{}
		if code := m.program(broken{}, stderr).Run(t.Context(), strings.Fields(args)); code != 1 {
			t.Errorf("«dingpass %s»: exit code %d, want 1", args, code)
		}
		if !strings.Contains(stderr.String(), "no space left for this") {
			t.Errorf("«dingpass %s» swallows the cause: %s", args, stderr)
		}
	}
}

// Elsewhere the words and their detail are enough, and the cause is for those
// who ask.
func TestCauseOfWhatHasWordsIsInTheLogForThoseWhoAsk(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }() // the test is over
	m := newMachine(t).with("DINGPASS_REDIRECT", "http://"+taken.Addr().String()+"/callback")
	const cause = "level=DEBUG msg=failed code=redirect_misconfigured error="
	for _, args := range []string{"login", "login --json"} {
		if got := m.run(strings.Fields(args)...); got.code != 2 || strings.Contains(got.stderr, "code=") {
			t.Errorf("«dingpass %s»: %+v", args, got)
		}
		if got := m.with("DINGPASS_LOG", "debug").run(strings.Fields(args)...); got.code != 2 || !strings.Contains(got.stderr, cause) {
			t.Errorf("«dingpass %s» for those who ask: %+v", args, got)
		}
	}
}

func TestProgramWithoutInterfaceSaysHowItIsBuilt(t *testing.T) {
	t.Parallel()
	m := newMachine(t).tuned(func(p *command.Program) { p.Assets = fstest.MapFS{} })
	for _, args := range []string{"", "login", "demo"} {
		typed{args, 2, "", "interface is not built into this program; «make build»"}.check(t, m)
	}
	typed{"login --json", 2, `^{"event":"failed","code":"app_misconfigured","message":"the interface is not built[^\n]*"}\n$`, ""}.check(t, m)
}
