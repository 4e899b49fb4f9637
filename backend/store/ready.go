package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// errTried ends a trial transaction; it never leaves this file.
var errTried = errors.New("tried")

// probeBytes is more than one Keep can need: the person's pages, the index's,
// and their copies in the log.
const probeBytes = 64 << 10

// Ready reports whether a write would succeed now. It is asked before a
// one-time code is spent, so that no sign-in succeeds at DingTalk and then
// gets lost here.
func (s *Store) Ready(ctx context.Context) error {
	if s.write == nil {
		return s.fail("try to write", s.why)
	}
	if err := errors.Join(try(ctx, s.write), tryRoom(s.path)); err != nil {
		return s.fail("try to write", err)
	}
	return nil
}

// Writable reports whether the disk would take a write, also of a store that is
// opened to read only: for whoever tells how things stand. It looks at the disk
// and its modes, not at the database.
func (s *Store) Writable() error {
	file, err := os.OpenFile(s.path, os.O_RDWR, 0)
	if err == nil {
		err = errors.Join(file.Close(), tryRoom(s.path))
	}
	if err != nil {
		return s.fail("try to write", err)
	}
	return nil
}

// try writes inside a transaction and takes it back: it finds a file that is
// read-only, locked, damaged or at its limit, without waiting for the disk.
func try(ctx context.Context, db *sql.DB) error {
	err := inTx(ctx, db, time.Now, func(t *tx) error {
		_, err := t.ExecContext(ctx,
			"INSERT OR REPLACE INTO remembered (key, value) VALUES ('trial', ?)", string(make([]byte, probeBytes)))
		if err != nil {
			return err
		}
		return errTried
	})
	if errors.Is(err, errTried) {
		return nil
	}
	return err
}

// tryRoom finds a full disk or quota: a transaction that is taken back never
// reaches the disk, but file systems reserve the room of a file as it is
// written. No sync, so it costs no time.
func tryRoom(path string) error {
	probe := path + "-probe"
	err := os.WriteFile(probe, make([]byte, probeBytes), 0o600)
	if gone := os.Remove(probe); !errors.Is(gone, fs.ErrNotExist) { // another process may be as far
		err = errors.Join(err, gone)
	}
	return err
}

// Check reads the whole database and says whether it is sound, for doctor. It
// takes time in proportion to the file.
func (s *Store) Check(ctx context.Context) error {
	if err := errors.Join(s.check(ctx, "PRAGMA quick_check"), s.check(ctx, "PRAGMA foreign_key_check")); err != nil {
		return s.fail("check identity database", err)
	}
	return nil
}

// check runs a pragma that answers one row of «ok», or no row, for a sound
// file.
func (s *Store) check(ctx context.Context, query string) (err error) {
	rows, err := s.read.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		if len(columns) > 1 {
			return fmt.Errorf("%w: a row refers to one that is missing", errDamaged)
		}
		var answer string
		if err := rows.Scan(&answer); err != nil {
			return err
		}
		if answer != "ok" {
			return fmt.Errorf("%w: %s", errDamaged, answer)
		}
	}
	return rows.Err()
}
