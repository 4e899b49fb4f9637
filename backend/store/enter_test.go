package store_test

import (
	"context"
	"testing"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
)

// letIn lets a person in and counts one use of theirs.
func letIn(rec identity.Record, c *offline.Tallies) (in bool) {
	c.Person.Uses++
	c.Device.Uses++
	return rec.Refused == ""
}

func enter(t *testing.T, s *store.Store, who identity.Identity) {
	t.Helper()
	if err := s.Offline().Enter(t.Context(), who.Who(), signlog.ByPIN, letIn); err != nil {
		t.Fatal(err)
	}
}

func TestWhoEntersIsTheCurrentOneCountedAndInTheLog(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := openAs(t, keyed(dir, "a"))
	mustKeep(t, s, person())
	mustKeep(t, s, colleague(1))
	enter(t, s, person().Identity)
	rec := person()
	rec.Used = identity.Usage{Person: 1, Device: 1}
	wantCurrent(t, s, rec)
	mustClose(t, s)
	s = openAs(t, keyed(dir, "a"))
	wantCurrent(t, s, rec)
	all := entries(t, s)
	last := all[len(all)-1]
	if len(all) != 3 || last.Event != signlog.SignedIn || last.Method != signlog.ByPIN || last.Source != signlog.FromCache || last.UserID != rec.Identity.UserID {
		t.Errorf("the log: %+v", all)
	}
}

func TestNobodyEntersWhomTheCacheDoesNotKnowOrMayNotLetIn(t *testing.T) {
	t.Parallel()
	s := openAs(t, keyed(dataDir(t), "a"))
	mustKeep(t, s, person())
	mustKeep(t, s, colleague(1))
	if err := s.Refuse(t.Context(), person().Identity, identity.Gone); err != nil {
		t.Fatal(err)
	}
	enter(t, s, person().Identity)
	err := s.Offline().Enter(t.Context(), identity.Who{CorpID: "dingcorp1", UserID: "nobody"}, signlog.ByPIN, letIn)
	wantCode(t, err, login.NotSignedIn)
	rec := colleague(1)
	rec.Used.Device = 1 // that was counted all the same
	wantCurrent(t, s, rec)
	if all := entries(t, s); len(all) != 2 {
		t.Errorf("the log: %+v", all)
	}
}

// The use, who the current one is and the log are one step: a failure of any
// leaves nothing of the others.
func TestWhoDoesNotEnterLeavesNoTrace(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"attempts", "current", "log"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			s := openAs(t, keyed(dataDir(t), "a"))
			mustKeep(t, s, person())
			mustKeep(t, s, colleague(1))
			err := s.Exec(t.Context(), "CREATE TRIGGER stop BEFORE INSERT ON "+table+" BEGIN SELECT raise(ABORT, 'stop'); END")
			if err != nil {
				t.Fatal(err)
			}
			err = s.Offline().Enter(t.Context(), zhang, signlog.ByPIN, letIn)
			wantCode(t, err, login.StoreUnavailable)
			wantCurrent(t, s, colleague(1))
			if used, err := s.Offline().Used(t.Context(), zhang); err != nil || used != (identity.Usage{}) {
				t.Errorf("used = %+v, %v", used, err)
			}
			if all := entries(t, s); len(all) != 2 || s.Waiting() != 0 {
				t.Errorf("the log: %+v, and %d wait", all, s.Waiting())
			}
		})
	}
}

func TestWhoLeavesStaysKnown(t *testing.T) {
	t.Parallel()
	s := openAs(t, keyed(dataDir(t), "a"))
	mustKeep(t, s, colleague(1))
	mustKeep(t, s, person())
	for range 2 {
		if err := s.Leave(t.Context(), person().Identity); err != nil {
			t.Fatal(err)
		}
		_, err := s.Current(t.Context())
		wantCode(t, err, login.NotSignedIn)
	}
	if err := s.Leave(t.Context(), colleague(1).Identity); err != nil { // who is not the current one
		t.Fatal(err)
	}
	if all := entries(t, s); len(all) != 3 || all[2].Event != signlog.SignedOut || all[2].UserID != person().Identity.UserID {
		t.Errorf("the log: %+v", all)
	}
	enter(t, s, person().Identity) // and back
}

// Somebody signed in while there was no key, and it is there again: they are in
// memory, and their PIN is of an earlier sign-in.
func TestWhoIsInMemoryLeaves(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]bool{"the key is there again": true, "there is none": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			k := newKeys(t, dir)
			enrolled(t, mustOpenWith(t, dir, k.unlock))
			unlock := noKey
			s := mustOpenWith(t, dir, func(ctx context.Context, sealed bool) (store.Keys, error) { return unlock(ctx, sealed) })
			mustKeep(t, s, person())
			if unlock = k.unlock; again {
				if err := s.Unlock(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Leave(t.Context(), person().Identity); err != nil {
				t.Fatal(err)
			}
			_, err := s.Current(t.Context())
			wantCode(t, err, login.NotSignedIn)
			if err := s.Unlock(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantPIN(t, door(s), "job-007", goodPIN, "")
		})
	}
}
