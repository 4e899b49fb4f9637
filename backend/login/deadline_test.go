package login_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

// after lets time pass in the bubble and everything settle.
func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestAnUnansweredAttemptExpires(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		lifetime time.Duration
		until    time.Duration // from now on; 0 is no such moment
		want     time.Duration
	}{
		{"after the lifetime by default", 0, 0, login.DefaultLifetime},
		{"after the lifetime that was set", time.Minute, 0, time.Minute},
		{"at the moment when no code may wait any more", time.Minute, 20 * time.Second, 20 * time.Second},
		{"after its lifetime, where that moment is later", time.Minute, time.Hour, time.Minute},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := open(t, &fakeProvider{}, &fakeStore{}, func(o *login.Options) {
					o.Lifetime = test.lifetime
					if test.until != 0 {
						o.Until = time.Now().Add(test.until)
					}
				})
				state := begin(t, s)
				after(test.want - time.Nanosecond)
				wantPhase(t, s, login.Waiting, "")
				after(time.Nanosecond)
				wantPhase(t, s, login.TimedOut, login.Expired)
				if got := s.Complete(answer(state, "late")); got != login.Ignored {
					t.Errorf("the late answer had outcome %d, want Ignored", got)
				}
				if _, ok := s.AuthorizeURL(true); ok {
					t.Error("an expired attempt still has an authorization request")
				}
			})
		})
	}
}

func TestEachAttemptHasItsOwnDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, &fakeProvider{}, &fakeStore{})
		begin(t, s)
		after(4 * time.Minute)
		begin(t, s)
		after(4 * time.Minute) // past the first one's
		wantPhase(t, s, login.Waiting, "")
		after(time.Minute)
		wantPhase(t, s, login.TimedOut, login.Expired)
	})
}

func TestAnAnswerJustInTimeHasTimeToBeWorkedOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &fakeProvider{identify: func(_ context.Context, code string) (identity.Identity, error) {
			<-time.After(10 * time.Second)
			return personOf(code), nil
		}}
		s := open(t, p, &fakeStore{})
		state := begin(t, s)
		after(login.DefaultLifetime - time.Second)
		s.Complete(answer(state, "c1"))
		after(5 * time.Second) // past the attempt's lifetime
		wantPhase(t, s, login.Working, "")
		after(5 * time.Second)
		wantPhase(t, s, login.SignedIn, "")
	})
}

func TestAskingDingTalkIsBounded(t *testing.T) {
	t.Parallel()
	for name, within := range map[string]time.Duration{"by default": 0, "as set": 3 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &fakeProvider{identify: func(ctx context.Context, _ string) (identity.Identity, error) {
					<-ctx.Done()
					return identity.Identity{}, login.Fail(login.Network, ctx.Err())
				}}
				s := open(t, p, &fakeStore{}, func(o *login.Options) { o.AnswerWithin = within })
				s.Complete(answer(begin(t, s), "c1"))
				if within == 0 {
					within = login.DefaultAnswerWithin
				}
				after(within - time.Nanosecond)
				wantPhase(t, s, login.Working, "")
				after(time.Nanosecond)
				wantPhase(t, s, login.Failed, login.Network)
				if !errors.Is(s.Snapshot().Err, context.DeadlineExceeded) {
					t.Errorf("cause %v, want the deadline", s.Snapshot().Err)
				}
			})
		})
	}
}

