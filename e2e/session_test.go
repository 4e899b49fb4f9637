//go:build e2e

package e2e_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// session is a dingpass process before its person.
type session struct {
	t      *testing.T
	core   *exec.Cmd
	mark   string     // in the environment of all that comes of it
	events chan event // standard output, a line an event; closed at its end
	out    transcript
	err    transcript
	ended  chan struct{} // closed when the core is gone and reaped
}

// event is one line of «login --json», and of «whoami --json».
type event struct {
	Event    string
	URL      string
	Phase    string
	Identity struct {
		UserID string `json:"user_id"`
		Name   string
	}
	Source  string
	Verdict string
	Code    string
	Error   struct{ Code string }
}

// environ is what a person's shell would give to dingpass.
func (s *stage) environ(extra ...string) []string {
	return append([]string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + s.t.TempDir(),
		"LANG=C.UTF-8",
		"DISPLAY=" + s.screen.display,
		"DINGPASS_CLIENT_ID=dingsandboxapp0001",
		"DINGPASS_CLIENT_SECRET=" + plantedSecret,
		"DINGPASS_CORP_ID=" + sandboxCorp,
		"DINGPASS_LOGIN_URL=" + s.dingtalk.loginURL(),
		"DINGPASS_API_URL=" + s.dingtalk.url,
		"DINGPASS_OAPI_URL=" + s.dingtalk.url,
		"DINGPASS_DATA_DIR=" + s.data,
		"DINGPASS_KEY_SOURCE=file:" + s.data + ".key", // there is no keychain on a machine without a session
		"DINGPASS_LANGUAGE=" + s.language,
	}, extra...)
}

// start starts dingpass with the arguments. At the end of the test it is
// killed if it is still there, and nothing of it may be left.
func (s *stage) start(args ...string) *session {
	s.t.Helper()
	return s.startIn(s.environ(), args...)
}

// login is a sign-in in the window.
func (s *stage) login(args ...string) *session {
	s.t.Helper()
	return s.start(append([]string{"login", "--json", "--ui", "window"}, args...)...)
}

func (s *stage) startIn(environ []string, args ...string) *session {
	s.t.Helper()
	p := &session{
		t: s.t, core: exec.Command(program(s.t, "dingpass"), args...),
		mark: newMark(), events: make(chan event, 64), ended: make(chan struct{}),
	}
	p.core.Env = append(environ, p.mark)
	lines, stdout, err := os.Pipe() // not StdoutPipe: Wait would close it before the last line is read
	if err != nil {
		s.t.Fatal(err)
	}
	p.core.Stdout, p.core.Stderr = stdout, &p.err
	p.core.WaitDelay = time.Second // a process that outlives the core may hold its standard error
	if err := p.core.Start(); err != nil {
		s.t.Fatal(err)
	}
	_ = stdout.Close() // the core has its own
	go p.read(lines)
	go func() {
		defer close(p.ended)
		_ = p.core.Wait() // ProcessState tells
	}()
	s.t.Cleanup(func() {
		p.kill()
		<-p.ended
		s.note(p)
		p.gone()
	})
	return p
}

// read takes apart what the core prints, until its end.
func (p *session) read(lines io.ReadCloser) {
	defer close(p.events)
	defer func() { _ = lines.Close() }() // it is read
	for scan := bufio.NewScanner(lines); scan.Scan(); {
		_, _ = p.out.Write(append(scan.Bytes(), '\n')) // never fails
		var e event
		if json.Unmarshal(scan.Bytes(), &e) == nil {
			p.events <- e
		}
	}
}

// note keeps what the session said beside the pictures.
func (s *stage) note(p *session) {
	for name, text := range map[string]string{"stdout.log": p.out.String(), "stderr.log": p.err.String()} {
		file, err := os.OpenFile(filepath.Join(s.kept, name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			s.t.Error(err)
			continue
		}
		if _, err := file.WriteString(text); err != nil {
			s.t.Error(err)
		}
		if err := file.Close(); err != nil {
			s.t.Error(err)
		}
	}
}

// wait returns the next event that is so, and fails when the lines end before.
func (p *session) wait(what string, is func(event) bool) event {
	p.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		select {
		case e, ok := <-p.events:
			if !ok {
				p.t.Fatalf("dingpass ended before it told %s; it told:\n%s%s", what, p.out.String(), p.err.String())
			}
			if is(e) {
				return e
			}
		case <-deadline.C:
			p.t.Fatalf("waited %v for dingpass to tell %s; it told:\n%s%s", patience, what, p.out.String(), p.err.String())
		}
	}
}

