package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/store"
)

// shippedMigrations are the real ones, to add to.
func shippedMigrations() fstest.MapFS {
	files := fstest.MapFS{}
	names, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(names) == 0 {
		panic("no migrations")
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			panic(err)
		}
		files[filepath.Base(name)] = &fstest.MapFile{Data: text}
	}
	return files
}

// numbered is the name of the migration that would come as the nth next one.
func numbered(files fstest.MapFS, n int, name string) string {
	return fmt.Sprintf("%04d_%s.sql", len(files)+n, name)
}

// fromDump makes the database that a dump describes.
func fromDump(t *testing.T, dir, dump string) {
	t.Helper()
	text, err := os.ReadFile(dump)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "dingpass.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), string(text)); err != nil {
		t.Fatalf("restore %s: %v", dump, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "dingpass.db"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Every schema that was ever shipped has a dump here, never changed again, and
// must open with the person in it.
func TestEveryShippedSchemaIsUpgraded(t *testing.T) {
	t.Parallel()
	dumps, err := filepath.Glob("testdata/schema-*.sql")
	if err != nil {
		t.Fatal(err)
	}
	if want := len(shippedMigrations()); len(dumps) != want {
		t.Fatalf("%d dumps for %d schemas", len(dumps), want)
	}
	for _, dump := range dumps {
		t.Run(filepath.Base(dump), func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			fromDump(t, dir, dump)
			s := mustOpen(t, dir)
			wantCurrent(t, s, person())
			if got, ok := s.UserID(t.Context(), "dingcorp1", "union-zhang"); got != "user-zhang" || !ok {
				t.Errorf("user id = %q, %v", got, ok)
			}
			if got, ok, err := s.Recall(t.Context(), "embed"); got != "page" || !ok || err != nil {
				t.Errorf("recall = %q, %v, %v", got, ok, err)
			}
			if err := s.Check(t.Context()); err != nil {
				t.Error(err)
			}
			mustKeep(t, s, person())
		})
	}
}

func TestNewerDatabaseIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	fromDump(t, dir, "testdata/schema-0001.sql") // not yet with a write-ahead log: opening to write would change that
	if _, err := raw(t, dir).ExecContext(t.Context(), "PRAGMA user_version = 999"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "dingpass.db")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, readOnly := range []bool{false, true} {
		_, err := store.Open(t.Context(), store.Options{Dir: dir, ReadOnly: readOnly})
		wantCode(t, err, login.StoreUnavailable)
		if !errors.Is(err, store.ErrNewer) {
			t.Errorf("error = %v, want ErrNewer", err)
		}
		if detail := login.DetailOf(err); !strings.Contains(detail, path) || !strings.Contains(detail, "update dingpass") {
			t.Errorf("detail = %q, want the path and the mend", detail)
		}
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("the file was changed")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("files were added: %v", entries)
	}
}

func TestOlderDatabaseThatCannotBeUpgradedIsRefused(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	fromDump(t, dir, "testdata/schema-0001.sql")
	files := shippedMigrations()
	files[numbered(files, 1, "more")] = &fstest.MapFile{Data: []byte("CREATE TABLE more (x)")}
	_, err := store.OpenWith(t.Context(), store.Options{Dir: dir, ReadOnly: true}, files)
	wantCode(t, err, login.StoreUnavailable)
}

func TestMigrationThatFailsLeavesTheVersionBefore(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	files := shippedMigrations()
	files[numbered(files, 1, "wrong")] = &fstest.MapFile{Data: []byte("CREATE TABLE half (x); CREATE TABLE identities (x)")}
	_, err := store.OpenWith(t.Context(), store.Options{Dir: dir}, files)
	wantCode(t, err, login.StoreUnavailable)
	s := mustOpen(t, dir)
	if err := s.Exec(t.Context(), "SELECT * FROM half"); err == nil {
		t.Error("half of the migration was kept")
	}
}

func TestMigrationsAreNumberedWithoutAGap(t *testing.T) {
	t.Parallel()
	files := shippedMigrations()
	files[numbered(files, 2, "gap")] = &fstest.MapFile{Data: []byte("SELECT 1")}
	_, err := store.OpenWith(t.Context(), store.Options{Dir: dataDir(t)}, files)
	wantCode(t, err, login.Internal)
}
