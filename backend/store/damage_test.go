package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/store"
)

// sound is the content of a sound, closed database with two people.
func sound(t *testing.T) []byte {
	t.Helper()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	other := person()
	other.Identity.UserID, other.Identity.UnionID = "user-li", "union-li"
	mustKeep(t, s, other)
	mustKeep(t, s, person())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, "dingpass.db"))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// with makes a data directory with a database of this content.
func with(t *testing.T, content []byte) string {
	t.Helper()
	dir := dataDir(t)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "dingpass.db"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// copyOf copies a data directory as it is, open or not.
func copyOf(t *testing.T, dir string) string {
	t.Helper()
	to := dataDir(t)
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	err := filepath.Walk(to, func(path string, info os.FileInfo, err error) error {
		return errors.Join(err, os.Chmod(path, info.Mode()&^0o077)) // CopyFS opens what it copies to everyone
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// use does everything with a database that may be damaged, and says who is
// current in it. Each answer must be a true one or a typed error.
func use(t *testing.T, dir string) (identity.Record, error) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Unlock: store.Plain, Dir: dir})
	if err != nil {
		return identity.Record{}, err
	}
	rec, current := s.Current(t.Context())
	if id := rec.Identity.UserID; current == nil && id != "user-zhang" && id != "user-li" {
		t.Errorf("current is %q, whom nobody kept", id)
	}
	if id, ok := s.UserID(t.Context(), "dingcorp1", "union-zhang"); ok && id != "user-zhang" {
		t.Errorf("user id is %q", id)
	}
	errs := []error{current, s.Check(t.Context()), s.Ready(t.Context()), s.Keep(t.Context(), person())}
	_ = s.Close() // may fail, as may everything here
	for _, err := range errs {
		if code := login.CodeOf(err); err != nil && code != login.StoreUnavailable && code != login.NotSignedIn {
			t.Errorf("error with code %s: %v", code, err)
		}
	}
	return rec, errors.Join(errs...)
}

func TestDamagedDatabaseIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	content := sound(t)
	for name, damaged := range map[string][]byte{
		"garbage":                  bytes.Repeat([]byte("garbage "), 2000),
		"one byte":                 []byte("x"),
		"a text":                   []byte("this is not a database\n"),
		"cut in the header":        content[:60],
		"header overwritten":       append(make([]byte, 100), content[100:]...),
		"another magic":            append([]byte("SQLite format 4\x00"), content[16:]...),
		"schema page overwritten":  append(append(bytes.Clone(content[:100]), bytes.Repeat([]byte{0xff}, 3996)...), content[4096:]...),
		"cut after the first page": content[:4096],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := with(t, damaged)
			_, err := use(t, dir)
			wantCode(t, err, login.StoreUnavailable)
			if detail := login.DetailOf(err); !strings.Contains(detail, "damaged") || !strings.Contains(detail, dir) {
				t.Errorf("detail = %q, want the damage and the path", detail)
			}
			after, err := os.ReadFile(filepath.Join(dir, "dingpass.db"))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(after, damaged) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestEmptyFileIsANewDatabase(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, with(t, nil)) // a kill right after its creation leaves this
	mustKeep(t, s, person())
	_, err := store.Open(t.Context(), store.Options{Unlock: store.Plain, Dir: with(t, nil), ReadOnly: true})
	wantCode(t, err, login.NotSignedIn)
}

// authd panicked on a hash file that was cut.
func TestCutDatabaseNeverPanicsAndTellsTheTruth(t *testing.T) {
	t.Parallel()
	content := sound(t)
	for n := 1; n < len(content); n += 997 {
		// The very end may be room that was never used.
		if rec, err := use(t, with(t, content[:n])); err == nil && !reflect.DeepEqual(rec, person()) {
			t.Errorf("cut at %d of %d bytes: current is %+v", n, len(content), rec)
		}
	}
}

func TestFlippedBytesNeverPanicAndNeverMakeAnotherPerson(t *testing.T) {
	t.Parallel()
	content := sound(t)
	stride := 1 // every byte of the header, and then some of each page
	for offset := 0; offset < len(content); offset += stride {
		if offset == 100 {
			stride = 607
		}
		damaged := bytes.Clone(content)
		damaged[offset] ^= 0xff
		_, _ = use(t, with(t, damaged)) // judges for itself
	}
}

func TestFullDatabaseIsSaidAndLosesNothing(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	mustKeep(t, s, person())
	if err := s.Exec(t.Context(), "PRAGMA max_page_count = 1"); err != nil { // no fewer than there are
		t.Fatal(err)
	}
	big := person()
	big.Identity.Title = strings.Repeat("x", 64<<10)
	for name, err := range map[string]error{"ready": s.Ready(t.Context()), "keep": s.Keep(t.Context(), big)} {
		wantCode(t, err, login.StoreUnavailable)
		if detail := login.DetailOf(err); !strings.Contains(detail, "full") {
			t.Errorf("%s: detail = %q, want that it is full", name, detail)
		}
	}
	wantCurrent(t, s, person())
}

// V-9: a transaction that was committed although a statement had failed.
func TestTransactionThatFailsIsTakenBack(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	failure := errors.New("failure")
	err := s.InTx(t.Context(), "INSERT INTO remembered VALUES ('half', 'done')", func() error { return failure })
	if !errors.Is(err, failure) {
		t.Errorf("error = %v", err)
	}
	if _, ok, _ := s.Recall(t.Context(), "half"); ok {
		t.Error("it was committed")
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("the next transaction: %v", err)
	}
}

func TestKeepNoticesThatSomethingElseWasWritten(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*identity.Record) int64{
		"as it was written":   func(*identity.Record) int64 { return 1 },
		"an older revision":   func(*identity.Record) int64 { return 2 },
		"another body":        func(r *identity.Record) int64 { r.Identity.Name = "other"; return 1 },
		"another union id":    func(r *identity.Record) int64 { r.Identity.UnionID = "other"; return 1 },
		"another moment":      func(r *identity.Record) int64 { r.VerifiedAt = moment.AddDate(0, 0, 1); return 1 },
		"a person not there":  func(r *identity.Record) int64 { r.Identity.UserID = "other"; return 1 },
		"a later revision is": func(r *identity.Record) int64 { r.Identity.Name = "before"; return 0 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mustOpen(t, dataDir(t))
			mustKeep(t, s, person())
			rec := person()
			revision := change(&rec)
			err := s.Kept(t.Context(), rec, revision)
			fine := name == "as it was written" || revision == 0
			if (err == nil) != fine {
				t.Errorf("error = %v, want one: %v", err, !fine)
			}
		})
	}
}

func TestCancelledContextIsSaid(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range map[string]error{"ready": s.Ready(ctx), "keep": s.Keep(ctx, person()), "forget": s.Forget(ctx, person().Identity)} {
		if login.CodeOf(err) != login.StoreUnavailable {
			t.Errorf("%s = %v", name, err)
		}
	}
	mustKeep(t, s, person())
}
