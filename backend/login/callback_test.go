package login_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// dws PR #799, everruns PR #2447 (T1): a forged callback signed the victim in
// as the attacker. openclaude #2101, mozilla-ai/cq #348 (T2): a forged error=
// ended the sign-in.
func TestAnAnswerWithoutTheStateChangesNothingAndTheSignInGoesOn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		forged func(state string) login.Callback
	}{
		{"a code without any state", func(string) login.Callback { return answer("", "forged") }},
		{"a code with another state", func(string) login.Callback { return answer("another", "forged") }},
		{"a code with half the state", func(s string) login.Callback { return answer(s[:len(s)/2], "forged") }},
		{"a code with more than the state", func(s string) login.Callback { return answer(s+"A", "forged") }},
		{"a code with the state in another case", func(s string) login.Callback { return answer(swapCase(s), "forged") }},
		{"a refusal without any state", func(string) login.Callback { return login.Callback{Denied: true} }},
		{"a refusal with another state", func(string) login.Callback { return login.Callback{State: "another", Denied: true} }},
		{"the state with no answer at all", func(s string) login.Callback { return login.Callback{State: s} }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, st := &fakeProvider{}, &fakeStore{}
				s := open(t, p, st)
				state := begin(t, s)
				before := s.Snapshot()
				if got := s.Complete(test.forged(state)); got != login.Ignored {
					t.Errorf("outcome %d, want Ignored", got)
				}
				synctest.Wait()
				if got := s.Snapshot(); got != before {
					t.Errorf("snapshot %+v, want unchanged %+v", got, before)
				}
				if got := s.Complete(answer(state, "genuine")); got != login.Accepted {
					t.Fatalf("the genuine answer had outcome %d, want Accepted", got)
				}
				synctest.Wait()
				wantPhase(t, s, login.SignedIn, "")
				if got := p.codes(); !slices.Equal(got, []string{"genuine"}) {
					t.Errorf("codes spent: %q, want only the genuine one", got)
				}
			})
		})
	}
}

func swapCase(s string) string {
	swapped := []byte(s)
	for i, c := range swapped {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' {
			swapped[i] = c ^ 0x20
		}
	}
	return string(swapped)
}

func TestNobodyIsSignedInByAnAnswerBeforeAnyAttempt(t *testing.T) {
	t.Parallel()
	s := open(t, &fakeProvider{}, &fakeStore{})
	for _, cb := range []login.Callback{{}, answer("", "c1"), {Denied: true}} {
		if got := s.Complete(cb); got != login.Ignored {
			t.Errorf("outcome %d, want Ignored", got)
		}
	}
	wantPhase(t, s, login.Idle, "")
}

func TestARefusalWithTheStateEndsTheAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &fakeProvider{}
		s := open(t, p, &fakeStore{})
		state := begin(t, s)
		refusal := login.Callback{State: state, Denied: true}
		if got := s.Complete(refusal); got != login.Accepted {
			t.Errorf("outcome %d, want Accepted", got)
		}
		wantPhase(t, s, login.Failed, login.Denied)
		if got := s.Complete(refusal); got != login.Repeated {
			t.Errorf("the same again had outcome %d, want Repeated", got)
		}
		if got := s.Complete(answer(state, "c1")); got != login.Conflict {
			t.Errorf("a code after the refusal had outcome %d, want Conflict", got)
		}
		synctest.Wait()
		wantPhase(t, s, login.Failed, login.Denied)
		if codes := p.codes(); len(codes) != 0 {
			t.Errorf("%d codes spent, want none", len(codes))
		}
	})
}

