package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dingpass/dingpass/backend/signlog"
)

// Restore is a copy of a database, as [Store.Backup] makes them, on its way into
// the place of a data directory's database. [BeginRestore] takes and checks it;
// then it lies in [Restore.Room], to be opened like any database, so that a
// schema is brought up to date and the log says what happened before anything is
// in its place; [Restore.Place] puts it there; [Restore.Close] ends it, however
// far it came. A kill at any point leaves the database of before or the copy.
type Restore struct {
	// Room is a data directory of its own, within the other. It is gone after
	// Close.
	Room string

	// Key is the id of the key that the copy is sealed with; "" where nothing in
	// it ever was sealed.
	Key string

	file string // the copy, as the administrator names it
	path string // the database
	app  *AppLock
	now  func() time.Time
	at   func(step string) // told before each step of Place, for tests that kill; nil = nobody
}

// roomName is the name of the room. There is one at most, for who has the app's
// lock; what a killed restore has left is cleared by the next one.
const roomName = "restore.part"

// BeginRestore takes a copy into the room and has all of it read, as a stranger
// would. It refuses with [ErrRunning] while the directory's app is running, and a
// copy that is damaged, of a newer version or in use, with nothing changed.
func BeginRestore(ctx context.Context, dir, file string) (*Restore, error) {
	app, err := LockApp(dir) // which makes the directory where there is none
	if err != nil {
		return nil, err
	}
	r := &Restore{
		Room: filepath.Join(dir, roomName), file: file, path: filepath.Join(dir, fileName), app: app, now: time.Now,
	}
	if err := r.take(ctx); err != nil {
		return nil, errors.Join(r.refuse(err), r.Close())
	}
	return r, nil
}

// Close removes the room and lets an app start.
func (r *Restore) Close() error { return errors.Join(os.RemoveAll(r.Room), r.app.Close()) }

func (r *Restore) take(ctx context.Context) error {
	if err := r.clear(); err != nil {
		return err
	}
	if err := os.Mkdir(r.Room, 0o700); err != nil {
		return err
	}
	if err := r.fit(); err != nil {
		return err
	}
	if err := copyFile(r.file, r.taken()); err != nil { // what is checked is what will be in place
		return err
	}
	return r.check(ctx)
}

// clear removes what a restore that was killed has left: its room, and a second
// name of the database, which is in use under the first.
func (r *Restore) clear() error {
	if err := os.RemoveAll(r.Room); err != nil {
		return err
	}
	ours, err := os.Stat(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	entries, readErr := os.ReadDir(filepath.Dir(r.path))
	err = errors.Join(err, readErr)
	for _, entry := range entries {
		info, infoErr := entry.Info()
		if infoErr == nil && strings.HasPrefix(entry.Name(), fileName+keptName) && os.SameFile(ours, info) {
			err = errors.Join(err, os.Remove(filepath.Join(filepath.Dir(r.path), entry.Name())))
		}
	}
	return err
}

// keptName is what the name of a database that was replaced goes on with, before
// the time.
const keptName = ".before-"

// taken is the copy in the room.
func (r *Restore) taken() string { return filepath.Join(r.Room, fileName) }

// fit refuses what is no copy. A database with a log beside it is somebody's that
// is in use: without the log it is not the whole (vavallee/bindery #900).
func (r *Restore) fit() error {
	info, err := os.Stat(r.file)
	if err != nil {
		return err
	}
	ours, err := os.Stat(r.path)
	switch {
	case !info.Mode().IsRegular():
		return unavailable(r.file+" is not a regular file: name a copy that «dingpass cache backup» has made", nil)
	case err == nil && os.SameFile(info, ours):
		return unavailable(r.file+" is the database itself: name a copy of it", nil)
	case hasWAL(r.file):
		return unavailable(r.file+" has a write-ahead log beside it, as a database that is in use: copy that with «dingpass cache backup»", nil)
	case info.Size() < smallest:
		return fmt.Errorf("%w: it has %d bytes", errDamaged, info.Size())
	}
	return nil
}

// check reads the copy as a stranger.
func (r *Restore) check(ctx context.Context) error {
	version, err := peekVersion(ctx, r.taken(), frozen)
	if err != nil {
		return err
	}
	steps, err := shipped()
	if err != nil {
		return err
	}
	if version == 0 {
		return fmt.Errorf("%w: it has no schema", errDamaged)
	}
	if err := checkVersion(version, len(steps)); err != nil {
		return err
	}
	if err := checkCopy(ctx, r.taken()); err != nil {
		return err
	}
	r.Key, err = sealedWith(ctx, r.taken())
	return err
}

// sealedWith is the key that a file is sealed with. Schema 5 and before knew none.
func sealedWith(ctx context.Context, path string) (key string, err error) {
	db, err := openPool(dsn(path, frozen), frozen, 1)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var knows bool
	err = db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'sealing')").Scan(&knows)
	if err != nil || !knows {
		return "", err
	}
	known, err := readEpochs(ctx, db)
	return known.current, err
}

// refuse is the error about a copy that is not taken.
func (r *Restore) refuse(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return unavailable("there is no "+r.file, err)
	case errors.Is(err, ErrNewer):
		return unavailable(r.file+" was written by a newer dingpass: update dingpass first; nothing was changed", err)
	case isDamage(err):
		return unavailable(r.file+" is damaged, or no database of dingpass: nothing was changed", err)
	case isFull(err):
		return (&Store{path: r.path}).fail("take the copy", err)
	}
	return (&Store{path: r.file}).fail("take the copy", err)
}

// NoteRestored writes into the sign-in log of a copy that it is about to be the
// database: how much of the log is not in it, as far as a head outside tells, and
// that nobody's PIN, badge and counts are to be trusted who has not signed in
// with DingTalk since (see [Standing.Distrusts]). outside is nil where there is
// no head. Without a key there is no log to write into: [Store.Locked].
func (s *Store) NoteRestored(ctx context.Context, outside *signlog.Head) error {
	err := s.again(ctx, func() error {
		return s.logged(ctx, func(t *tx) (signlog.Entry, error) {
			e := s.stamp(signlog.Entry{Event: signlog.Restored})
			if outside == nil {
				return e, nil
			}
			last, _, err := s.end(ctx, t)
			if err == nil {
				e.Missing, err = s.missing(ctx, last.Sequence, *outside)
			}
			return e, err
		})
	})
	if err != nil {
		return s.fail("note that the database was restored", err)
	}
	return nil
}
