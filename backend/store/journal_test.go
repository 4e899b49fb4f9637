package store_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
)

// Disk full, read-only: the event is kept and retried, and nobody is refused
// (canonical/authd #1182).
func TestEventsWaitInMemoryUntilTheyCanBeWritten(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ breaks, mends string }{
		"read-only": {"PRAGMA query_only = 1", "PRAGMA query_only = 0"},
		"full":      {"PRAGMA max_page_count = 1", "PRAGMA max_page_count = 4294967294"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				dir := dataDir(t)
				s, err := store.Open(t.Context(), keyed(dir, "k"))
				if err != nil {
					t.Fatal(err)
				}
				mustKeep(t, s, person())
				if err := s.Exec(t.Context(), c.breaks); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				const waiting = 160 // more than the free pages of a database take
				for n := range waiting {
					s.Note(t.Context(), event(n))
				}
				if got := s.Waiting(); got == 0 {
					t.Fatal("nothing waits; this test sees nothing")
				}
				wantCurrent(t, s, person())
				if err := s.Exec(t.Context(), c.mends); err != nil {
					t.Fatal(err)
				}
				<-time.After(3 * time.Minute)
				synctest.Wait()
				if got := s.Waiting(); got != 0 {
					t.Errorf("%d entries still wait", got)
				}
				got := entries(t, s)[1:]
				if len(got) != waiting {
					t.Fatalf("%d entries, want %d", len(got), waiting)
				}
				for n, e := range got {
					if e.ID != event(n).ID || !e.DeviceTime.Equal(began.UTC().Truncate(time.Millisecond)) {
						t.Errorf("entry %d is %s of %v", e.Sequence, e.ID, e.DeviceTime)
					}
				}
				if report := verified(t, s); !report.Sound() {
					t.Errorf("findings = %+v", report.Findings)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// What waits goes before what comes, also where the next write is a sign-in.
func TestWaitingEventsAreWrittenWithTheNextSignIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		locked := errors.New("the key is locked")
		o := keyed(dataDir(t), "k")
		keys := o.LogKeys
		var open atomic.Bool
		o.LogKeys = func() ([]signlog.Key, error) {
			if !open.Load() {
				return nil, locked
			}
			return keys()
		}
		s, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		s.Note(t.Context(), event(1))
		s.Note(t.Context(), event(2))
		synctest.Wait()
		if got := s.Waiting(); got != 2 {
			t.Fatalf("%d wait, want 2", got)
		}
		open.Store(true)
		mustKeep(t, s, person())
		if got := s.Waiting(); got != 0 {
			t.Errorf("%d still wait", got)
		}
		got := entries(t, s)
		if len(got) != 3 || got[0].ID != "event-1" || got[1].ID != "event-2" || got[2].Event != signlog.SignedIn {
			t.Errorf("entries = %+v", got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
