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
	given, gone := fifo(m.t, place, "given"), fifo(m.t, place, "gone")
	script := `#!/bin/sh
exec 3>` + gone.path + `
read link
follow() { while read order; do [ "$order" = quit ] && return; done; }
{ tr '\0' '\n' </proc/$$/environ; tr '\0' '\n' </proc/$$/cmdline; echo "link $link"; } >` + given.path + `
` + then + "\n"
	if err := os.WriteFile(filepath.Join(place, "dingpass-window"), []byte(script), 0o700); err != nil {
		m.t.Fatal(err)
	}
	m = m.with("DINGPASS_UI", "window", "DISPLAY", ":none", "PATH", "/usr/bin:/bin")
	cmd := m.command("login", "--json")
	cmd.Path = filepath.Join(place, "dingpass")
	s := startSession(m.t, cmd)
	s.link()
	text := <-given.text
	text, link, _ := strings.Cut(text, "link ")
	return &window{t: m.t, session: s, given: text, link: strings.TrimSpace(link), gone: gone.text}
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

// wantNoProfile wants no person's session left behind.
func (m *machine) wantNoProfile() {
	m.t.Helper()
	left, err := filepath.Glob(filepath.Join(m.data, "windows", "*", "*"))
	if err != nil || len(left) > 0 {
		m.t.Errorf("left behind: %q, %v", left, err)
	}
}
