package store

import (
	"fmt"
	"path/filepath"

	"github.com/gofrs/flock"
)

// AppLock is held by the one app or kiosk of a data directory, for as long as
// its process lives: the operating system lets go of it at any death, so there
// is never a stale one.
type AppLock struct{ file *flock.Flock }

// LockApp takes the lock of a data directory, which it makes if need be. Where
// another app has it, the error wraps [ErrRunning] and says so at once. (The
// window library's own single-instance lock does nothing without a session
// bus: DevXDojo/MrRSS PR 261.)
func LockApp(dir string) (*AppLock, error) {
	s := newStore(Options{Dir: dir})
	if err := makeDir(dir); err != nil {
		return nil, s.fail("lock data directory", err)
	}
	if err := checkDir(dir); err != nil {
		return nil, s.fail("lock data directory", err)
	}
	file := flock.New(filepath.Join(dir, "app.lock"), flock.SetPermissions(0o600))
	ok, err := file.TryLock()
	if err != nil {
		return nil, s.fail("lock data directory", err)
	}
	if !ok {
		return nil, unavailable(fmt.Sprintf("dingpass is already running with %s: close it, or set data_dir to another directory", dir), ErrRunning)
	}
	return &AppLock{file}, nil
}

// Close lets another app start. The file stays: removing it would let two apps
// lock two files of one name.
func (l *AppLock) Close() error { return l.file.Close() }