func TestAWarmUpThatAScanWouldRunIntoFailsTheAttempt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		answers []login.Code // of the warm-ups in turn; "" and beyond = good
		phase   login.Phase
		code    login.Code
		failsAt time.Duration
	}{
		{"a wrong secret, at once", []login.Code{login.AppMisconfigured}, login.Failed, login.AppMisconfigured, 0},
		{"an address that is not allowed, at once", []login.Code{login.IPNotAllowed}, login.Failed, login.IPNotAllowed, 0},
		{"an error without a code, at once", []login.Code{login.Internal}, login.Failed, login.Internal, 0},
		{"one network failure passes", []login.Code{login.Network}, login.Waiting, "", 0},
		{"one bad answer passes", []login.Code{login.ProviderAnswer}, login.Waiting, "", 0},
		{"one outage passes", []login.Code{login.ProviderUnavailable}, login.Waiting, "", 0},
		{"one rate limit passes", []login.Code{login.RateLimited}, login.Waiting, "", 0},
		{"two network failures do not", []login.Code{login.Network, login.Network}, login.Failed, login.Network, time.Second},
		{"the second failure is the one told", []login.Code{login.Network, login.AppMisconfigured}, login.Failed, login.AppMisconfigured, time.Second},
		{"a failure after it has worked passes", []login.Code{"", login.AppMisconfigured, login.Network, login.Network}, login.Waiting, "", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				answers := slices.Clone(test.answers)
				p := &fakeProvider{warm: func(context.Context) error {
					if len(answers) == 0 || answers[0] == "" {
						answers = answers[min(1, len(answers)):]
						return nil
					}
					code := answers[0]
					answers = answers[1:]
					return login.Fail(code, errors.New("planned"))
				}}
				s := open(t, p, &fakeStore{})
				if err := s.Begin(t.Context(), login.BeginOptions{}); err != nil {
					t.Fatal("begin:", err)
				}
				if test.failsAt > 0 {
					after(test.failsAt - time.Nanosecond)
					wantPhase(t, s, login.Waiting, "")
					after(time.Nanosecond)
				}
				synctest.Wait()
				if test.phase == login.Waiting {
					after(login.DefaultLifetime - time.Nanosecond)
				}
				wantPhase(t, s, test.phase, test.code)
				if codes := p.codes(); len(codes) != 0 {
					t.Errorf("%d codes spent, want none", len(codes))
				}
			})
		})
	}
}

func TestAWarmUpThatFailsDuringTheAnswerDoesNotEndIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &fakeProvider{
			warm: func(context.Context) error {
				<-time.After(time.Second)
				return &login.Error{Code: login.AppMisconfigured}
			},
			identify: func(_ context.Context, code string) (identity.Identity, error) {
				<-time.After(2 * time.Second)
				return personOf(code), nil
			},
		}
		s := open(t, p, &fakeStore{})
		s.Complete(answer(begin(t, s), "c1"))
		after(time.Second)
		wantPhase(t, s, login.Working, "")
		after(time.Second)
		wantPhase(t, s, login.SignedIn, "")
	})
}

func TestConnectionsAreKeptReadyEveryThirtySecondsUntilTheAttemptEnds(t *testing.T) {
	t.Parallel()
	ends := map[string]func(t *testing.T, s *login.Service, state string){
		"by an answer": func(_ *testing.T, s *login.Service, state string) { s.Complete(answer(state, "c1")) },
		"by a refusal": func(_ *testing.T, s *login.Service, state string) {
			s.Complete(login.Callback{State: state, Denied: true})
		},
		"by cancelling": func(_ *testing.T, s *login.Service, _ string) { s.Cancel() },
		"by signing out": func(t *testing.T, s *login.Service, _ string) {
			if err := s.Forget(t.Context()); err != nil {
				t.Error("forget:", err)
			}
		},
		"by its deadline": func(*testing.T, *login.Service, string) { after(10 * time.Second) },
		"by close":        func(_ *testing.T, s *login.Service, _ string) { s.Close() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &fakeProvider{}
				s := open(t, p, &fakeStore{}, func(o *login.Options) { o.Lifetime = 100 * time.Second })
				began := time.Now()
				state := begin(t, s)
				after(90 * time.Second)
				end(t, s, state)
				after(10 * time.Minute)
				var got []time.Duration
				for _, at := range p.warmups() {
					got = append(got, at.Sub(began))
				}
				if want := []time.Duration{0, 30 * time.Second, 60 * time.Second, 90 * time.Second}; !slices.Equal(got, want) {
					t.Errorf("warmed at %v, want %v", got, want)
				}
			})
		})
	}
}
