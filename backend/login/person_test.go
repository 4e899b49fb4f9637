package login_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

// recordOf is the person of a code, confirmed at a moment.
func recordOf(code string, at time.Time) identity.Record {
	return identity.Record{Identity: personOf(code), VerifiedAt: at.UTC().Truncate(time.Second)}
}

func TestRefreshShowsWhatAnotherProcessDid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st := &fakeStore{}
		s := open(t, &fakeProvider{}, st)
		shows := func(want string) {
			t.Helper()
			s.Refresh(t.Context())
			got := ""
			if snap := s.Snapshot(); snap.Record != nil {
				got = snap.Record.Identity.UserID
				if snap.Phase != login.SignedIn || snap.Source != login.FromCache {
					t.Errorf("phase %s, source %q", snap.Phase, snap.Source)
				}
			} else if snap.Phase != login.Idle {
				t.Errorf("phase %s with nobody signed in", snap.Phase)
			}
			if got != want {
				t.Errorf("shown %q, want %q", got, want)
			}
		}
		shows("")
		rec := recordOf("c1", time.Now())
		st.sign(&rec)
		shows("user of c1")
		other := recordOf("c2", time.Now())
		st.sign(&other)
		shows("user of c2")
		before := s.Snapshot().Seq
		shows("user of c2")
		if s.Snapshot().Seq != before {
			t.Error("the same person again is told as a change")
		}
		st.sign(nil)
		shows("")
	})
}

func TestRefreshLeavesAnAttemptAndItsEndAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st := &fakeStore{}
		s := open(t, &fakeProvider{}, st)
		begin(t, s)
		rec := recordOf("c1", time.Now())
		st.sign(&rec)
		s.Refresh(t.Context())
		wantPhase(t, s, login.Waiting, "")
		s.Cancel()
		s.Refresh(t.Context())
		wantPhase(t, s, login.Abandoned, login.Cancelled)
	})
}

func TestForgetLeavesSomebodyElseSignedIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st := &fakeStore{}
		s := open(t, &fakeProvider{}, st)
		s.Complete(answer(begin(t, s), "c1"))
		synctest.Wait()
		other := recordOf("c2", time.Now())
		st.sign(&other) // by another process; this one still shows the first
		if err := s.Forget(t.Context()); err != nil {
			t.Fatal("forget:", err)
		}
		if rec, err := st.Current(t.Context()); err != nil || rec.Identity.UserID != "user of c2" {
			t.Errorf("the store has %+v (error %v), want the other person", rec, err)
		}
		if snap := s.Snapshot(); snap.Phase != login.SignedIn || snap.Record.Identity.UserID != "user of c2" {
			t.Errorf("shown %+v, want the other person", snap)
		}
	})
}

func TestForgetEndsARunningAttemptAsCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, &fakeProvider{}, &fakeStore{})
		begin(t, s)
		var told []login.Phase
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			for snap := range s.Watch(ctx) {
				told = append(told, snap.Phase)
			}
		}()
		synctest.Wait()
		if err := s.Forget(t.Context()); err != nil {
			t.Fatal("forget:", err)
		}
		synctest.Wait()
		stop()
		synctest.Wait()
		if len(told) != 3 || told[1] != login.Abandoned || told[2] != login.Idle {
			t.Errorf("told %v, want cancelled and then idle: who follows an attempt sees its end", told)
		}
	})
}

func TestASlowStoreStopsNobodyFromLooking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked, answer := make(chan struct{}), make(chan struct{})
		st := &fakeStore{forget: func(context.Context) error { close(asked); <-answer; return nil }}
		rec := recordOf("c1", time.Now())
		st.sign(&rec)
		s := open(t, &fakeProvider{}, st)
		left := make(chan error, 1)
		ctx, leave := context.WithCancel(t.Context())
		go func() { left <- s.Forget(ctx) }()
		<-asked
		s.Snapshot() // would wait for ever if the lock were held
		s.Refresh(t.Context())
		leave() // the page that asked is closed: the sign-out is carried through
		synctest.Wait()
		close(answer)
		if err := <-left; err != nil {
			t.Errorf("forget: %v", err)
		}
		wantPhase(t, s, login.Idle, "")
	})
}

func TestAStoreThatCannotTakeAnIdentityEndsTheAttemptBeforeAnyScan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &fakeProvider{}
		st := &fakeStore{ready: func(context.Context) error { return &login.Error{Code: login.StoreUnavailable} }}
		s := open(t, p, st)
		begin(t, s)
		synctest.Wait()
		wantPhase(t, s, login.Failed, login.StoreUnavailable)
		if len(p.warmups()) != 0 {
			t.Error("DingTalk was asked for nothing")
		}
	})
}
