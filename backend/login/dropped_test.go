package login_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

// drops are the ways to lose interest in an attempt.
var drops = []struct {
	name  string
	drop  func(ctx context.Context, s *login.Service) error
	phase login.Phase
	code  login.Code
}{
	{"a new attempt", func(ctx context.Context, s *login.Service) error { return s.Begin(ctx, login.BeginOptions{}) }, login.Waiting, ""},
	{"cancelling", func(_ context.Context, s *login.Service) error { s.Cancel(); return nil }, login.Abandoned, login.Cancelled},
	{"signing out", func(ctx context.Context, s *login.Service) error { return s.Forget(ctx) }, login.Idle, ""},
}

func TestTheResultOfADroppedAttemptIsThrownAway(t *testing.T) {
	t.Parallel()
	results := []struct {
		name string
		err  error
	}{
		{"an identity", nil},
		{"a refusal", &login.Error{Code: login.NotMember}},
	}
	for _, drop := range drops {
		for _, result := range results {
			t.Run(drop.name+" before "+result.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					// A provider that does not even notice that it was cut short.
					late := make(chan struct{})
					p := &fakeProvider{identify: func(_ context.Context, code string) (identity.Identity, error) {
						<-late
						return personOf(code), result.err
					}}
					st := &fakeStore{}
					s := open(t, p, st)
					s.Complete(answer(begin(t, s), "c1"))
					synctest.Wait()
					if err := drop.drop(t.Context(), s); err != nil {
						t.Fatal("drop the attempt:", err)
					}
					wantPhase(t, s, drop.phase, drop.code)
					before := s.Snapshot()
					close(late)
					synctest.Wait()
					if s.Snapshot() != before {
						t.Errorf("the late result changed the snapshot to %+v", s.Snapshot())
					}
					wantKept(t, st, 0)
				})
			})
		}
	}
}

func TestADroppedAttemptsCallsAreCutShort(t *testing.T) {
	t.Parallel()
	for _, drop := range drops {
		t.Run(drop.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cut := false
				p := &fakeProvider{identify: func(ctx context.Context, _ string) (identity.Identity, error) {
					<-ctx.Done()
					cut = true
					return identity.Identity{}, login.Fail(login.Network, ctx.Err())
				}}
				s := open(t, p, &fakeStore{})
				s.Complete(answer(begin(t, s), "c1"))
				synctest.Wait()
				if err := drop.drop(t.Context(), s); err != nil {
					t.Fatal("drop the attempt:", err)
				}
				synctest.Wait()
				if !cut {
					t.Error("the provider is still being asked")
				}
				wantPhase(t, s, drop.phase, drop.code)
			})
		})
	}
}

// storing is a service whose store has been given an identity and has not
// answered yet; what is sent on the channel is its answer.
func storing(t *testing.T) (*login.Service, *fakeStore, chan<- error) {
	t.Helper()
	acknowledge := make(chan error)
	st := &fakeStore{keep: func(ctx context.Context, _ identity.Record) error {
		select {
		case err := <-acknowledge:
			return err
		case <-ctx.Done():
			t.Error("a commit that has begun was not carried through:", ctx.Err())
			return login.Fail(login.StoreUnavailable, ctx.Err())
		}
	}}
	s := open(t, &fakeProvider{}, st)
	s.Complete(answer(begin(t, s), "c1"))
	synctest.Wait()
	wantPhase(t, s, login.Working, "")
	return s, st, acknowledge
}

func TestCancelComesTooLateForAnIdentityThatIsBeingStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, st, acknowledge := storing(t)
		s.Cancel()
		wantPhase(t, s, login.Working, "")
		acknowledge <- nil
		synctest.Wait()
		wantPhase(t, s, login.SignedIn, "")
		wantKept(t, st, 1)
	})
}

func TestBeginAndForgetWaitForAnIdentityThatIsBeingStored(t *testing.T) {
	t.Parallel()
	for _, drop := range []int{0, 2} {
		for name, result := range map[string]error{"stored": nil, "not stored": errors.New("disk is full")} {
			t.Run(drops[drop].name+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s, st, acknowledge := storing(t)
					var phases []login.Phase
					follow(t, s, func(snap login.Snapshot) { phases = append(phases, snap.Phase) })
					returned := make(chan error, 1)
					go func() { returned <- drops[drop].drop(t.Context(), s) }()
					synctest.Wait()
					wantPhase(t, s, login.Working, "")
					acknowledge <- result
					if err := <-returned; err != nil {
						t.Fatal("after waiting:", err)
					}
					synctest.Wait()
					wantPhase(t, s, drops[drop].phase, "")
					between, kept := login.SignedIn, 1
					if result != nil {
						between, kept = login.Failed, 0
					}
					if len(phases) != 3 || phases[1] != between {
						t.Errorf("phases %v, want %s between working and %s", phases, between, drops[drop].phase)
					}
					wantKept(t, st, kept)
				})
			})
		}
	}
}

func TestWaitingForTheStoreEndsWithTheCallersContext(t *testing.T) {
	t.Parallel()
	for _, drop := range []int{0, 2} {
		t.Run(drops[drop].name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, st, acknowledge := storing(t)
				attempt := s.Snapshot().AttemptID
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if err := drops[drop].drop(ctx, s); login.CodeOf(err) != login.Cancelled {
					t.Errorf("error %v, want cancelled", err)
				}
				acknowledge <- nil
				synctest.Wait()
				wantPhase(t, s, login.SignedIn, "")
				if got := s.Snapshot().AttemptID; got != attempt {
					t.Errorf("attempt %s, want still %s", got, attempt)
				}
				wantKept(t, st, 1)
			})
		})
	}
}

func TestCloseWaitsForAnIdentityThatIsBeingStoredAndTellsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, st, acknowledge := storing(t)
		var last login.Snapshot
		follow(t, s, func(snap login.Snapshot) { last = snap })
		closed := make(chan struct{})
		go func() { s.Close(); close(closed) }()
		synctest.Wait()
		select {
		case <-closed:
			t.Error("closed while the store is writing")
		default:
		}
		select {
		case acknowledge <- nil:
		case <-closed:
		}
		<-closed
		synctest.Wait()
		wantPhase(t, s, login.SignedIn, "")
		wantKept(t, st, 1)
		if last != s.Snapshot() {
			t.Errorf("last told: %+v, want %+v", last, s.Snapshot())
		}
	})
}

func TestAStoreThatNeverAnswersIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st := &fakeStore{keep: func(ctx context.Context, _ identity.Record) error {
			<-ctx.Done()
			return login.Fail(login.StoreUnavailable, ctx.Err())
		}}
		s := open(t, &fakeProvider{}, st)
		began := time.Now()
		s.Complete(answer(begin(t, s), "c1"))
		synctest.Wait()
		if err := s.Begin(t.Context(), login.BeginOptions{}); err != nil {
			t.Fatal("begin:", err)
		}
		if waited := time.Since(began); waited != login.DefaultAnswerWithin {
			t.Errorf("waited %s for the store, want %s", waited, login.DefaultAnswerWithin)
		}
	})
}
