package command_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/command"
)

// standIn puts a window of a few lines of shell where dingpass finds it.
func (m *machine) standIn(script string) *machine {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.home, "dingpass-window"), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		m.t.Fatal(err)
	}
	return m.with("DINGPASS_UI", "window", "DISPLAY", ":none", "PATH", "/usr/bin:/bin")
}

// A modal box of the web view on Windows, say: the process is there, and nothing
// is on screen.
func TestAWindowThatShowsNothingGivesWayToTheBrowser(t *testing.T) {
	t.Parallel()
	links := make(chan string, 1)
	m := newMachine(t).standIn("read link; read order\n").tuned(func(p *command.Program) {
		p.Browse = func(link string) error { links <- link; return nil }
		p.SetPace(command.Pace{OpenWithin: time.Millisecond, DesertedAfter: time.Hour})
	})
	a := m.start()
	a.launch(<-links)
	a.stderr.waitFor(t, `asked for no page in \S+ and was ended; going on with: browser\n`)
	a.wantShown("waiting", "")
	a.end()
	m.wantNoProfile()
}

// mortals are the windows of a test that kills them.
type mortals struct {
	t     *testing.T
	lines *bufio.Reader
}

// mortalWindow puts a window in place that follows its orders, and tells its
// process and its link.
func (m *machine) mortalWindow() (*machine, *mortals) {
	m.t.Helper()
	path := filepath.Join(m.home, "windows")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		m.t.Fatal(err)
	}
	pipe, err := os.OpenFile(path, os.O_RDWR, 0) // so that it never ends
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = pipe.Close() })
	_ = pipe.SetReadDeadline(time.Now().Add(generous)) // a pipe has one here
	placed := m.standIn(`read link; echo "$$ $link" >` + path + `
while read order; do [ "$order" = quit ] && exit; done
`)
	return placed, &mortals{m.t, bufio.NewReader(pipe)}
}

// next waits for a window, and tells its link and how to kill it.
func (w *mortals) next() (link string, kill func()) {
	w.t.Helper()
	var pid int
	if _, err := fmt.Fscanln(w.lines, &pid, &link); err != nil {
		w.t.Fatal("no window:", err)
	}
	return link, func() { _ = syscall.Kill(pid, syscall.SIGKILL) } // the next window shows that it worked
}

// wails #5405, go-webview2 #34: a page that posts an object ends the process of
// the web view on Windows.
func TestAPageThatKillsItsWindowIsNotGoneToAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ variable, value, instead string }{
		"where it is set":                       {"DINGPASS_EMBED", "page", "frame"},
		"where the older scan has no other way": {"DINGPASS_METHOD", "sns", "browser"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, windows := newMachine(t).with(c.variable, c.value).mortalWindow()
			a := m.tuned(func(p *command.Program) { p.Browse = func(string) error { return nil } }).start()
			link, kill := windows.next()
			a.launch(link)
			first := a.snapshot(a.site)
			if first.Embed != "page" {
				t.Fatalf("begins by %s", first.Embed)
			}
			kill()
			windows.next()
			second := a.snapshot(a.site)
			if second.Phase != "waiting" || second.Embed != c.instead || second.Attempt == first.Attempt {
				t.Errorf("goes on with %+v, want another attempt by %s", second, c.instead)
			}
			a.post(a.site, "/api/login")
			if got := a.snapshot(a.site); got.Embed != c.instead || got.Attempt == second.Attempt {
				t.Errorf("the next attempt is %+v, want one by %s", got, c.instead)
			}
			a.end()
		})
	}
}

func TestAWindowThatDiesBeforeItsPageSaysNothingOfDingTalks(t *testing.T) {
	t.Parallel()
	m, windows := newMachine(t).with("DINGPASS_EMBED", "page").mortalWindow()
	a := m.start()
	_, kill := windows.next()
	kill()
	link, _ := windows.next()
	a.launch(link)
	if got := a.snapshot(a.site); got.Phase != "waiting" || got.Embed != "page" {
		t.Errorf("goes on with %+v, want the page", got)
	}
	a.end()
}
