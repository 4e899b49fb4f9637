package command_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
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
