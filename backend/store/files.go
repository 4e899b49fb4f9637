package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dingpass/dingpass/backend/login"
)

// makeDir makes the data directory, and its parents, for this user alone.
func makeDir(dir string) error {
	if !filepath.IsAbs(dir) {
		return unavailable(fmt.Sprintf("data directory %q is not an absolute path", dir), nil)
	}
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	_ = syncDir(filepath.Dir(dir)) // so that a power cut leaves the new directory; some file systems cannot
	return nil
}

// makeFile makes an empty database where there is none, so that SQLite never
// creates a file with a mode of its own choice; its log and lock files take
// the database's mode. What exists is not changed: checkFiles judges it.
func makeFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the administrator names the directory
	if errors.Is(err, fs.ErrExist) {
		return nil // or a dangling symbolic link
	}
	if err != nil {
		return err
	}
	return file.Close()
}

// checkDir follows a symbolic link: an administrator may have moved the
// directory to another disk.
func checkDir(dir string) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return login.Fail(login.NotSignedIn, err)
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return unavailable(dir+" is not a directory: set data_dir to one", nil)
	}
	return checkOwner(dir, info, 0o700)
}

// smallest is SQLite's smallest page. It takes some shorter files for new
// databases, and overwrites them.
const smallest = 512

// checkFiles refuses a database that is another user's or that others may
// open. A file that others can read or swap is not ours to trust, and mending
// its mode in silence would hide that it was open until now.
func checkFiles(path string) error {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) && name != path {
			continue
		}
		if errors.Is(err, fs.ErrNotExist) {
			return login.Fail(login.NotSignedIn, err) // only when opened to read
		}
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return unavailable(name+" is not a regular file: move it away", nil)
		}
		if err := checkOwner(name, info, 0o600); err != nil {
			return err
		}
		if size := info.Size(); name == path && size > 0 && size < smallest {
			return fmt.Errorf("%w: it has %d bytes", errDamaged, size)
		}
	}
	return nil
}