func (p *session) phase(phase string) {
	p.t.Helper()
	p.wait("phase "+phase, func(e event) bool { return e.Phase == phase })
}

func (p *session) opened() (link string) {
	p.t.Helper()
	return p.wait("the link", func(e event) bool { return e.Event == "open" }).URL
}

// signedIn waits for the result and checks who it is.
func (p *session) signedIn(userID string) {
	p.t.Helper()
	e := p.wait("the result", func(e event) bool { return e.Event == "signed_in" || e.Event == "failed" })
	if e.Event != "signed_in" || e.Identity.UserID != userID {
		p.t.Fatalf("the result is %s %s of %q, want signed_in of %q; it said: %s", e.Event, e.Code, e.Identity.UserID, userID, p.err.String())
	}
}

func (p *session) failed(code string) {
	p.t.Helper()
	e := p.wait("the result", func(e event) bool { return e.Event == "signed_in" || e.Event == "failed" })
	if e.Event != "failed" || e.Code != code {
		p.t.Fatalf("the result is %s %q, want failed %q", e.Event, e.Code, code)
	}
}

// exit waits for the end, which must have the status.
func (p *session) exit(want int) {
	p.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	select {
	case <-p.ended:
	case <-deadline.C:
		p.t.Fatalf("dingpass has not ended within %v", patience)
	}
	if got := p.core.ProcessState.ExitCode(); got != want {
		p.t.Errorf("exit status %d, want %d; it said: %s", got, want, p.err.String())
	}
	p.gone()
}

// signal sends the core a signal.
func (p *session) signal(sig syscall.Signal) {
	p.t.Helper()
	if err := p.core.Process.Signal(sig); err != nil {
		p.t.Fatalf("signal %v: %v", sig, err)
	}
}

// kill ends the core if it is there.
func (p *session) kill() { _ = p.core.Process.Kill() }

// whoami asks a new process who is signed in, offline, with the exit status.
func (s *stage) whoami(data string, flags ...string) (event, int) {
	s.t.Helper()
	cmd := exec.Command(program(s.t, "dingpass"), append([]string{"whoami", "--offline", "--json", "--data-dir", data}, flags...)...)
	cmd.Env = s.environ()
	out, err := cmd.Output()
	if cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	var e event
	if err := json.Unmarshal(out, &e); err != nil {
		s.t.Fatalf("whoami: %v in %q", err, out)
	}
	return e, cmd.ProcessState.ExitCode()
}

// nobody checks that nobody is signed in.
func (s *stage) nobody() {
	s.t.Helper()
	if e, status := s.whoami(s.data); status != 3 || e.Error.Code != "not_signed_in" {
		s.t.Errorf("whoami: status %d, %+v; want nobody signed in and 3", status, e)
	}
}

// somebody checks that it is this person.
func (s *stage) somebody(userID string) {
	s.t.Helper()
	if e, status := s.whoami(s.data); status != 0 || e.Identity.UserID != userID || e.Verdict != "allow" || e.Source != "cache" {
		s.t.Errorf("whoami: status %d, %+v; want %s and 0", status, e, userID)
	}
}

// profiles are the windows' profile folders that are there.
func (s *stage) profiles() []string {
	s.t.Helper()
	found, err := filepath.Glob(filepath.Join(s.data, "windows", "window-*"))
	if err != nil {
		s.t.Fatal(err)
	}
	return found
}

// clean checks that no profile is left.
func (s *stage) clean() {
	s.t.Helper()
	if left := s.profiles(); len(left) > 0 {
		s.t.Errorf("profiles are left: %s", strings.Join(left, " "))
	}
}
