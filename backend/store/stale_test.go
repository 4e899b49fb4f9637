package store_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
)

// older has somebody signed in, and then puts an older copy of the log in the
// place of the database's.
func older(t *testing.T, o store.Options) {
	t.Helper()
	s := openAs(t, o)
	mustKeep(t, s, person())
	note(t, s, 2, 7)
	mustClose(t, s)
	tamper(t, o.Dir, "DELETE FROM log WHERE seq > 4")
}

// looked opens a database and waits until it is known how it stands.
func looked(t *testing.T, o store.Options) (*store.Store, store.Standing) {
	t.Helper()
	s := openAs(t, o)
	return s, s.Standing(t.Context())
}

// What a recheck in the background has said is of the person, not of their PIN.
func TestOnlyASignInTakesADistrustBack(t *testing.T) {
	t.Parallel()
	o, _ := anchored(t)
	older(t, o)
	s, now := looked(t, o)
	if rec := kept(t, s, person()); !rec.Stale || !now.Distrusts(rec) {
		t.Errorf("of an older copy: %+v, %+v", now, rec)
	}
	mustClose(t, s) // the cut is in the log
	s, now = looked(t, o)
	answered := person()
	answered.VerifiedAt = moment.Add(time.Hour)
	if err := s.Renew(t.Context(), person(), answered); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if rec := kept(t, s, person()); rec.Stale || !rec.VerifiedAt.Equal(answered.VerifiedAt) || !now.Distrusts(rec) {
			t.Errorf("DingTalk has answered: %+v, %+v", now, rec)
		}
		mustClose(t, s)
		s, now = looked(t, o)
	}
	mustKeep(t, s, person()) // also in the second in which it was found
	if rec := kept(t, s, person()); rec.Stale || now.Distrusts(rec) {
		t.Errorf("signed in since: %+v, %+v", now, rec)
	}
}

// The clock is what somebody with an older copy in their hands can set.
func TestNoClockMakesAnOlderCopyGood(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"set back": -time.Hour, "set back by years": -40 * 365 * 24 * time.Hour, "set on": 100 * 365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, _ := anchored(t)
			older(t, o)
			right := o.Moment
			o.Moment = func() identity.Moment { return identity.Moment{Now: moment.Add(off)} }
			for range 2 {
				s, now := looked(t, o)
				if !now.Distrusts(kept(t, s, person())) {
					t.Errorf("standing = %+v", now)
				}
				mustClose(t, s)
				o.Moment = right
			}
			s, now := looked(t, o)
			mustKeep(t, s, person())
			if now.Distrusts(kept(t, s, person())) {
				t.Errorf("signed in since: %+v", now)
			}
		})
	}
}

// The head outside can be read and not moved: a keychain that refuses to write,
// or a kill in between.
func TestACutIsWrittenDownOnce(t *testing.T) {
	t.Parallel()
	o, outside := anchored(t)
	older(t, o)
	outside.stuck = errors.New("the keychain takes nothing")
	synctest.Test(t, func(t *testing.T) {
		s, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(5 * time.Minute)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
	s, _ := looked(t, o)
	mustKeep(t, s, colleague(1))
	for range 2 {
		mustClose(t, s)
		var now store.Standing
		s, now = looked(t, o)
		if !now.Distrusts(kept(t, s, person())) || now.Distrusts(kept(t, s, colleague(1))) {
			t.Errorf("standing = %+v", now)
		}
	}
	outside.stuck = nil
	mustClose(t, s)
	s, _ = looked(t, o)
	cuts := 0
	for _, e := range entries(t, s) {
		if e.Event == signlog.LogCut {
			cuts++
		}
	}
	if report := verified(t, s); cuts != 1 || len(report.Findings) != 1 || outside.head.Length != 10 {
		t.Errorf("%d cuts, the head at %d, findings %+v; want one cut, noted", cuts, outside.head.Length, report.Findings)
	}

	// Another cut is another one, also while the head is stuck.
	outside.stuck = errors.New("again")
	mustClose(t, s)
	if _, err := raw(t, o.Dir).ExecContext(t.Context(), "DELETE FROM log WHERE seq > 9"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s, now := looked(t, o)
		if !now.Distrusts(kept(t, s, colleague(1))) {
			t.Errorf("standing = %+v", now)
		}
		mustClose(t, s)
	}
}
