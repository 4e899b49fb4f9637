package login_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

func TestASignInGoesFromCodeToStoredIdentity(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, st := &fakeProvider{}, &fakeStore{}
		s := open(t, p, st)
		wantPhase(t, s, login.Idle, "")
		started := time.Now()
		state := begin(t, s)
		wantPhase(t, s, login.Waiting, "")
		waiting := s.Snapshot()
		if waiting.AttemptID == "" || !waiting.StartedAt.Equal(started) ||
			!waiting.ExpiresAt.Equal(started.Add(login.DefaultLifetime)) {
			t.Errorf("attempt %q from %s to %s, want a name, %s and %s later",
				waiting.AttemptID, waiting.StartedAt, waiting.ExpiresAt, started, login.DefaultLifetime)
		}

		<-time.After(1500 * time.Millisecond)
		if got := s.Complete(answer(state, "c1")); got != login.Accepted {
			t.Fatalf("outcome %d, want Accepted", got)
		}
		synctest.Wait()

		wantPhase(t, s, login.SignedIn, "")
		snap := s.Snapshot()
		if snap.Source != login.FromDingTalk || snap.AttemptID != waiting.AttemptID {
			t.Errorf("source %s of attempt %s, want online of %s", snap.Source, snap.AttemptID, waiting.AttemptID)
		}
		// VerifiedAt is whole seconds of UTC: it is written and read back equal.
		if want := started.Add(time.Second).UTC(); snap.Record.VerifiedAt != want {
			t.Errorf("verified at %s, want %s", snap.Record.VerifiedAt, want)
		}
		wantKept(t, st, 1)
		if got, want := st.kept()[0].Identity.UserID, personOf("c1").UserID; got != want || snap.Record.Identity.UserID != want {
			t.Errorf("stored %q, shown %q, want %q", got, snap.Record.Identity.UserID, want)
		}
	})
}

func TestTheAuthorizationRequestIsBoundToAttemptAndListener(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, &fakeProvider{}, &fakeStore{})
		if _, ok := s.AuthorizeURL(true); ok {
			t.Error("there is an authorization request before an attempt")
		}
		state := begin(t, s)
		// 256 bits as unpadded base64url: nobody guesses a state.
		if len(state) != 43 {
			t.Errorf("state has %d characters, want 43", len(state))
		}
		for _, frame := range []bool{true, false} {
			link, ok := s.AuthorizeURL(frame)
			q := query(t, link)
			if !ok || q.Get("redirect_uri") != redirectURI || q.Get("state") != state || (q.Get("frame") == "true") != frame {
				t.Errorf("authorization request %v for frame %t", q, frame)
			}
		}
		s.Complete(answer(state, "c1"))
		synctest.Wait()
		if _, ok := s.AuthorizeURL(true); ok {
			t.Error("there is an authorization request after the attempt")
		}
	})
}

func TestANewServiceShowsWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	rec := identity.Record{Identity: personOf("before"), VerifiedAt: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	s := open(t, &fakeProvider{}, &fakeStore{current: &rec})
	wantPhase(t, s, login.SignedIn, "")
	if snap := s.Snapshot(); snap.Source != login.FromCache || snap.Record.Identity.UserID != rec.Identity.UserID || snap.AttemptID != "" {
		t.Errorf("snapshot %+v, want the stored person from the cache and no attempt", snap)
	}
}

func TestAStoreThatCannotBeReadIsToldBeforeTheQR(t *testing.T) {
	t.Parallel()
	broken := &login.Error{Code: login.StoreUnavailable}
	for name, st := range map[string]*fakeStore{
		"who is signed in":     {unknown: broken},
		"how it worked before": {noRecall: broken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := login.New(t.Context(), login.Options{Provider: &fakeProvider{}, Store: st})
			if login.CodeOf(err) != login.StoreUnavailable {
				t.Errorf("error %v, want the store's own", err)
			}
		})
	}
}

// Design 4: without a key nobody is told, and signing in works.
func TestWithoutAKeyNobodyIsSignedInAndSignInWorks(t *testing.T) {
	t.Parallel()
	s, err := login.New(t.Context(), login.Options{
		Provider: &fakeProvider{}, Store: &fakeStore{unknown: &login.Error{Code: login.KeyUnavailable}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if snap := s.Snapshot(); snap.Phase != login.Idle || snap.Record != nil {
		t.Errorf("snapshot %+v", snap)
	}
	if err := s.Begin(t.Context(), login.BeginOptions{}); err != nil {
		t.Error(err)
	}
}

func TestNoCodeIsSpentWhileTheStoreCannotKeepAnIdentity(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &fakeProvider{}
		st := &fakeStore{ready: func(context.Context) error { return &login.Error{Code: login.StoreUnavailable} }}
		s := open(t, p, st)
		s.Complete(answer(begin(t, s), "c1"))
		synctest.Wait()
		wantPhase(t, s, login.Failed, login.StoreUnavailable)
		if codes := p.codes(); len(codes) != 0 {
			t.Errorf("%d codes spent, want none", len(codes))
		}
	})
}

// dws #152 (T19): success was reported with nothing stored.
func TestSignedInIsSaidOnlyOnceTheStoreHasAcknowledged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		acknowledge := make(chan error)
		st := &fakeStore{keep: func(context.Context, identity.Record) error { return <-acknowledge }}
		s := open(t, &fakeProvider{}, st)

		s.Complete(answer(begin(t, s), "c1"))
		synctest.Wait()
		wantPhase(t, s, login.Working, "")
		acknowledge <- login.Fail(login.StoreUnavailable, errors.New("disk is full"))
		synctest.Wait()
		wantPhase(t, s, login.Failed, login.StoreUnavailable)
		if s.Snapshot().Record != nil {
			t.Error("somebody is shown as signed in whom the store does not know")
		}

		s.Complete(answer(begin(t, s), "c2"))
		synctest.Wait()
		wantPhase(t, s, login.Working, "")
		acknowledge <- nil
		synctest.Wait()
		wantPhase(t, s, login.SignedIn, "")
	})
}

