package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// window is a stand-in for dingpass-window: it tells what it was given, and
// when it goes.
type window struct {
	t       *testing.T
	giving  <-chan string // what will be given
	session *session
	given   string // environment and arguments, as the process list shows them
	link    string
	gone    <-chan string // says something when the process has gone
}

// openWindow starts a sign-in in a window. What the window does then is shell:
// «follow» follows its orders.
func (m *machine) openWindow(then string) *window {
	m.t.Helper()
	place := m.t.TempDir()
	if err := os.Link(binary(m.t), filepath.Join(place, "dingpass")); err != nil {
		m.t.Fatal(err)
	}
	w := m.installWindow(place, then)
	m = m.with("DINGPASS_UI", "window", "DISPLAY", ":none", "PATH", "/usr/bin:/bin")
	cmd := m.command("login", "--json")
	cmd.Path = filepath.Join(place, "dingpass")
	return w.openedBy(startSession(m.t, cmd))
}

// installWindow puts the stand-in where dingpass finds it.
func (m *machine) installWindow(place, then string) *window {
	m.t.Helper()
	given, gone := fifo(m.t, place, "given"), fifo(m.t, place, "gone")
	script := `#!/bin/sh
exec 3>` + gone.path + `
read link
follow() { while read order; do [ "$order" = quit ] && return; done; }
{ tr '\0' '\n' </proc/$$/environ; tr '\0' '\n' </proc/$$/cmdline; echo "link $link"; } >` + given.path + `
` + then + "\n"
	installScript(m.t, filepath.Join(place, "dingpass-window"), script)
	return &window{t: m.t, giving: given.text, gone: gone.text}
}

// installScript puts a program there. A child that another test starts meanwhile
// would hold the file open: «text file busy» (golang/go #22315).
func installScript(t *testing.T, path, script string) {
	t.Helper()
	syscall.ForkLock.RLock()
	err := os.WriteFile(path, []byte(script), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
}

// openedBy waits until the sign-in has opened it.
func (w *window) openedBy(s *session) *window {
	w.t.Helper()
	s.link()
	text, link, _ := strings.Cut(<-w.giving, "link ")
	w.session, w.given, w.link = s, text, strings.TrimSpace(link)
	return w
}

// pipeFile is a named pipe, and what will have been written to it.
type pipeFile struct {
	path string
	text <-chan string
}

func fifo(t *testing.T, dir, name string) pipeFile {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	text := make(chan string, 1)
	go func() {
		all, _ := os.ReadFile(path) // until the writer is done; an empty text fails the test
		text <- string(all)
	}()
	return pipeFile{path, text}
}

func TestWindowIsGivenNothingPrivateInPublic(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	w := m.openWindow("follow")
	if !strings.Contains(w.link, "/open/") || !strings.Contains(w.given, "DISPLAY=:none") {
		t.Fatalf("the window was given %q and\n%s", w.link, w.given)
	}
	token := w.link[strings.LastIndex(w.link, "/")+1:]
	for _, private := range []string{token, "DINGPASS_", m.env["DINGPASS_CLIENT_SECRET"]} {
		if strings.Contains(w.given, private) {
			t.Errorf("the process list shows %q:\n%s", private, w.given)
		}
	}
	newPerson(t).confirm(w.link, "zhang01")
	if last, code := w.session.end(); last.Event != "signed_in" || code != 0 {
		t.Errorf("ended with %+v", last)
	}
	<-w.gone
	m.wantNoProfile()
}

func TestWindowGoesWithTheProgram(t *testing.T) {
	t.Parallel()
	t.Run("that is told to end", func(t *testing.T) {
		t.Parallel()
		m := newMachine(t)
		w := m.openWindow("follow")
		w.session.signal(syscall.SIGTERM)
		w.session.wantFailed("cancelled", 4)
		<-w.gone
		m.wantNoProfile()
	})
	t.Run("that is killed", func(t *testing.T) {
		t.Parallel()
		m := newMachine(t)
		w := m.openWindow("follow")
		w.session.kill()
		<-w.gone
		m.wantNobody()
		m.wantSignInWorks()
	})
}

func TestWindowClosedByHandCancels(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	w := m.openWindow("")
	w.session.wantFailed("cancelled", 4)
	m.wantNoProfile()
}

// The person has pressed the button: they need no time to read that.
func TestCancelInTheWindowEndsAtOnce(t *testing.T) {
	t.Parallel()
	m := newMachine(t).tuned(patient)
	w := m.openWindowHere()
	site, p := w.site(), newPerson(t)
	p.get(w.link)
	page := p.following(site)
	defer page.leave()
	p.post(site, "/api/login/cancel")
	page.hears(`"phase":"cancelled"`)
	w.session.wantFailed("cancelled", 4) // or the reason stays there to be read
	<-w.gone
	m.wantNoProfile()
}

// The window may be on its way back from DingTalk: it stays until it has shown
// the name.
func TestWindowStaysUntilItHasShownHowItEnded(t *testing.T) {
	t.Parallel()
	m := newMachine(t).tuned(patient)
	w := m.openWindowHere()
	site, p := w.site(), newPerson(t)
	p.client.CheckRedirect = stopAt("/") // the window is slow to come back
	onDingTalk := p.open(w.link)
	p.look(site)
	if _, err := p.answer(onDingTalk, "confirm", "zhang01"); err != nil {
		t.Fatal(err)
	}
	w.session.until("signed_in")
	w.session.next() // the result: nothing more is to be done here
	select {
	case <-w.gone:
		t.Fatal("the window went before it was told")
	case <-w.session.done:
		t.Fatal("the program ended before the window was told")
	default:
	}
	for range 20 { // it has had the time to go too early
		m.run("whoami")
	}
	p.get(site + "/")
	if events := p.get(site + "/api/events"); !strings.Contains(events, `"phase":"signed_in"`) {
		t.Errorf("the window heard %q", events)
	}
	<-w.gone
	w.session.end()
}

// openWindowHere starts a sign-in of this process, in a window that follows its
// orders.
func (m *machine) openWindowHere() *window {
	m.t.Helper()
	w := m.installWindow(m.home, "follow")
	return w.openedBy(m.with("DINGPASS_UI", "window").login())
}

func (w *window) site() string {
	site, _, _ := strings.Cut(w.link, "/open/")
	return site
}

// wantNoProfile wants no person's session left behind.
func (m *machine) wantNoProfile() {
	m.t.Helper()
	left, err := filepath.Glob(filepath.Join(m.data, "windows", "*", "*"))
	if err != nil || len(left) > 0 {
		m.t.Errorf("left behind: %q, %v", left, err)
	}
}
