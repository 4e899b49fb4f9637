package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes a copy of the database as it is at one moment, while others go
// on using it. The copy is whole or not there: it is made beside path, checked,
// brought to the disk and only then given its name, in the place of an earlier
// copy. It is sealed like the original, and of no use without the key, which is
// not in it.
func (s *Store) Backup(ctx context.Context, path string) error {
	if err := s.backup(ctx, path); err != nil {
		return s.fail("back the database up", err)
	}
	return nil
}

func (s *Store) backup(ctx context.Context, path string) (err error) {
	if s.isLive(path) {
		return unavailable(path+" is a database, and no copy of one: name another file for the copy", nil)
	}
	room, err := os.MkdirTemp(filepath.Dir(path), ".dingpass-backup-") // 0700, and on the disk that path is on
	if err != nil {
		return unavailable("no room for a copy beside "+path+": check that its directory is there and can be written", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(room)) }()
	made := filepath.Join(room, fileName)
	// VACUUM INTO reads one snapshot, with what is still in the log only; copying
	// the file would leave that out (vavallee/bindery #900).
	if _, err := s.read.ExecContext(ctx, "VACUUM INTO ?", made); err != nil {
		return err
	}
	if err := inWALMode(ctx, made); err != nil {
		return err
	}
	if err := checkCopy(ctx, made); err != nil {
		return err
	}
	if err := syncFile(made); err != nil {
		return err
	}
	if err := os.Rename(made, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// isLive reports whether the file is our own, or one of which a part is still in
// its write-ahead log. A copy in its place would be read with that log, and who
// has the file open would go on writing into what is no file any more.
func (s *Store) isLive(path string) bool {
	ours, err := os.Stat(s.path)
	there, gone := os.Stat(path)
	if err == nil && gone == nil && os.SameFile(ours, there) {
		return true
	}
	_, err = os.Lstat(path + "-wal")
	return !errors.Is(err, fs.ErrNotExist)
}

// inWALMode gives the copy the journal mode of the original, which VACUUM INTO
// does not carry over, so that it can be opened where nothing can be written.
func inWALMode(ctx context.Context, path string) error {
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	db, err := openPool(dsn(path, writing), writing, 1)
	if err != nil {
		return err
	}
	return errors.Join(db.PingContext(ctx), db.Close())
}

// checkCopy opens a copy as a stranger would and has all of it read.
func checkCopy(ctx context.Context, path string) (err error) {
	db, err := openPool(dsn(path, frozen), frozen, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	copied := &Store{path: path, read: db}
	if err := errors.Join(copied.check(ctx, "PRAGMA integrity_check"), copied.check(ctx, "PRAGMA foreign_key_check")); err != nil {
		return fmt.Errorf("check the copy: %w", err)
	}
	return nil
}

func syncFile(path string) (err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the administrator names the directory
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return file.Sync()
}

// copyFile copies a file to a new one, which is on the disk when it returns.
func copyFile(from, to string) (err error) {
	source, err := os.Open(from) //nolint:gosec // the administrator names it
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()                                  // only read
	file, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // in the data directory
	if err != nil {
		return err
	}
	_, err = io.Copy(file, source)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(to)) // half a copy is none
	}
	return nil
}