func TestASecondAnswerIsRepeatedOrInConflict(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		p := &fakeProvider{identify: func(_ context.Context, code string) (identity.Identity, error) {
			<-goOn
			return personOf(code), nil
		}}
		st := &fakeStore{}
		s := open(t, p, st)
		state := begin(t, s)
		s.Complete(answer(state, "c1"))
		for _, phase := range []login.Phase{login.Working, login.SignedIn} {
			synctest.Wait()
			wantPhase(t, s, phase, "")
			before := s.Snapshot()
			if got := s.Complete(answer(state, "c1")); got != login.Repeated {
				t.Errorf("%s: the same code had outcome %d, want Repeated", phase, got)
			}
			if got := s.Complete(answer(state, "c2")); got != login.Conflict {
				t.Errorf("%s: another code had outcome %d, want Conflict", phase, got)
			}
			if got := s.Complete(login.Callback{State: state, Denied: true}); got != login.Conflict {
				t.Errorf("%s: a refusal had outcome %d, want Conflict", phase, got)
			}
			if s.Snapshot() != before {
				t.Errorf("%s: the snapshot changed to %+v", phase, s.Snapshot())
			}
			if phase == login.Working {
				close(goOn)
			}
		}
		if got := p.codes(); !slices.Equal(got, []string{"c1"}) {
			t.Errorf("codes spent: %q, want c1 once", got)
		}
		wantKept(t, st, 1)
	})
}

func TestOfTwentyIdenticalAnswersAtOnceOneIsAccepted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, st := &fakeProvider{}, &fakeStore{}
		s := open(t, p, st)
		state := begin(t, s)
		start := make(chan struct{})
		outcomes := make([]login.Outcome, 20)
		var redirects sync.WaitGroup
		for i := range outcomes {
			redirects.Go(func() {
				<-start
				outcomes[i] = s.Complete(answer(state, "c1"))
			})
		}
		close(start)
		redirects.Wait()
		synctest.Wait()

		count := make(map[login.Outcome]int)
		for _, outcome := range outcomes {
			count[outcome]++
		}
		if count[login.Accepted] != 1 || count[login.Repeated] != 19 {
			t.Errorf("outcomes %v, want one Accepted (%d) and the others Repeated (%d)", count, login.Accepted, login.Repeated)
		}
		if got := p.codes(); len(got) != 1 {
			t.Errorf("the code was spent %d times", len(got))
		}
		wantKept(t, st, 1)
		wantPhase(t, s, login.SignedIn, "")
	})
}

// authd #1766 (T16): the screen showed one code while another was waited for.
func TestOfTwoFastClicksTheAttemptOnScreenIsTheOneThatCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, &fakeProvider{}, &fakeStore{})
		var clicks sync.WaitGroup
		for range 2 {
			clicks.Go(func() {
				if err := s.Begin(t.Context(), login.BeginOptions{}); err != nil {
					t.Error("begin:", err)
				}
			})
		}
		clicks.Wait()
		shown := s.Snapshot().AttemptID
		if got := s.Complete(answer(stateOf(t, s), "c1")); got != login.Accepted {
			t.Fatalf("outcome %d, want Accepted", got)
		}
		synctest.Wait()
		wantPhase(t, s, login.SignedIn, "")
		if got := s.Snapshot().AttemptID; got != shown {
			t.Errorf("attempt %s signed in, %s was on screen", got, shown)
		}
	})
}

// authd #1537, #1901 (T17): a refreshed code was used after its end.
func TestOfFiftyRefreshesInASecondOnlyTheLastMayFinish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, st := &fakeProvider{}, &fakeStore{}
		s := open(t, p, st)
		var states, ids []string
		for range 50 {
			states = append(states, begin(t, s))
			ids = append(ids, s.Snapshot().AttemptID)
			<-time.After(20 * time.Millisecond)
		}
		for name, made := range map[string][]string{"states": states, "attempt ids": ids} {
			if unique := len(slices.Compact(slices.Sorted(slices.Values(made)))); unique != 50 {
				t.Errorf("%d different %s, want 50", unique, name)
			}
		}
		for i, state := range states[:49] {
			if got := s.Complete(login.Callback{State: state, Code: secret.New(fmt.Sprint("old ", i))}); got != login.Ignored {
				t.Errorf("the answer to attempt %d had outcome %d, want Ignored", i, got)
			}
		}
		synctest.Wait()
		wantPhase(t, s, login.Waiting, "")
		s.Complete(answer(states[49], "last"))
		synctest.Wait()
		wantPhase(t, s, login.SignedIn, "")
		wantKept(t, st, 1)
		if got := p.codes(); !slices.Equal(got, []string{"last"}) {
			t.Errorf("codes spent: %q, want only the last", got)
		}
	})
}
