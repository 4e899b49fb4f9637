package command_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dingpass/dingpass/backend/command"
	"github.com/dingpass/dingpass/backend/sandbox"
)

// generous ends a test that would hang; no test passes or fails by how fast
// something is.
const generous = 2 * time.Minute

// machine is a computer on which dingpass is set up, with a sandbox in place of
// DingTalk.
type machine struct {
	t       *testing.T
	sandbox *sandbox.Server
	home    string
	data    string // the data folder
	env     map[string]string
	tune    func(*command.Program) // changes what main makes; may be nil
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	server, err := sandbox.Listen(t.Context(), "", sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() }) // its error is always nil
	home, app := t.TempDir(), server.App()
	data := filepath.Join(home, "data")
	return &machine{t: t, sandbox: server, home: home, data: data, env: map[string]string{
		"HOME": home, "LANG": "C",
		"DINGPASS_DATA_DIR":      data,
		"DINGPASS_KEY_SOURCE":    "file:" + filepath.Join(home, "key"),
		"DINGPASS_UI":            "none",
		"DINGPASS_LANGUAGE":      "en",
		"DINGPASS_CLIENT_ID":     app.ClientID,
		"DINGPASS_CLIENT_SECRET": app.ClientSecret.Reveal(),
		"DINGPASS_CORP_ID":       app.CorpID,
		"DINGPASS_LOGIN_URL":     server.URL(),
		"DINGPASS_API_URL":       server.URL(),
		"DINGPASS_OAPI_URL":      server.URL(),
	}}
}

// at is another computer with the same DingTalk, for a test within the test.
func (m *machine) at(t *testing.T) *machine {
	t.Helper()
	home := t.TempDir()
	other := m.with("HOME", home, "DINGPASS_DATA_DIR", filepath.Join(home, "data"), "DINGPASS_KEY_SOURCE", "file:"+filepath.Join(home, "key"))
	other.t, other.home, other.data = t, home, filepath.Join(home, "data")
	return other
}

// with is the same machine with another environment for what follows.
func (m *machine) with(pairs ...string) *machine {
	other := *m
	other.env = maps.Clone(m.env)
	for i := 0; i < len(pairs); i += 2 {
		other.env[pairs[i]] = pairs[i+1]
	}
	return &other
}

// tuned is the same machine with a change to what main makes.
func (m *machine) tuned(change func(*command.Program)) *machine {
	other, before := *m, m.tune
	other.tune = func(p *command.Program) {
		if before != nil {
			before(p)
		}
		change(p)
	}
	return &other
}

// fault spoils an endpoint of the sandbox.
func (m *machine) fault(endpoint string, faults ...sandbox.Fault) {
	m.t.Helper()
	if err := m.sandbox.SetFault(endpoint, faults...); err != nil {
		m.t.Fatal(err)
	}
}

// program is what main makes, with this machine around it.
func (m *machine) program(stdout, stderr interface{ Write([]byte) (int, error) }) *command.Program {
	p := &command.Program{
		Build:      command.Build{Version: "v1.2.3", Commit: "abcdef123456", Time: "2026-11-21T12:00:00Z"},
		Executable: filepath.Join(m.home, "dingpass"),
		Stdin:      strings.NewReader(""),
		Stdout:     stdout,
		Stderr:     stderr,
		Getenv:     func(name string) (string, bool) { value, ok := m.env[name]; return value, ok },
		Assets:     fstest.MapFS{"index.html": {Data: []byte(indexPage)}},
		Keychain:   &pocket{err: errors.New("none on this machine")},
	}
	p.SetPatience(generous)
	if m.tune != nil {
		m.tune(p)
	}
	return p
}

// outcome is what a command leaves behind.
type outcome struct {
	code           int
	stdout, stderr string
}

// run runs a command here, to its end.
func (m *machine) run(args ...string) outcome {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), generous)
	defer cancel()
	return m.runContext(ctx, args...)
}

func (m *machine) runContext(ctx context.Context, args ...string) outcome {
	m.t.Helper()
	var stdout, stderr transcript
	code := m.program(&stdout, &stderr).Run(ctx, args)
	return outcome{code, stdout.String(), stderr.String()}
}

// signIn signs somebody in with «login».
func (m *machine) signIn(userID string) {
	m.t.Helper()
	s := m.login()
	newPerson(m.t).confirm(s.link(), userID)
	if last, code := s.end(); last.Event != "signed_in" || code != 0 {
		m.t.Fatalf("signing %s in ended with %+v and exit code %d", userID, last, code)
	}
}

func (m *machine) wantSignInWorks() {
	m.t.Helper()
	m.signIn("li02")
}

func (m *machine) wantNobody() {
	m.t.Helper()
	if got := m.run("whoami", "--json"); got.code != 3 || !strings.Contains(got.stdout, "not_signed_in") {
		m.t.Errorf("whoami: %+v", got)
	}
}

// command is a real process of the program, not started yet.
func (m *machine) command(args ...string) *exec.Cmd {
	m.t.Helper()
	cmd := exec.Command(binary(m.t), args...)
	cmd.Env = []string{}
	for name, value := range m.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// transcript is a buffer that may be read while it is written.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// watched is a transcript in which a text can be waited for.
type watched struct {
	transcript
	more chan struct{}
}

func newWatched() *watched { return &watched{more: make(chan struct{}, 1)} }

func (w *watched) Write(p []byte) (int, error) {
	n, err := w.transcript.Write(p)
	select {
	case w.more <- struct{}{}:
	default:
	}
	return n, err
}

// waitFor waits until the pattern is there, and returns what matches.
func (w *watched) waitFor(t *testing.T, pattern string) string {
	t.Helper()
	want, late := regexp.MustCompile(pattern), time.After(generous)
	for {
		if found := want.FindString(w.String()); found != "" {
			return found
		}
		select {
		case <-w.more:
		case <-late:
			t.Fatalf("%s never came: %s", pattern, w)
		}
	}
}
