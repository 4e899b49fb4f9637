//go:build unix

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// checkOwner refuses what is not this user's, or what others may do anything
// with. The mode is the one to ask for in the mend.
func checkOwner(path string, info fs.FileInfo, mode fs.FileMode) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("the owner of %s is not known", path)
	}
	if uid := os.Geteuid(); int(stat.Uid) != uid {
		return unavailable(fmt.Sprintf("%s belongs to user %d, this is user %d: run dingpass as that user, or set data_dir to another directory",
			path, stat.Uid, uid), nil)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return unavailable(fmt.Sprintf("%s is open to other users (mode %04o): chmod %o %s",
			path, info.Mode().Perm(), mode, path), nil)
	}
	return nil
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the administrator names the directory
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func isReadOnlyMount(err error) bool { return errors.Is(err, syscall.EROFS) }

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
