package viewer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// profile is the folder of one window process, locked while its core lives.
type profile struct {
	dir  string
	lock *flock.Flock
}

// lockName is the lock of a profile, in it, and of the root while a profile is
// made or looked for. The second closes the gap in which a new profile has no
// lock yet and would be swept as a leftover.
const lockName = ".lock"

// newProfile makes a fresh folder under root, for its user only.
func newProfile(ctx context.Context, root string) (*profile, error) {
	unlock, err := lockRoot(ctx, root)
	if err != nil {
		return nil, err
	}
	defer unlock()
	dir, err := os.MkdirTemp(root, "window-") // 0700
	if err != nil {
		return nil, fmt.Errorf("make window profile: %w", err)
	}
	p := &profile{dir: dir, lock: flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600))}
	if _, err := p.lock.TryLock(); err != nil {
		return nil, errors.Join(fmt.Errorf("lock window profile: %w", err), p.remove())
	}
	for _, folder := range profileFolders {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			return nil, errors.Join(fmt.Errorf("make window profile: %w", err), p.remove())
		}
	}
	return p, nil
}

// remove deletes the folder with all that the web view left in it.
func (p *profile) remove() error {
	// Windows deletes no open file, so the lock goes first.
	return errors.Join(p.lock.Close(), os.RemoveAll(p.dir))
}

// sweep removes the profiles whose core is gone: it held their lock, and the
// system took that from it.
func sweep(ctx context.Context, root string) error {
	unlock, err := lockRoot(ctx, root)
	if err != nil {
		return err
	}
	defer unlock()
	dirs, err := filepath.Glob(filepath.Join(root, "window-*"))
	if err != nil {
		return fmt.Errorf("list window profiles: %w", err)
	}
	var problems []error
	for _, dir := range dirs {
		left := profile{dir: dir, lock: flock.New(filepath.Join(dir, lockName))}
		free, err := left.lock.TryLock()
		switch {
		case errors.Is(err, os.ErrNotExist): // its owner has removed it meanwhile
		case err != nil:
			problems = append(problems, err)
		case free:
			problems = append(problems, left.remove())
		}
	}
	return errors.Join(problems...)
}

// lockRoot makes root and locks it; both are needed only for moments.
func lockRoot(ctx context.Context, root string) (unlock func(), err error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("make folder for window profiles: %w", err)
	}
	lock := flock.New(filepath.Join(root, lockName), flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, 10*time.Millisecond); err != nil {
		return nil, fmt.Errorf("lock folder for window profiles: %w", err)
	}
	return func() { _ = lock.Close() }, nil // the system frees it in any case
}
