package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one step of the schema: the SQL that makes version n of n-1.
type migration struct{ name, sql string }

// readMigrations reads the steps in the order of their names, which start with
// their numbers: 0001_….sql, 0002_….sql. A gap is a mistake in the program.
func readMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	steps := make([]migration, 0, len(names))
	for i, name := range names { // Glob sorts
		if want := fmt.Sprintf("%04d_", i+1); len(name) < len(want) || name[:len(want)] != want {
			return nil, fmt.Errorf("migration %s should be number %d", name, i+1)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, migration{name, string(text)})
	}
	return steps, nil
}

// shipped are the steps of this version.
func shipped() ([]migration, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	return readMigrations(files)
}

// checkVersion refuses a schema that no step makes.
func checkVersion(version, know int) error {
	switch {
	case version < 0:
		return fmt.Errorf("%w: its schema is %d", errDamaged, version)
	case version > know:
		return fmt.Errorf("%w: its schema is %d, this dingpass knows %d", ErrNewer, version, know)
	}
	return nil
}

// setupLock is the lock of whoever sets a database up, or puts another in its
// place.
const setupLock = "setup.lock"

// setUp brings the schema up to date and shows that the file can be written.
// Two processes that start together on a new directory take turns: SQLite
// would answer «busy» to one of two that change the journal mode.
func setUp(ctx context.Context, db *sql.DB, dir string, steps []migration) (err error) {
	turn := flock.New(filepath.Join(dir, setupLock), flock.SetPermissions(0o600))
	if _, err := turn.TryLockContext(ctx, 10*time.Millisecond); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, turn.Close()) }()
	for {
		done, err := step(ctx, db, steps)
		if err != nil {
			return err
		}
		if done {
			return try(ctx, db)
		}
	}
}

// step applies the one migration that comes next and writes down that it did,
// in one transaction: a kill leaves the version before or the version after,
// and no mark to be cleaned up by hand (golang-migrate #282).
func step(ctx context.Context, db *sql.DB, steps []migration) (done bool, err error) {
	err = inTx(ctx, db, time.Now, func(t *tx) error {
		var version int
		if err := t.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		if err := checkVersion(version, len(steps)); err != nil { // again: another process may have been quicker
			return err
		}
		if done = version == len(steps); done {
			return nil
		}
		next := steps[version]
		if _, err := t.ExecContext(ctx, next.sql); err != nil {
			return fmt.Errorf("migration %s: %w", next.name, err)
		}
		_, err := t.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version+1))
		return err
	})
	return done, err
}
