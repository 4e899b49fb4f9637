package command_test

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/command"
)

// appProcess is the app as a process of its own.
type appProcess struct {
	*app
	kill    func() // as kill -9 does
	process string // its directory in /proc
}

func (m *machine) appProcess() *appProcess { return m.processOf(func(*exec.Cmd) {}) }

func (m *machine) processOf(as func(*exec.Cmd)) *appProcess {
	m.t.Helper()
	cmd := m.command()
	as(cmd)
	said := newWatched()
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = cmd.Wait() }() // it is killed
	kill := func() { _ = cmd.Process.Kill(); <-done } // it may have ended
	m.t.Cleanup(kill)
	p := &appProcess{app: &app{person: newPerson(m.t), stderr: said}, kill: kill, process: filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid))}
	p.launch(said.waitFor(m.t, `http://\S+/open/\S+`))
	return p
}

// O5: who kills the program after each wrong PIN wins no further one.
func TestAKillTakesNoTryBack(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	for left := 9; left > 7; left-- {
		p := m.gone().appProcess()
		if r := p.pin("A001", "739264"); r.Reason != "wrong_pin" || r.Left != left {
			t.Fatalf("%+v, want %d left", r, left)
		}
		p.kill()
	}
	p := m.gone().appProcess()
	p.pin("A001", "739264").want(t, "wrong_pin")
	p.kill()
	p = m.gone().appProcess()
	p.pin("A001", goodPIN).want(t, "locked")
	p.kill()
	if got := m.run("log", "verify"); got.code != 0 {
		t.Errorf("log verify: %+v", got)
	}
}

// A PIN and a badge are told to nobody: not in the log, in no file, by no
// answer and in no process list.
func TestNoPINAndNoBadgeIsWhereItDoesNotBelong(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	_, badge, err := command.IssueBadge(t.Context(), m.data, filepath.Join(m.home, "key"), m.zhang())
	if err != nil {
		t.Fatal(err)
	}
	p := m.gone().with("DINGPASS_LOG", "debug").appProcess()
	const wrong = "739264"
	commandLine := contents(t, filepath.Join(p.process, "cmdline")) + contents(t, filepath.Join(p.process, "environ"))
	p.pin("A001", wrong).want(t, "wrong_pin")
	p.pin("A001", goodPIN).want(t, "")
	p.ask("badge", map[string]string{"badge": badge.Reveal()}).want(t, "")
	for _, body := range []string{`{"pin":` + goodPIN + `}`, `{"pin":"` + goodPIN + `","x":1}`, `{"pin":"` + goodPIN, badge.Reveal()} {
		if status, _ := p.send("pin", body); status != http.StatusBadRequest {
			t.Errorf("a body that is none is answered %d", status)
		}
	}
	p.kill()
	export := m.run("log", "export").stdout
	if !strings.Contains(p.stderr.String(), "signed in without DingTalk") || !strings.Contains(export, "pin_failed") {
		t.Errorf("nothing was heard at all: %s", p.stderr)
	}
	for place, text := range map[string]string{
		"the log": p.stderr.String(), "a file": filesOf(t, m.home), "the process list": commandLine,
		"an answer": p.seen.String(), "the sign-in log": export,
	} {
		for what, value := range map[string]string{"the PIN": goodPIN, "a wrong PIN": wrong, "the badge": badge.Reveal()} {
			if strings.Contains(text, value) {
				t.Errorf("%s has %s", place, what)
			}
		}
	}
}
