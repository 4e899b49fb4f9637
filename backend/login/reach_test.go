package login_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/login"
)

// canonical/authd #929, #374: it failed in silence. Offered is what can work,
// and what cannot says so at once.
func TestNoCodeIsShownThatCannotWork(t *testing.T) {
	t.Parallel()
	for trouble, shown := range map[login.Trouble]bool{
		login.TroubleDNS: false, login.TroubleRefused: false, login.TroubleTimeout: false,
		login.TroubleSlow: false, login.TroubleLink: false, login.TroubleBroken: false,
		login.TroubleCaptive: true, login.TroubleLying: true, login.TroubleTLS: true, // somebody answers: a sign-in says what is wrong
	} {
		t.Run(string(trouble), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, n := &fakeProvider{}, newReach(login.Offline, trouble)
				s := open(t, p, &fakeStore{}, over(n))
				phases := phasesOf(t, s)
				if err := s.Begin(t.Context(), login.BeginOptions{}); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if shown {
					wantPhase(t, s, login.Waiting, "")
					return
				}
				wantPhase(t, s, login.Failed, login.Network)
				if got, want := phases(), []login.Phase{login.Idle, login.Waiting, login.Failed}; !slices.Equal(got, want) {
					t.Errorf("phases %q, want %q", got, want)
				}
				if len(p.warmups()) != 0 || n.retried != 1 {
					t.Errorf("%d calls, and asked to look again %d times", len(p.warmups()), n.retried)
				}
			})
		})
	}
}

func TestACodeIsShownOverANetworkThatIsUnknownOrShaky(t *testing.T) {
	t.Parallel()
	for _, state := range []login.ReachState{login.ReachUnknown, login.Shaky, login.Online} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t, &fakeProvider{}, &fakeStore{}, over(newReach(state, "")))
			begin(t, s)
			pass(time.Minute)
			wantPhase(t, s, login.Waiting, "")
		})
	}
}

// kanidm #3930: each try waited for a time-out, and then failed.
func TestAWarmUpIsNotWaitedForOnceDingTalkIsKnownToBeOutOfReach(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n, began := newReach(login.ReachUnknown, ""), time.Now()
		s := open(t, &fakeProvider{warm: func(ctx context.Context) error {
			<-ctx.Done() // a black hole
			return login.Fail(login.Cancelled, ctx.Err())
		}}, &fakeStore{}, over(n))
		begin(t, s)
		pass(2 * time.Second)
		n.set(login.Offline, login.TroubleTimeout)
		synctest.Wait()
		wantPhase(t, s, login.Failed, login.Network)
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// A code that has worked stays: the network may be back before anyone scans.
func TestACodeThatIsUpStaysWhenTheNetworkGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newReach(login.Online, "")
		s := open(t, &fakeProvider{}, &fakeStore{}, over(n))
		begin(t, s)
		pass(time.Second)
		n.set(login.Offline, login.TroubleDNS)
		pass(2 * time.Minute)
		wantPhase(t, s, login.Waiting, "")
	})
}

// phasesOf collects the phases that a watcher is told.
func phasesOf(t *testing.T, s *login.Service) func() []login.Phase {
	t.Helper()
	var phases []login.Phase
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for snap := range s.Watch(ctx) {
			phases = append(phases, snap.Phase)
		}
	}()
	synctest.Wait()
	return func() []login.Phase {
		synctest.Wait()
		stop()
		<-done
		return phases
	}
}
