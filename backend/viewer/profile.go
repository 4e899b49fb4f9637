package viewer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// place is a folder for profiles.
type place struct {
	root   string
	shared bool // other users may write beside it, so it has to be looked at whose it is
}

// profile is the folder of one window process, locked while its core lives.
type profile struct {
	dir  string
	lock *flock.Flock
}

// lockName is the lock of a profile, in it, and of the root while a profile is
// made or looked for. The second closes the gap in which a new profile has no
// lock yet and would be swept as a leftover.
const lockName = ".lock"

// places are where profiles are made: the second when the first takes none.
func (w *Window) places() []place {
	spare := filepath.Join(cmp.Or(w.TempDir, os.TempDir()), spareName())
	return []place{{root: w.ProfileRoot}, {root: spare, shared: true}}
}

// newProfile makes a profile in the first place that takes one.
func (w *Window) newProfile(ctx context.Context) (*profile, error) {
	var problems []error
	for _, place := range w.places() {
		made, err := place.newProfile(ctx)
		if err == nil {
			return made, nil
		}
		quietly(w.Log).Warn("make window profile", "err", err)
		problems = append(problems, err)
	}
	return nil, errors.Join(problems...)
}

// newProfile makes a fresh folder in the place, for its user only.
func (p place) newProfile(ctx context.Context) (*profile, error) {
	unlock, err := p.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	dir, err := os.MkdirTemp(p.root, "window-") // 0700
	if err != nil {
		return nil, fmt.Errorf("make window profile: %w", err)
	}
	made := &profile{dir: dir, lock: flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600))}
	if _, err := made.lock.TryLock(); err != nil {
		return nil, errors.Join(fmt.Errorf("lock window profile: %w", err), made.remove())
	}
	for _, folder := range profileFolders {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			return nil, errors.Join(fmt.Errorf("make window profile: %w", err), made.remove())
		}
	}
	return made, nil
}

// remove deletes the folder with all that the web view left in it.
func (p *profile) remove() error {
	// Windows deletes no open file, so the lock goes first.
	return errors.Join(p.lock.Close(), os.RemoveAll(p.dir))
}

// sweep removes the profiles whose core is gone: it held their lock, and the
// system took that from it.
func (p place) sweep(ctx context.Context) error {
	if _, err := os.Lstat(p.root); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	unlock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	dirs, err := filepath.Glob(filepath.Join(p.root, "window-*"))
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

var errNotOurs = errors.New("the folder for window profiles is another user's")

// lock makes the place and locks it; the lock is needed only for moments.
func (p place) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(p.root, 0o700); err != nil {
		return nil, fmt.Errorf("make folder for window profiles: %w", err)
	}
	if p.shared {
		// Somebody else may have made it first, or a link in its stead.
		info, err := os.Lstat(p.root)
		if err != nil {
			return nil, fmt.Errorf("look at folder for window profiles: %w", err)
		}
		if !info.IsDir() || !ours(info) {
			return nil, errNotOurs
		}
	}
	lock := flock.New(filepath.Join(p.root, lockName), flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, 10*time.Millisecond); err != nil {
		return nil, fmt.Errorf("lock folder for window profiles: %w", err)
	}
	return func() { _ = lock.Close() }, nil // the system frees it in any case
}
