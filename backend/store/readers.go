package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
)

// readers is the size of the read pool: an interface, a command and a check at
// the same time, with one to spare.
const readers = 4

// peekVersion reads the schema's version through a connection that cannot
// write, and settles how the file can be read.
func (s *Store) peekVersion(ctx context.Context) (int, error) {
	version, err := peekVersion(ctx, s.path, reading)
	if cannotWrite(err) && !hasWAL(s.path) {
		// Reading beside a writer needs a lock file, which read-only and full
		// disks cannot have. Nobody writes there either, so none is needed.
		s.access = frozen
		return peekVersion(ctx, s.path, frozen)
	}
	s.access = reading
	return version, err
}

func peekVersion(ctx context.Context, path string, mode access) (version int, err error) {
	db, err := sql.Open("sqlite", dsn(path, mode))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	return version, err
}

// hasWAL reports whether the file has a write-ahead log with something in it:
// then the file alone is not the whole database.
func hasWAL(path string) bool {
	info, err := os.Stat(path + "-wal")
	return err == nil && info.Size() > 0
}

// openReaders opens the read pool and one connection of it.
func (s *Store) openReaders(ctx context.Context) error {
	db, err := openPool(dsn(s.path, s.access), s.access, readers)
	if err != nil {
		return err
	}
	s.read = db
	return s.prepareFinders(ctx)
}
