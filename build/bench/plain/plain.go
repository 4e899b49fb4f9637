// Package plain is SQLite without anything of dingpass, for the bench to put
// beside the store: one prepared SELECT by key, and one INSERT that is on the
// disk when it returns. The driver is the caller's.
//
// [Main] talks like the store's test binary (backend/store, measure_test.go): a
// line «read 100» on standard input is answered with one line of JSON, the
// nanoseconds that each took.
package plain

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"
)

// table is an open database.
type table struct {
	db           *sql.DB
	read, append *sql.Stmt
	rows, size   int
}

// Main is Serve with the arguments and streams of a program: a file, how many
// rows, and how large. The options are what the driver takes after the file.
func Main(driver, options string) int {
	var file string
	var rows, size int
	_, err := fmt.Sscan(strings.Join(os.Args[1:], " "), &file, &rows, &size)
	if err == nil {
		err = Serve(context.Background(), driver, "file:"+file+options, rows, size, os.Stdin, os.Stdout)
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, driver+":", err) // nowhere else to say it
		return 1
	}
	return 0
}

// Serve opens a database that has a write-ahead log, waits for the disk at each
// commit and overwrites what it deletes, as the store's; how is the driver's
// affair. It makes as many rows of so many bytes, unless they are there, says
// how long opening took, and then does what it is asked.
func Serve(ctx context.Context, driver, dsn string, rows, size int, in io.Reader, out io.Writer) error {
	if err := fill(ctx, driver, dsn, rows, size); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	began := time.Now()
	t, err := open(ctx, driver, dsn, rows, size)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	if err := tell(out, []time.Duration{time.Since(began)}); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var what string
		var n int
		if _, err := fmt.Sscan(lines.Text(), &what, &n); err != nil {
			return err
		}
		took, err := t.do(ctx, what, n)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if err := tell(out, took); err != nil {
			return err
		}
	}
	return errors.Join(lines.Err(), t.db.Close())
}

func tell(out io.Writer, took []time.Duration) error { return json.NewEncoder(out).Encode(took) }

func fill(ctx context.Context, driver, dsn string, rows, size int) (err error) {
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, `
		CREATE TABLE IF NOT EXISTS people (key BLOB NOT NULL PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
		CREATE TABLE IF NOT EXISTS log (seq INTEGER NOT NULL PRIMARY KEY, body BLOB NOT NULL) STRICT`)
	var there int
	err = errors.Join(err, db.QueryRowContext(ctx, "SELECT count(*) FROM people").Scan(&there))
	if err != nil || there == rows {
		return err
	}
	keys := make([][]byte, rows)
	for i := range keys {
		keys[i] = keyOf(i)
	}
	slices.SortFunc(keys, bytes.Compare)
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	insert, err := t.PrepareContext(ctx, "INSERT INTO people (key, body) VALUES (?, ?)")
	if err != nil {
		return errors.Join(err, t.Rollback())
	}
	defer func() { _ = insert.Close() }() // the transaction tells of any error
	for _, key := range keys {
		if _, err := insert.ExecContext(ctx, key, body(size)); err != nil {
			return errors.Join(err, t.Rollback())
		}
	}
	return t.Commit()
}

func keyOf(n int) []byte {
	key := sha256.Sum256(fmt.Append(nil, n))
	return key[:]
}

func body(size int) []byte {
	made := make([]byte, size)
	_, _ = rand.Read(made) // never fails
	return made
}

func open(ctx context.Context, driver, dsn string, rows, size int) (*table, error) {
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, err
	}
	t := &table{db: db, rows: rows, size: size}
	t.read, err = db.PrepareContext(ctx, "SELECT body FROM people WHERE key = ?")
	if err == nil {
		t.append, err = db.PrepareContext(ctx, "INSERT INTO log (body) VALUES (?)")
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return t, nil
}

// do does something n times.
func (t *table) do(ctx context.Context, what string, n int) (took []time.Duration, err error) {
	once := map[string]func(context.Context) error{"read": t.readOne, "append": t.appendOne}[what]
	if once == nil {
		return nil, errors.New("unknown")
	}
	for range n {
		began := time.Now()
		if err := once(ctx); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

func (t *table) readOne(ctx context.Context) error {
	var body []byte
	if err := t.read.QueryRowContext(ctx, keyOf(mathrand.IntN(t.rows))).Scan(&body); err != nil { //nolint:gosec // a draw
		return err
	}
	if len(body) != t.size {
		return errors.New("it is another row")
	}
	return nil
}

func (t *table) appendOne(ctx context.Context) error {
	_, err := t.append.ExecContext(ctx, body(t.size))
	return err
}