func TestAFailureKeepsItsCodeAndWhoWasSignedIn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		want login.Code
	}{
		{"a coded refusal", &login.Error{Code: login.NotMember}, login.NotMember},
		{"a provider that breaks its contract", errors.New("no code"), login.Internal},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rec := identity.Record{Identity: personOf("before"), VerifiedAt: time.Now()}
				st := &fakeStore{current: &rec}
				s := open(t, &fakeProvider{identify: func(context.Context, string) (identity.Identity, error) {
					return identity.Identity{}, test.err
				}}, st)
				s.Complete(answer(begin(t, s), "c1"))
				synctest.Wait()
				wantPhase(t, s, login.Failed, test.want)
				wantKept(t, st, 0)
				if snap := s.Snapshot(); snap.Record == nil || snap.Record.Identity.UserID != rec.Identity.UserID {
					t.Errorf("signed in is %v, want still the person from before", snap.Record)
				}
				begin(t, s)
				wantPhase(t, s, login.Waiting, "") // a new attempt shows no old problem
			})
		})
	}
}

func TestForgetSignsOutAndDropsTheAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, st := &fakeProvider{}, &fakeStore{}
		s := open(t, p, st)
		s.Complete(answer(begin(t, s), "c1"))
		synctest.Wait()
		state := begin(t, s)
		if err := s.Forget(t.Context()); err != nil {
			t.Fatal("forget:", err)
		}
		wantPhase(t, s, login.Idle, "")
		if snap := s.Snapshot(); snap.Record != nil || snap.Source != "" || snap.AttemptID != "" {
			t.Errorf("left after signing out: %+v", snap)
		}
		if _, err := st.Current(t.Context()); login.CodeOf(err) != login.NotSignedIn {
			t.Errorf("the store still knows somebody (error %v)", err)
		}
		if got := s.Complete(answer(state, "c2")); got != login.Ignored {
			t.Errorf("the dropped attempt's answer had outcome %d, want Ignored", got)
		}
		if err := s.Forget(t.Context()); err != nil {
			t.Error("signing out twice:", err)
		}
	})
}

func TestAFailingForgetChangesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st := &fakeStore{forget: func(context.Context) error { return &login.Error{Code: login.StoreUnavailable} }}
		s := open(t, &fakeProvider{}, st)
		s.Complete(answer(begin(t, s), "c1"))
		synctest.Wait()
		before := s.Snapshot()
		if err := s.Forget(t.Context()); login.CodeOf(err) != login.StoreUnavailable {
			t.Errorf("error %v, want the store's own", err)
		}
		if s.Snapshot() != before {
			t.Errorf("snapshot %+v, want as before: %+v", s.Snapshot(), before)
		}
	})
}

func TestCancelStopsOnlyARunningAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, &fakeProvider{}, &fakeStore{})
		s.Cancel()
		wantPhase(t, s, login.Idle, "")
		state := begin(t, s)
		s.Cancel()
		wantPhase(t, s, login.Abandoned, login.Cancelled)
		seq := s.Snapshot().Seq
		s.Cancel()
		if got := s.Snapshot().Seq; got != seq {
			t.Errorf("cancelling twice moved seq from %d to %d", seq, got)
		}
		if got := s.Complete(answer(state, "c1")); got != login.Ignored {
			t.Errorf("outcome %d, want Ignored", got)
		}
		s.Complete(answer(begin(t, s), "c2"))
		synctest.Wait()
		s.Cancel()
		wantPhase(t, s, login.SignedIn, "")
	})
}

func TestCloseEndsTheAttemptAndRefusesAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rec := identity.Record{Identity: personOf("before"), VerifiedAt: time.Now()}
		p := &fakeProvider{warm: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
		st := &fakeStore{current: &rec}
		s := open(t, p, st)
		state := begin(t, s)
		s.Close()
		wantPhase(t, s, login.Abandoned, login.Cancelled)
		closed := s.Snapshot()

		if err := s.Begin(t.Context(), login.BeginOptions{}); login.CodeOf(err) != login.Cancelled {
			t.Errorf("begin after close: %v, want cancelled", err)
		}
		if err := s.Forget(t.Context()); login.CodeOf(err) != login.Cancelled {
			t.Errorf("forget after close: %v, want cancelled", err)
		}
		if got := s.Complete(answer(state, "c1")); got != login.Ignored {
			t.Errorf("complete after close: outcome %d, want Ignored", got)
		}
		s.Cancel()
		s.Close()
		if s.Snapshot() != closed || st.current == nil {
			t.Errorf("something changed after close: %+v, want %+v", s.Snapshot(), closed)
		}
	})
}

// A Begin that races with Close either comes first and is cancelled by it, or
// comes second and is refused. Nothing waits for a scan afterwards.
func TestNoAttemptOutlivesARacingClose(t *testing.T) {
	t.Parallel()
	for range 3000 {
		s := open(t, &fakeProvider{}, &fakeStore{})
		var racers sync.WaitGroup
		for range 4 {
			begin(t, s)
			racers.Go(func() {
				for s.Begin(t.Context(), login.BeginOptions{}) == nil {
				}
			})
		}
		s.Close()
		racers.Wait()
		if phase := s.Snapshot().Phase; phase.Running() {
			t.Fatalf("phase %s after close", phase)
		}
	}
}
