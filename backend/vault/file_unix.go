//go:build unix

package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// openPrivate opens without waiting for the other end of a named pipe, and does
// not follow a link that somebody has put there.
func openPrivate(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0) //nolint:gosec // the administrator names it
	if errors.Is(err, syscall.ELOOP) {
		return nil, unsafe{path + " is a symbolic link: name the file itself"}
	}
	return file, err
}

// checkOwner refuses what others may read, change or swap.
func checkOwner(path string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("the owner of %s is not known", path)
	}
	if uid := os.Geteuid(); int(stat.Uid) != uid {
		return unsafe{fmt.Sprintf("%s belongs to user %d, this is user %d: chown %d %s", path, stat.Uid, uid, uid, path)}
	}
	if info.Mode().Perm()&0o077 != 0 {
		return unsafe{fmt.Sprintf("%s is open to other users (mode %04o): chmod 600 %s", path, info.Mode().Perm(), path)}
	}
	return nil
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the administrator names it
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
