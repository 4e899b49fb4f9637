//go:build e2e

package e2e_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// newMark is a variable for the environment of a core. Every process that
// comes of it inherits it, also one whose parent is gone, so that nothing
// slips away by being orphaned.
func newMark() string { return "E2E_FAMILY=" + rand.Text() }

// member is a process that came of a session's core, or the core.
type member struct {
	pid     int
	name    string // of its program
	command []byte // its command line, arguments ended by 0
	environ []byte // as it was started with, likewise
}

// family lists the session's processes. One that ends while it is looked at is
// not there.
func (p *session) family() []member {
	p.t.Helper()
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		p.t.Fatal(err)
	}
	var found []member
	for _, dir := range processes {
		environ, err := os.ReadFile(filepath.Join(dir, "environ"))
		if err != nil || !bytes.Contains(environ, []byte(p.mark)) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		m := member{pid: pid, environ: environ}
		m.command, _ = os.ReadFile(filepath.Join(dir, "cmdline")) // empty when it has just ended
		first, _, _ := bytes.Cut(m.command, []byte{0})
		m.name = filepath.Base(string(first))
		found = append(found, m)
	}
	return found
}

// relative waits for the process of the family with this program's name.
func (p *session) relative(name string) member {
	p.t.Helper()
	var found member
	until(p.t, "a process "+name, func() bool {
		for _, m := range p.family() {
			if m.name == name {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// murder kills the processes of the family with this program's name and waits
// until they are gone. There may be several: WebKit keeps one that drew the
// page before.
func (p *session) murder(name string) {
	p.t.Helper()
	p.relative(name)
	victims := map[int]bool{}
	for _, m := range p.family() {
		if m.name != name {
			continue
		}
		victims[m.pid] = true
		if err := syscall.Kill(m.pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			p.t.Fatalf("kill %s: %v", name, err)
		}
	}
	until(p.t, name+" is gone", func() bool {
		for _, m := range p.family() {
			if victims[m.pid] {
				return false
			}
		}
		return true
	})
}

// gone waits until nothing of the family is left.
func (p *session) gone() {
	p.t.Helper()
	var left []member
	defer func() {
		if len(left) > 0 {
			p.t.Logf("left of dingpass: %s", tell(left))
		}
	}()
	until(p.t, "all processes of dingpass are gone", func() bool {
		left = p.family()
		return len(left) == 0
	})
}

func tell(family []member) string {
	var names []string
	for _, m := range family {
		names = append(names, fmt.Sprintf("%s(%d)", m.name, m.pid))
	}
	return strings.Join(names, " ")
}

// The programs of a window on Linux.
const (
	windowProgram   = "dingpass-window"
	rendererProgram = "WebKitWebProcess"
)
