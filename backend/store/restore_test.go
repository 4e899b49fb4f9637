package store_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
)

// restore puts a copy in the place of a database, as «cache restore» does.
func restore(ctx context.Context, o store.Options, file string, outside *signlog.Head, at func(string)) (kept string, err error) {
	r, err := store.BeginRestore(ctx, o.Dir, file)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	r.At(at)
	o.Dir, o.Anchor = r.Room, nil
	s, err := store.Open(ctx, o)
	if err != nil {
		return "", err
	}
	if err := errors.Join(s.NoteRestored(ctx, outside), s.Close()); err != nil {
		return "", err
	}
	return r.Place(ctx)
}

func mustRestore(t *testing.T, o store.Options, file string, outside *signlog.Head) (kept string) {
	t.Helper()
	kept, err := restore(t.Context(), o, file, outside, nil)
	if err != nil {
		t.Fatal("restore:", err)
	}
	return kept
}

func mustBackup(t *testing.T, s *store.Store) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(t.Context(), file); err != nil {
		t.Fatal("backup:", err)
	}
	return file
}

// vavallee/bindery #900, neotoma #2075: what was copied while others wrote is
// what is there afterwards, to the last row and link.
func TestARestoredBackupHasTheRowsAndTheChainOfItsMoment(t *testing.T) {
	t.Parallel()
	o := keyed(dataDir(t), "k")
	s := openAs(t, o)
	busy, stop := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	begun := make(chan struct{})
	writer.Go(func() {
		for n := 0; busy.Err() == nil; n++ {
			if err := s.Keep(t.Context(), colleague(n)); err != nil {
				t.Errorf("keep: %v", err)
				return
			}
			if n == 20 {
				close(begun)
			}
		}
	})
	<-begun
	file := mustBackup(t, s)
	copied, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	stop()
	writer.Wait()
	mustClose(t, s)
	apart := keyed(dataDir(t), "k")
	if err := errors.Join(os.Mkdir(apart.Dir, 0o700), os.WriteFile(filepath.Join(apart.Dir, "dingpass.db"), copied, 0o600)); err != nil {
		t.Fatal(err)
	}
	then := openAs(t, apart)
	mustRestore(t, o, file, nil)
	now := openAs(t, o)
	people, report := everybody(t, now), verified(t, now)
	if !slices.Equal(people, everybody(t, then)) || len(people) < 20 {
		t.Errorf("%d people, %d in the copy", len(people), len(everybody(t, then)))
	}
	if rows := verified(t, then).Rows; !report.Sound() || report.Rows != rows+1 || report.Restored != rows+1 {
		t.Errorf("report = %+v, want the %d rows of the copy and one that tells of it", report, rows)
	}
	if err := now.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// The log tells itself what is missing, and the head outside goes on from there:
// it is not found a second time.
func TestARestoredCopyIsToldOnceAndDistrusted(t *testing.T) {
	t.Parallel()
	o, outside := anchored(t)
	s := openAs(t, o)
	mustKeep(t, s, person())
	note(t, s, 2, 4)
	file := mustBackup(t, s)
	note(t, s, 6, 4)
	mustClose(t, s)
	head := outside.head
	before := mustRestore(t, o, file, &head)
	for range 2 {
		s, now := looked(t, o)
		mustKeep(t, s, colleague(1))
		if now.State != store.Sound || !now.Distrusts(kept(t, s, person())) || now.Distrusts(kept(t, s, colleague(1))) {
			t.Errorf("standing = %+v, want who signed in before distrusted, and nobody else", now)
		}
		mustClose(t, s)
	}
	s = openAs(t, o)
	report := verified(t, s)
	mustClose(t, s)
	want := signlog.Finding{Row: 6, Kind: signlog.Missing, Through: 9, Noted: true}
	if len(report.Findings) != 1 || report.Findings[0] != want || report.Restored != 10 || outside.head.Length != 12 {
		t.Errorf("report = %+v with the head at %d, want only %+v", report, outside.head.Length, want)
	}
	mustRestore(t, o, before, &outside.head) // back again: nothing but that is missing
	if report = verified(t, openAs(t, o)); report.Restored != 13 {
		t.Errorf("report = %+v", report)
	}
}

func TestARestoreWithoutAHeadOutsideIsToldToo(t *testing.T) {
	t.Parallel()
	o := keyed(dataDir(t), "k")
	s := openAs(t, o)
	note(t, s, 1, 5)
	file := mustBackup(t, s)
	mustClose(t, s)
	mustRestore(t, o, file, nil)
	s = openAs(t, o)
	if report := verified(t, s); !report.Sound() || report.Restored != 6 {
		t.Errorf("report = %+v", report)
	}
}

// childRestore restores a copy and stops before a step, to be killed there.
func childRestore(ctx context.Context, dir, step string) error {
	o := store.Options{Dir: dir, Unlock: store.Plain}
	_, err := restore(ctx, o, filepath.Join(filepath.Dir(dir), "copy.db"), nil, func(before string) {
		if before == step {
			say("paused")
			_, _ = io.Copy(io.Discard, os.Stdin) // until killed
		}
	})
	return err
}

// A kill leaves the old database or the new one, and a way to go on.
func TestAKilledRestoreLeavesADatabase(t *testing.T) {
	t.Parallel()
	for step, c := range map[string]struct {
		want string
		kept int // in the end, with that of the restore that goes through
	}{
		"settle": {"user-0002", 1}, "keep": {"user-0002", 1}, "rename": {"user-0002", 1}, "sync": {"user-0001", 2},
	} {
		t.Run("before "+step, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			s := mustOpen(t, dir)
			mustKeep(t, s, colleague(1))
			if err := s.Backup(t.Context(), filepath.Join(filepath.Dir(dir), "copy.db")); err != nil {
				t.Fatal(err)
			}
			mustKeep(t, s, colleague(2))
			mustClose(t, s)
			cmd := command(t, "restore", dir, step)
			if _, err := cmd.StdinPipe(); err != nil {
				t.Fatal(err)
			}
			restoring := start(t, cmd)
			if said := restoring.line(t); said != "paused" {
				t.Fatal(said)
			}
			restoring.kill(t)
			s = mustOpen(t, dir)
			if rec, err := s.Current(t.Context()); err != nil || rec.Identity.UserID != c.want {
				t.Errorf("current: %s, %v, want %s", rec.Identity.UserID, err, c.want)
			}
			mustClose(t, s)
			o := store.Options{Dir: dir, Unlock: store.Plain}
			kept := mustRestore(t, o, filepath.Join(filepath.Dir(dir), "copy.db"), nil)
			s = mustOpen(t, dir)
			if rec, err := s.Current(t.Context()); err != nil || rec.Identity.UserID != "user-0001" {
				t.Errorf("current in the end: %s, %v", rec.Identity.UserID, err)
			}
			all, err := filepath.Glob(filepath.Join(dir, "dingpass.db.before-*"))
			if err != nil || len(all) != c.kept || !slices.Contains(all, kept) {
				t.Errorf("kept: %v, %v; want %d, with %s", all, err, c.kept, kept)
			}
		})
	}
}

