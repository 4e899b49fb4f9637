package command_test

import (
	"os"
	"path/filepath"
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
