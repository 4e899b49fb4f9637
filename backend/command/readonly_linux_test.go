package command_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/dingpass/dingpass/backend/command"
)

// nobody is a user other than root, to whom the modes of files mean something.
const nobody = 65534

// asOther makes a command of root's run as somebody whom file modes bind.
func (m *machine) asOther(cmd *exec.Cmd) *exec.Cmd {
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return cmd
}

// giveAway makes the data folder that user's.
func (m *machine) giveAway(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return // it is this user's already, and modes bind them
	}
	chmod(t, filepath.Dir(m.home), 0o755) // the test's folder, which they have to pass
	if err := os.Chown(filepath.Join(m.home, "key"), nobody, nobody); err != nil {
		t.Fatal(err)
	}
	chmod(t, m.home, 0o755)
	err := filepath.WalkDir(m.data, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, nobody, nobody)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A kiosk's disk that turned read-only: nobody can be signed in, which is said
// before anyone scans, and who is known is still told.
func TestReadOnlyDatabaseStillTellsWhoIsKnown(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	s := m.login()
	newPerson(t).confirm(s.link(), "zhang01")
	s.end()
	path := filepath.Join(m.data, "dingpass.db")
	m.giveAway(t)
	chmod(t, path, 0o400)
	chmod(t, m.data, 0o500)
	t.Cleanup(func() { chmod(t, m.data, 0o700) }) // so that it can be removed

	s = startSession(t, m.asOther(m.command("login", "--json")))
	if last := s.wantFailed("store_unavailable", 1); !strings.Contains(last.Message, path) {
		t.Errorf("the path is not named: %s", last.Message)
	}
	m.wantVerdict(t, m.asOther, "cannot be written")
}

// And passes: nobody is turned away because nothing can be written down.
func TestKnownPeoplePassOnADiskThatIsReadOnly(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	_, badge, err := command.IssueBadge(t.Context(), m.data, filepath.Join(m.home, "key"), m.zhang())
	if err != nil {
		t.Fatal(err)
	}
	m.giveAway(t)
	chmod(t, filepath.Join(m.data, "dingpass.db"), 0o400)
	chmod(t, m.data, 0o500)
	t.Cleanup(func() { chmod(t, m.data, 0o700) }) // so that it can be removed

	p := m.gone().processOf(func(cmd *exec.Cmd) { m.asOther(cmd) })
	p.follows(p.site, `"network":\{"state":"offline".*"disk":\{"code":"store_unavailable"`)
	for uses := 1; uses <= 4; uses += 2 {
		p.ask("badge", map[string]string{"badge": badge.Reveal()}).want(t, "")
		p.wantShown("signed_in", "张三")
		p.pin("", goodPIN).want(t, "")
		p.follows(p.site, fmt.Sprintf(`"uses_left":%d`, 20-uses-1))
	}
	p.post(p.site, "/api/logout")
	p.wantShown("idle", "")
	p.kill()
}
