package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Place puts the copy, whose database is closed again, into the place of the
// database. What was there is kept beside it, and kept is where: a copy that can
// be restored as well; "" where nothing was. Another process that has the
// database open is waited for a moment, and then an error: a write-ahead log that
// is in use would be taken for the copy's (neotoma #2075).
func (r *Restore) Place(ctx context.Context) (kept string, err error) {
	// Processes that start to write meanwhile wait, and open what is there then.
	turn := flock.New(filepath.Join(filepath.Dir(r.path), setupLock), flock.SetPermissions(0o600))
	if _, err := turn.TryLockContext(ctx, lockPoll); err != nil {
		return "", (&Store{path: r.path}).fail("restore the database", err)
	}
	defer func() { err = errors.Join(err, turn.Close()) }()
	if kept, err = r.place(ctx); err != nil {
		return kept, (&Store{path: r.path}).fail("restore the database", err)
	}
	return kept, nil
}

func (r *Restore) place(ctx context.Context) (kept string, err error) {
	if hasWAL(r.taken()) {
		return "", errors.New("the copy was not closed")
	}
	if err := syncFile(r.taken()); err != nil {
		return "", err
	}
	r.before("settle")
	if err := settle(ctx, r.path); err != nil {
		return "", err
	}
	r.before("keep")
	if kept, err = r.keep(); err != nil {
		return "", err
	}
	r.before("rename")
	if err := os.Rename(r.taken(), r.path); err != nil {
		return kept, err
	}
	r.before("sync")
	return kept, syncDir(filepath.Dir(r.path))
}

func (r *Restore) before(step string) {
	if r.at != nil {
		r.at(step)
	}
}

// settledWithin is how long another process may go on with the database. A
// command that only tells is through long before.
const settledWithin = 2 * time.Second

// settle folds the write-ahead log of a database into it and leaves none, which
// only the one connection there is can do: others that are open make it fail. Of a
// database that is damaged SQLite folds in what it can.
func settle(ctx context.Context, path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	db, err := sql.Open("sqlite", dsn(path, alone))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	// An exclusive connection keeps a lock that no other may share; it has to be
	// one before it looks at the log.
	_, err = db.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d; PRAGMA locking_mode = exclusive; BEGIN EXCLUSIVE; COMMIT",
		settledWithin.Milliseconds()))
	var busy, pages, folded int
	if err == nil {
		err = db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &folded)
	}
	if err = errors.Join(err, db.Close()); isDamage(err) { // Close removes the empty log
		return nil
	}
	if err == nil && (busy != 0 || hasWAL(path)) {
		err = errBusy
	}
	return err
}

// keep gives what is in place a second name, which stays. The log of a database
// that is damaged goes along: beside the copy it would be taken for the copy's.
func (r *Restore) keep() (kept string, err error) {
	kept = r.path + r.now().UTC().Format(keptName+"20060102T150405.000Z")
	_, err = os.Lstat(r.path)
	there := err == nil
	if there {
		if err := os.Link(r.path, kept); errors.Is(err, fs.ErrExist) {
			return "", err
		} else if err != nil { // a file system without a second name for a file
			if err := copyFile(r.path, kept); err != nil {
				return "", err
			}
		}
	}
	if hasWAL(r.path) {
		there = true
		if err := os.Rename(r.path+"-wal", kept+"-wal"); err != nil {
			return kept, err
		}
	}
	if !there {
		return "", nil
	}
	return kept, syncDir(filepath.Dir(r.path))
}
