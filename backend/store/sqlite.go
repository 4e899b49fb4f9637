package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
)

// access is how a connection may use the file.
type access string

const (
	writing access = "rw"     // the file exists: makeFile made it
	reading access = "ro"     // SQLite refuses to write, whatever it is asked
	alone   access = "alone"  // for settle, which says how
	frozen  access = "frozen" // read-only media: nobody can write, so no locks and no log either
)

// pragmas are set on every connection, and read back on every connection,
// because neither is a matter of course: a pragma executed on a pool reaches
// one connection only (Lynricsy/OneSSH #4), and a driver ignores the keys of
// another driver's connection string without a word (lingyuins/octopus #97).
//
//   - busy_timeout: another process is waited for, never reported.
//   - journal_mode: readers and the writer do not block each other.
//   - synchronous 2 is FULL: a commit is on disk when it returns.
//   - fullfsync and checkpoint_fullfsync: macOS's fsync leaves it to the disk
//     when to write; nothing elsewhere (https://www.sqlite.org/pragma.html#pragma_fullfsync).
//   - secure_delete: what is deleted is overwritten with zeros. SQLite would
//     leave it in free pages, and «forget me» means the bytes too.
var pragmas = []struct{ name, value string }{
	{"busy_timeout", "10000"},
	{"journal_mode", "wal"},
	{"synchronous", "2"},
	{"fullfsync", "1"},
	{"checkpoint_fullfsync", "1"},
	{"foreign_keys", "1"},
	{"secure_delete", "1"},
}

// dsn is the connection string. The driver runs busy_timeout first and the
// other pragmas after it, so that a busy file is waited for from the start.
func dsn(path string, mode access) string {
	query := url.Values{"_error_rc": {"1"}, "_dqs": {"0"}}
	switch mode {
	case writing:
		query.Set("mode", "rw")
		query.Set("_txlock", "immediate")
	case alone:
		query.Set("mode", "rw")
	case reading:
		query.Set("mode", "ro")
	case frozen:
		query.Set("mode", "ro")
		query.Set("immutable", "1")
	}
	for _, p := range pragmas {
		if mode == alone || p.name == "journal_mode" && mode != writing {
			continue // a property of the file; only a writer may set it
		}
		query.Add("_pragma", fmt.Sprintf("%s(%s)", p.name, p.value))
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String()
}

// openPool prepares a pool of n connections, each of which is checked when it
// is made. It does not touch the file.
func openPool(dsn string, mode access, n int) (*sql.DB, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(checked{connector, mode})
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// checked hands out only connections that have the pragmas.
type checked struct {
	driver.Connector
	mode access
}

// Connect opens a connection and reads the pragmas back.
func (c checked) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := readBack(ctx, conn, c.mode); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func readBack(ctx context.Context, conn driver.Conn, mode access) error {
	for _, p := range pragmas {
		if p.name == "journal_mode" && mode == frozen {
			continue // no log is used where nobody can write
		}
		got, err := pragma(ctx, conn, p.name)
		if err != nil {
			return fmt.Errorf("read %s back: %w", p.name, err)
		}
		if got != p.value {
			return &pragmaError{p.name, p.value, got}
		}
	}
	return nil
}

// pragmaError is a connection that does not behave as it was told to.
type pragmaError struct{ name, want, got string }

func (e *pragmaError) Error() string {
	return fmt.Sprintf("%s is %s, not %s", e.name, e.got, e.want)
}

// pragma reads one pragma of a connection that is in no pool yet.
func pragma(ctx context.Context, conn driver.Conn, name string) (value string, err error) {
	querier, ok := conn.(driver.QueryerContext)
	if !ok {
		return "", errors.New("the SQLite driver cannot query a connection")
	}
	rows, err := querier.QueryContext(ctx, "PRAGMA "+name, nil)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row := make([]driver.Value, len(rows.Columns()))
	if err := rows.Next(row); err != nil {
		return "", err
	}
	return fmt.Sprint(row[0]), nil
}
