// Package store keeps who signed in, in one SQLite file that no other user of
// the machine can read.
//
// [Open] opens or creates the file; [Store.Keep] writes a person and makes
// them the current one, [Store.Current] tells who that is, [Store.Forget]
// forgets them, [Store.UserID] finds a colleague's user id again, and
// [Store.Remember] and [Store.Recall] hold facts about the machine.
// [Store.Renew] and [Store.Refuse] write down what DingTalk said of a person
// since, and [Store.Mark] what time it is at least.
// [Store.Note] writes an event into the sign-in log, in which Keep and Forget
// write theirs; [Store.VerifyLog] and [Store.LogEntries] read it.
// [Store.Tokens] shares DingTalk's tokens among processes, and [Store.Offline]
// keeps what sign-in by PIN and badge needs. [Store.Backup] copies the file while
// it is in use, and [BeginRestore] puts a copy in its place. [LockApp] makes sure that one data
// directory has one app.
//
// Promises:
//
//   - What Keep acknowledged is on disk and was read back; it survives a kill
//     and a power cut.
//
//   - What Forget forgot is overwritten, not merely unlinked. The sign-in log
//     keeps that somebody was here, by user id and name.
//
//   - The sign-in log only grows. An event is on disk together with what it is
//     about, or neither is; one that stands alone is never a reason to fail.
//
//   - A file that is damaged, of a newer version, or readable by others is
//     refused with the path and the mend, and is left as it was.
//
//   - Where nothing can be written, people who are known are still told: see
//     [Open].
//
//   - Several processes may use one file at the same time.
//
//   - Every failure is a *login.Error: not_signed_in where nobody is, else
//     store_unavailable with a detail that an administrator can act on.
//
//   - Nothing personal is in the files but sealed, and what rows are found by is
//     a keyed hash; seal.go is the one place. Without a key nothing personal is
//     written, and signing in works all the same: see [Store.Locked].
//
// Not here: what the cache may say offline (package identity), and where keys
// come from (package vault).
package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/signlog"
)

// fileName is the database's name in the data directory.
const fileName = "dingpass.db"

var _ login.Store = (*Store)(nil)

// Options says where the data lives. Dir is needed; the rest may stay empty.
type Options struct {
	Dir string // the data directory, absolute; created with mode 0700 where it is missing

	// ReadOnly opens what is there and never creates or changes anything, for
	// commands that only tell. Where there is no database yet, Open says
	// not_signed_in.
	ReadOnly bool

	// Unlock finds the keys that personal values are sealed with; nil = there
	// are none. It is asked when the database is open, and again at [Store.Unlock].
	Unlock Unlock

	// Moment tells trusted time, for the sign-in log; nil = the wall clock.
	Moment func() identity.Moment

	// LogKeys are the keys that link the sign-in log, the current one first;
	// nil = it is not keyed. An error says that there is no key now: entries
	// wait in memory until there is.
	LogKeys func() ([]signlog.Key, error)

	// Anchor keeps the sign-in log's head outside; nil = nobody does.
	Anchor Anchor

	Now func() time.Time // default time.Now
	Log *slog.Logger     // default: discard
}

// Store is an open database. Its methods may be called from several
// goroutines.
type Store struct {
	path string
	now  func() time.Time
	log  *slog.Logger

	ask       Unlock
	unlocking chan struct{} // holds one value while the keys are looked for
	keyring   *keyring
	sealer    sealer                          // the keyring
	held      atomic.Pointer[identity.Record] // who is signed in where it cannot be written down, for want of a key or of room; without a user id: nobody

	deviceUses atomic.Pointer[usesOf] // as they were last

	access  access  // how the readers can open the file
	read    *sql.DB // a few connections that cannot write
	finders map[by]*sql.Stmt
	write   *sql.DB // one connection; nil where the store is read-only
	why     error   // why write is nil

	journal *journal
}

// Open opens the database in o.Dir, creating or upgrading it where needed.
//
// A database that can be read but not written (a file system that turned
// read-only, a full disk that leaves no room for the log) is opened all the
// same: Current, UserID and Recall work, Ready and everything that writes say
// store_unavailable. A person who is known should not be turned away because
// nothing can be written down (canonical/authd #1182).
func Open(ctx context.Context, o Options) (*Store, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, login.Fail(login.Internal, err)
	}
	return open(ctx, o, files)
}

func open(ctx context.Context, o Options, files fs.FS) (*Store, error) {
	s := newStore(o)
	steps, err := readMigrations(files)
	if err != nil {
		return nil, login.Fail(login.Internal, err)
	}
	if err := s.openFiles(o); err != nil {
		return nil, s.fail("open identity database", err)
	}
	if err := s.openDatabase(ctx, o.ReadOnly, steps); err != nil {
		return nil, s.fail("open identity database", errors.Join(err, s.Close()))
	}
	if err := s.Unlock(ctx); err != nil && login.CodeOf(err) != login.KeyUnavailable {
		return nil, errors.Join(err, s.Close())
	}
	if !o.ReadOnly {
		s.startJournal(ctx)
	}
	return s, nil
}

func newStore(o Options) *Store {
	ring := &keyring{why: errNoUnlock}
	s := &Store{
		path: filepath.Join(o.Dir, fileName), now: o.Now, log: o.Log,
		ask: o.Unlock, unlocking: make(chan struct{}, 1), keyring: ring, sealer: ring,
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.journal = newJournal(o, s.now)
	return s
}

// openFiles makes what is missing and refuses what others could read.
func (s *Store) openFiles(o Options) error {
	if !o.ReadOnly {
		if err := makeDir(o.Dir); err != nil {
			return err
		}
	}
	if err := checkDir(o.Dir); err != nil {
		return err
	}
	if !o.ReadOnly {
		if err := makeFile(s.path); err != nil {
			return err
		}
	}
	return checkFiles(s.path)
}

// openDatabase opens the writer, unless the store is to be read-only or turns
// out to be, and then the readers. The version is looked at first, through a
// connection that cannot write, so that a newer file stays as it is.
func (s *Store) openDatabase(ctx context.Context, readOnly bool, steps []migration) error {
	has, err := s.peekVersion(ctx)
	if err != nil {
		return err
	}
	if err := checkVersion(has, len(steps)); err != nil {
		return err
	}
	if readOnly && has == 0 {
		return login.Fail(login.NotSignedIn, nil) // made and never set up
	}
	if readOnly {
		s.why = errReadOnly
	} else if s.why = s.openWriter(ctx, steps); s.why != nil && !cannotWrite(s.why) {
		return s.why
	}
	if s.write == nil && has < len(steps) {
		return older(s.path, has, len(steps), s.why)
	}
	if s.write == nil && !readOnly {
		s.log.WarnContext(ctx, "identity database can only be read", "op", "open", "err", s.why)
	}
	return s.openReaders(ctx)
}

// openWriter sets s.write, with the schema brought up to date, or says why
// nothing can be written.
func (s *Store) openWriter(ctx context.Context, steps []migration) error {
	db, err := openPool(dsn(s.path, writing), writing, 1)
	if err != nil {
		return err
	}
	if err := setUp(ctx, db, filepath.Dir(s.path), steps); err != nil {
		return errors.Join(err, db.Close())
	}
	s.write = db
	return nil
}

// Close closes the database. Nothing may be called afterwards. The sign-in
// log's last entries and its head are seen to first, for two seconds at most.
func (s *Store) Close() error {
	s.closeJournal()
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write} { // the writer last: it folds the log into the file
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
