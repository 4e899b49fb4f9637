package store_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/store"
)

func everybody(t *testing.T, s *store.Store) (ids []string) {
	t.Helper()
	for rec, err := range s.People(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, rec.Identity.UserID)
	}
	slices.Sort(ids)
	return ids
}

func TestPeopleAreAllWhoAreKept(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
	var want []string
	for n := range 130 { // more than is read at a time
		mustKeep(t, s, colleague(n))
		want = append(want, colleague(n).Identity.UserID)
	}
	if got := everybody(t, s); !slices.Equal(got, want) {
		t.Errorf("%d people, want %d", len(got), len(want))
	}
	for range s.People(t.Context()) {
		break // whoever has seen enough may go
	}
	for _, err := range mustOpenWith(t, dir, noKey).People(t.Context()) {
		wantCode(t, err, login.KeyUnavailable)
	}
}

func TestPurgeForgetsWhoIsNamedAndNobodyElse(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
	mustKeep(t, s, colleague(1))
	mustKeep(t, s, colleague(2))
	mustKeep(t, s, person())
	gone, err := s.Purge(t.Context(), func(rec identity.Record) bool { return rec.Identity.UserID != "user-0002" })
	if err != nil || gone != 2 {
		t.Errorf("purged %d, %v", gone, err)
	}
	if got := everybody(t, s); !slices.Equal(got, []string{"user-0002"}) {
		t.Errorf("left: %v", got)
	}
	_, err = s.Current(t.Context())
	wantCode(t, err, login.NotSignedIn)
}

// A disk that fails in the middle: who is gone is told, and is gone.
func TestPurgeTellsWhoWentBeforeItFailed(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
	for n := range 5 {
		mustKeep(t, s, colleague(n))
	}
	mustExec(t, s, `CREATE TRIGGER fails BEFORE DELETE ON identities WHEN (SELECT count(*) FROM identities) = 3
		BEGIN SELECT RAISE(ABORT, 'no'); END`)
	gone, err := s.Purge(t.Context(), func(identity.Record) bool { return true })
	if wantCode(t, err, login.StoreUnavailable); gone != 2 || len(everybody(t, s)) != 3 {
		t.Errorf("purged %d, and %d are left; want 2 and 3", gone, len(everybody(t, s)))
	}
	if log, err := os.Stat(filepath.Join(dir, "dingpass.db-wal")); err != nil || log.Size() != 0 {
		t.Errorf("the log behind them: %v, %v; want it cut", log, err)
	}
}

// Somebody who signs in between the decision and the deed has not expired.
func TestPurgeLeavesWhoWasConfirmedMeanwhile(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
	mustKeep(t, s, person())
	gone, err := s.Purge(t.Context(), func(rec identity.Record) bool {
		rec.VerifiedAt = rec.VerifiedAt.Add(time.Hour)
		mustKeep(t, s, rec)
		return true
	})
	if err != nil || gone != 0 {
		t.Errorf("purged %d, %v", gone, err)
	}
}

// vavallee/bindery #900 and #2337, neotoma #2075, arc #635, theoriclabs/LeanDB #60: copies without what was only in the log.
func TestABackupUnderLoadIsWhole(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := mustOpenWith(t, dir, k.unlock)
	for n := range 50 {
		mustKeep(t, s, colleague(n))
	}
	busy, stop := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	writer.Go(func() {
		for n := 50; busy.Err() == nil; n++ {
			if err := s.Keep(t.Context(), colleague(n)); err != nil {
				t.Errorf("keep: %v", err)
				return
			}
		}
	})
	copied := filepath.Join(t.TempDir(), "copy", "dingpass.db")
	if err := os.Mkdir(filepath.Dir(copied), 0o700); err != nil {
		t.Fatal(err)
	}
	for range 3 { // an earlier copy is replaced
		if err := s.Backup(t.Context(), copied); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	writer.Wait()
	entries, err := os.ReadDir(filepath.Dir(copied))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the copy: %v, %v", entries, err)
	}
	reader, err := store.Open(t.Context(), store.Options{Dir: filepath.Dir(copied), ReadOnly: true, Unlock: k.unlock})
	if err != nil {
		t.Fatalf("the copy cannot be read as it is: %v", err)
	}
	if err := reader.Close(); err != nil {
		t.Error(err)
	}
	restored := mustOpenWith(t, filepath.Dir(copied), k.unlock)
	if got := everybody(t, restored); len(got) < 50 || !slices.Contains(got, "user-0049") {
		t.Errorf("%d people in the copy", len(got))
	}
	if err := restored.Check(t.Context()); err != nil {
		t.Error(err)
	}
	wantNothingOf(t, filepath.Dir(copied), planted(t, colleague(1)))
}

func TestABackupThatCannotBeMadeLeavesTheOneBefore(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
	mustKeep(t, s, person())
	before := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(before, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Exec(t.Context(), "PRAGMA foreign_keys = 0; INSERT OR REPLACE INTO current VALUES (1, 'nobody', x'00')"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, s.Backup(t.Context(), before), login.StoreUnavailable)
	if text, err := os.ReadFile(before); err != nil || string(text) != "before" {
		t.Errorf("the copy of before: %q, %v", text, err)
	}
	wantCode(t, s.Backup(t.Context(), filepath.Join(t.TempDir(), "nowhere", "copy.db")), login.StoreUnavailable)
}

func TestABackupTakesNoLiveDatabasesPlace(t *testing.T) {
	t.Parallel()
	dir, elsewhere := dataDir(t), dataDir(t)
	k := newKeys(t, dir)
	s := mustOpenWith(t, dir, k.unlock)
	mustOpenWith(t, elsewhere, newKeys(t, elsewhere).unlock)
	for _, there := range []string{dir, elsewhere} {
		wantCode(t, s.Backup(t.Context(), filepath.Join(there, "dingpass.db")), login.StoreUnavailable)
	}
	mustKeep(t, s, person()) // into a file that is still the one that others find
	wantCurrent(t, mustOpenWith(t, dir, k.unlock), person())
}

// One damaged row must not keep everybody else here for ever.
func TestWhoCannotBeReadKeepsNobodyElse(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
	for n := range 3 {
		mustKeep(t, s, colleague(n))
	}
	mustExec(t, s, `UPDATE identities SET body = zeroblob(80)
		WHERE user_key = (SELECT user_key FROM identities ORDER BY user_key LIMIT 1)`)
	gone, err := s.Purge(t.Context(), func(identity.Record) bool { return true })
	wantCode(t, err, login.StoreUnavailable)
	if gone != 2 || rowCount(t, dir) != 1 {
		t.Errorf("purged %d, and %d are left", gone, rowCount(t, dir))
	}
}