// A database that somebody has open would go on under the copy.
func TestARestoreWaitsForNobodyWhoStays(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]store.Options{
		"a reader": {ReadOnly: true, Unlock: store.Plain}, "a writer": {Unlock: store.Plain},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			s := mustOpen(t, dir)
			mustKeep(t, s, colleague(1))
			file := mustBackup(t, s)
			mustKeep(t, s, colleague(2))
			mustClose(t, s)
			o.Dir = dir
			busy := openAs(t, o)
			_, err := restore(t.Context(), store.Options{Dir: dir, Unlock: store.Plain}, file, nil, nil)
			wantCode(t, err, login.StoreUnavailable)
			if got := everybody(t, busy); len(got) != 2 {
				t.Errorf("%v are left", got)
			}
			mustClose(t, busy)
			mustRestore(t, store.Options{Dir: dir, Unlock: store.Plain}, file, nil)
		})
	}
}

func TestACopyOfANewerVersionIsNotTaken(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	mustExec(t, s, "PRAGMA user_version = 99")
	file := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	_, err := store.BeginRestore(t.Context(), dir, file)
	if !errors.Is(err, store.ErrNewer) {
		t.Errorf("%v, want ErrNewer", err)
	}
	wantCode(t, err, login.StoreUnavailable)
}

func TestACopyOfAnEarlierVersionIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	dumps, err := filepath.Glob("testdata/schema-*.sql")
	if err != nil || len(dumps) < 6 {
		t.Fatalf("dumps: %v, %v", dumps, err)
	}
	for _, dump := range dumps {
		t.Run(filepath.Base(dump), func(t *testing.T) {
			t.Parallel()
			from := dataDir(t)
			fromDump(t, from, dump)
			o := store.Options{Dir: dataDir(t), Unlock: store.Plain}
			if kept := mustRestore(t, o, filepath.Join(from, "dingpass.db"), nil); kept != "" {
				t.Errorf("kept %s, and there was nothing", kept)
			}
			if err := openAs(t, o).Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}
