package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/store"
)

func TestAcknowledgedSignInSurvivesAKill(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	for acknowledged := range 12 {
		c := start(t, command(t, "keep", dir, ""))
		said := c.line(t)
		for range acknowledged {
			said = c.line(t)
		}
		if more := c.kill(t); len(more) > 0 {
			said = more[len(more)-1]
		}
		last, err := strconv.Atoi(said)
		if err != nil {
			t.Fatalf("the child said %q", said)
		}

		s := mustOpen(t, dir)
		rec, err := s.Current(t.Context())
		if err != nil {
			t.Fatalf("current after a kill: %v", err)
		}
		if at := moment.Add(time.Duration(last) * time.Second); rec.VerifiedAt.Before(at) {
			t.Errorf("after a kill the record is of %v, and %v was acknowledged", rec.VerifiedAt, at)
		}
		if err := s.Check(t.Context()); err != nil {
			t.Errorf("check after a kill: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

// A power cut leaves some of the log. Whatever it leaves opens to a moment of
// the past, and more of the log is never an earlier one.
func TestCutLogOpensToWhatWasCommittedBefore(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	const keeps = 6
	for i := range keeps {
		rec := person()
		rec.VerifiedAt = moment.Add(time.Duration(i) * time.Second)
		mustKeep(t, s, rec)
	}
	crashed := copyOf(t, dir) // while it is open, so that all of it is in the log
	log, err := os.ReadFile(filepath.Join(crashed, "dingpass.db-wal"))
	if err != nil {
		t.Fatal(err)
	}
	newest := time.Time{}
	for n := 0; n <= len(log); n += 997 {
		after := recovered(t, crashed, log[:n])
		if after.Before(newest) {
			t.Errorf("with %d bytes of the log the record is of %v, with less it was of %v", n, after, newest)
		}
		newest = after
	}
	if whole, want := recovered(t, crashed, log), moment.Add((keeps-1)*time.Second); !whole.Equal(want) {
		t.Errorf("with the whole log the record is of %v, want %v", whole, want)
	}
}

// recovered opens a copy of a data directory with this log, and tells of when
// the current record is; the zero time where nobody is signed in.
func recovered(t *testing.T, crashed string, log []byte) time.Time {
	t.Helper()
	dir := copyOf(t, crashed)
	if err := os.Remove(filepath.Join(dir, "dingpass.db-shm")); err != nil { // memory, gone with the power
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "dingpass.db-wal"), log, 0o600); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, dir)
	rec, err := s.Current(t.Context())
	if err != nil && login.CodeOf(err) != login.NotSignedIn {
		t.Errorf("with %d bytes of the log: %v", len(log), err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	return rec.VerifiedAt
}

func TestReadOnlyStoreReadsTheLogOfACrash(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	mustKeep(t, mustOpen(t, dir), person())
	dir = copyOf(t, dir)
	if err := os.Remove(filepath.Join(dir, "dingpass.db-shm")); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{Unlock: store.Plain, Dir: dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	wantCurrent(t, s, person())
}

// pausingMigrations are the shipped schema and four more steps, in the middle
// of each of which a child can be killed.
func pausingMigrations() fstest.MapFS {
	files := shippedMigrations()
	shipped := len(files)
	for i := 2; i <= 5; i++ {
		files[fmt.Sprintf("%04d_step.sql", shipped+i-1)] = &fstest.MapFile{Data: fmt.Appendf(nil,
			"CREATE TABLE before%d (x); SELECT pause_at(%d); CREATE TABLE after%d (x);", i, i, i)}
	}
	return files
}

// golang-migrate #282, OpenRisk #241: a mark of a migration under way blocked
// every later start.
func TestMigrationThatWasKilledIsDoneAgain(t *testing.T) {
	t.Parallel()
	for step := 2; step <= 5; step++ {
		t.Run(fmt.Sprintf("killed in step %d", step), func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			s := mustOpen(t, dir)
			mustKeep(t, s, person())
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			cmd := command(t, "migrate", dir, strconv.Itoa(step))
			stdin, err := cmd.StdinPipe() // held open: the child waits on it
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = stdin.Close() }()
			c := start(t, cmd)
			if said := c.line(t); said != "paused" {
				t.Fatalf("the child said %q", said)
			}
			c.kill(t)

			s, err = store.OpenWith(t.Context(), store.Options{Unlock: store.Plain, Dir: dir}, pausingMigrations())
			if err != nil {
				t.Fatalf("open after a kill: %v", err)
			}
			defer func() { _ = s.Close() }()
			wantCurrent(t, s, person())
			for i := 2; i <= 5; i++ {
				if err := s.Exec(t.Context(), fmt.Sprintf("SELECT * FROM before%d, after%d", i, i)); err != nil {
					t.Errorf("step %d is not whole: %v", i, err)
				}
			}
		})
	}
}
