package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/dingpass/dingpass/backend/login"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What an error may turn out to be, for errors.Is.
var (
	// ErrNewer is a database that a later version of dingpass has upgraded.
	ErrNewer = errors.New("database is of a newer version")

	// ErrRunning is a data directory whose app is already running.
	ErrRunning = errors.New("already running")

	errDamaged  = errors.New("database is damaged")
	errBusy     = errors.New("database is busy")
	errReadOnly = errors.New("opened to read only")
)

// unavailable is a failure of the database, with the detail that tells the path
// and the mend.
func unavailable(detail string, err error) error {
	return &login.Error{Code: login.StoreUnavailable, Detail: detail, Err: err}
}

func older(path string, has, want int, why error) error {
	return unavailable(fmt.Sprintf(
		"%s has schema %d and cannot be upgraded to %d, because it cannot be written: let it be written once, and start again", path, has, want), why)
}

// fail turns any error of this package into a *login.Error. Driver errors are
// told apart by their code, never by their text.
func (s *Store) fail(doing string, err error) error {
	var coded *login.Error
	if errors.As(err, &coded) {
		return coded
	}
	return unavailable(s.detail(err), fmt.Errorf("%s: %w", doing, err))
}

func (s *Store) detail(err error) string {
	var pragma *pragmaError
	switch {
	case errors.Is(err, ErrNewer):
		return s.path + " was written by a newer dingpass: update dingpass, or set data_dir to another directory"
	case errors.As(err, &pragma) && pragma.name == "journal_mode":
		return s.path + " has no write-ahead log, which network file systems cannot give: set data_dir to a local disk"
	case errors.As(err, &pragma):
		return "this build's SQLite driver ignored " + pragma.name
	case errors.Is(err, errReadOnly):
		return s.path + " was opened to read only"
	case isDamage(err):
		return "database is damaged: " + s.path + " was left as it is; move it away and sign in again"
	case errors.Is(err, errBusy), isCode(err, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
		return s.path + " is held by another program: close it and try again"
	case isCode(err, sqlite3.SQLITE_FULL), isFull(err):
		return "the disk of " + s.path + " is full: make room"
	case isCode(err, sqlite3.SQLITE_IOERR):
		return "the disk of " + s.path + " gives errors: make room on it, and check it"
	case cannotWrite(err):
		return s.path + " cannot be written: check the mode, the owner and the mount of its directory"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "stopped before it was done"
	}
	return s.path
}

// isDamage reports an error of a file that is no sound database.
func isDamage(err error) bool {
	return errors.Is(err, errDamaged) || isCode(err, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
}

// cannotWrite reports an error after which the file may still be read: its
// disk is read-only or full, or does not take writes for another reason.
func cannotWrite(err error) bool {
	return isCode(err, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM,
		sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR) ||
		errors.Is(err, errReadOnly) || errors.Is(err, fs.ErrPermission) || isReadOnlyMount(err) || isFull(err)
}

// isUnreadable reports an error of what is sealed, and not of the disk: it was
// changed, or is under a key that is not here. A transaction may go on without it.
func isUnreadable(err error) bool {
	return errors.Is(err, errDamaged) || login.CodeOf(err) == login.KeyUnavailable
}

// isCode reports whether err is the driver's with one of the primary result
// codes; the upper bits only say more precisely which.
func isCode(err error, codes ...int) bool {
	var driver *sqlite.Error
	if !errors.As(err, &driver) {
		return false
	}
	for _, code := range codes {
		if driver.Code()&0xff == code {
			return true
		}
	}
	return false
}
