package command_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/sandbox"
)

// himmelblau #669, #801: after a first sign-in that was cut short there was «no
// token available» for good. Whatever moment a kill comes at: who was
// acknowledged is there, nobody else is, and the next run works.
func TestKillLeavesNoFalseSignInAndNothingStuck(t *testing.T) {
	t.Parallel()
	t.Run("while waiting", func(t *testing.T) {
		t.Parallel()
		m := newMachine(t)
		s := m.spawn()
		s.until("waiting")
		s.kill()
		m.wantNobody()
		m.wantSignInWorks()
	})
	t.Run("while DingTalk says nothing", func(t *testing.T) {
		t.Parallel()
		m := newMachine(t)
		m.fault("/topapi/v2/user/get", sandbox.Fault{Kind: sandbox.FaultHang})
		s, p := m.spawn(), newPerson(t)
		p.confirm(s.link(), "zhang01")
		s.until("working")
		s.kill()
		m.sandbox.ClearFaults()
		m.wantNobody()
		m.wantSignInWorks()
	})
	t.Run("after the acknowledgement", func(t *testing.T) {
		t.Parallel()
		m := newMachine(t)
		s := m.spawn()
		newPerson(t).confirm(s.link(), "zhang01")
		s.until("signed_in")
		s.kill()
		if got := m.run("whoami", "--json"); got.code != 0 || !strings.Contains(got.stdout, `"user_id":"zhang01"`) {
			t.Errorf("whoami: %+v", got)
		}
		m.wantSignInWorks()
	})
}

// The kill comes a little later each time, from the scan on until after the
// commit. Whichever moment it hits, the rule is the same.
func TestKillWhileTheIdentityIsWritten(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for delay := range 16 {
		if got := m.run("logout"); got.code != 0 {
			t.Fatalf("logout: %+v", got)
		}
		s, p := m.spawn(), newPerson(t)
		c := p.open(s.link())
		calls := make(chan struct{})
		go func() {
			defer close(calls)
			_, _ = p.answer(c, "confirm", "zhang01") // the program is killed under it
		}()
		s.until("working")
		<-time.After(time.Duration(delay) * 500 * time.Microsecond)
		acknowledged := s.kill()
		<-calls
		got := m.run("whoami", "--json")
		stored := got.code == 0 && strings.Contains(got.stdout, `"user_id":"zhang01"`)
		if !stored && got.code != 3 || acknowledged && !stored {
			t.Fatalf("acknowledged: %t; whoami: %+v", acknowledged, got)
		}
	}
	m.wantSignInWorks()
}

// kill kills the process as kill -9 does, and reports whether it had told of a
// sign-in.
func (s *session) kill() (acknowledged bool) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Fatal(err)
	}
	for {
		e, ok := s.next()
		if !ok {
			break
		}
		acknowledged = acknowledged || e.Event == "signed_in"
	}
	<-s.done
	return acknowledged
}

func TestSandboxSaysWhereItListens(t *testing.T) {
	t.Parallel()
	m := newBareMachine(t)
	cmd := m.command("sandbox", "--people", "0")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // has ended, as a rule
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	wantKeys(t, lines.Text(), "event", "url")
	var said event
	if err := json.Unmarshal(lines.Bytes(), &said); err != nil || said.Event != "listening" || !strings.HasPrefix(said.URL, "http://127.0.0.1:") {
		t.Fatalf("it says %q", lines.Text())
	}
	var state struct {
		People int
		Named  []any `json:"named_people"`
	}
	if err := json.Unmarshal([]byte(newPerson(t).get(said.URL+"/_control/state")), &state); err != nil {
		t.Fatal(err)
	}
	if state.People != len(state.Named) {
		t.Errorf("asked for 0 people besides the %d named ones, there are %d", len(state.Named), state.People)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if lines.Scan() {
		t.Errorf("it says more: %q", lines.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
}

// A demonstration runs where something real is set up, and where it is set up
// wrongly: it neither uses nor changes any of that.
func TestDemoHasNothingToDoWithTheRealApp(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	s := m.login()
	newPerson(t).confirm(s.link(), "zhang01")
	s.end()
	before := contents(t, filepath.Join(m.data, "dingpass.db"))
	calls := fmt.Sprint(m.sandbox.Counts())

	settings := filepath.Join(m.home, ".config", "dingpass", "config.toml")
	if err := os.MkdirAll(filepath.Dir(settings), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(settings, []byte("client_secret = \"planted-value\""), 0o600); err != nil {
		t.Fatal(err)
	}
	demo := m.with("DINGPASS_CLIENT_ID", "dingrealapp", "DINGPASS_CLIENT_SECRET", "a b", "DINGPASS_API_URL", "http://example.com",
		"DINGPASS_REDIRECT", "http://localhost:1/real")
	cmd := demo.command("demo")
	said := newWatched()
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // has ended, as a rule
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait(); _, _ = said.Write([]byte("ended /open/nowhere\n")) }()
	link := strings.Fields(said.waitFor(t, `\S+ ?/open/\S+\n`))[0]
	if !strings.HasPrefix(link, "http://127.0.0.1:") {
		t.Fatalf("the demonstration says %s", said)
	}
	newPerson(t).confirm(link, "zhang01")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("ended with %v: %s", err, said)
	}
	if strings.Contains(said.String(), "planted") {
		t.Errorf("it has read the settings file: %s", said)
	}
	if contents(t, filepath.Join(m.data, "dingpass.db")) != before {
		t.Error("the real database was changed")
	}
	if after := fmt.Sprint(m.sandbox.Counts()); after != calls {
		t.Errorf("the real app's DingTalk was asked: %s, then %s", calls, after)
	}
}
