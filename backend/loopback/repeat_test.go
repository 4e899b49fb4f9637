package loopback_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
)

// A1, row «20 identical genuine callbacks at once».
func TestA1_TwentyCallbacksAtOnceAreOneExchange(t *testing.T) {
	t.Parallel()
	answered := make(chan struct{})
	s := newSite(t, func(p *plan) {
		p.provider.identify = func(ctx context.Context, _ string) error {
			select { // so that all twenty meet a sign-in that is under way
			case <-answered:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	target := s.fill(genuine)
	start := make(chan struct{})
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			<-start
			if got := s.get(target); got.status != http.StatusSeeOther || got.header.Get("Location") != "/" {
				t.Errorf("answer %d to %q, want 303 to /", got.status, got.header.Get("Location"))
			}
		})
	}
	close(start)
	callers.Wait()
	close(answered)
	s.settled()
	s.onlyGenuine()
}

func TestAReplayAfterSuccessChangesNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, target string
		status       int
	}{
		{"the same answer, as a page refresh sends it", "/callback?authCode={code}&code={code}&state=", 303},
		{"the same code under one name", "/callback?code={code}&state=", 303},
		{"another code", "/callback?code={forged}&state=", 409},
		{"a refusal", "/callback?error=access_denied&state=", 409},
		{"no answer", "/callback?state=", 400},
		{"another state", "/callback?code={code}&state={wrong}&x=", 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			state := s.state()
			s.signIn()
			before := s.service.Snapshot()
			if got := s.get(test.target + state); got.status != test.status || strings.Contains(got.raw, state) {
				t.Errorf("answer %d, want %d without the state:\n%s", got.status, test.status, got.raw)
			}
			if now := s.service.Snapshot(); now != before {
				t.Errorf("snapshot %+v, want as before", now)
			}
			s.onlyGenuine()
		})
	}
}

// T15: kubelogin #1330, many windows opened. T16: authd #1766, two fast
// clicks, and the screen shows the code that nothing waits for.
func TestT15_T16_OnlyTheNewestAttemptMayFinish(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	s.launch()
	begin := func() {
		if got := s.post("/api/login", "", ours...); got.status != http.StatusAccepted {
			t.Errorf("begin: %d, want 202", got.status)
		}
	}
	begin()
	first := s.state()
	var clicks sync.WaitGroup
	for range 20 {
		clicks.Go(begin)
	}
	clicks.Wait()
	before := s.service.Snapshot()
	if got := s.get("/callback?code={forged}&state=" + first); got.status != http.StatusBadRequest {
		t.Errorf("answer to a dropped attempt: %d, want 400", got.status)
	}
	if now := s.service.Snapshot(); now != before || now.Phase != login.Waiting {
		t.Errorf("phase %s, seq %d, want still waiting", now.Phase, now.Seq)
	}
	newest := s.state()
	for range 20 { // opened again and again, it is the same attempt
		got := s.get("/login/start", ours...)
		if !strings.Contains(got.header.Get("Location"), "state="+newest) {
			t.Fatal("the way to DingTalk leads to another attempt")
		}
	}
	s.signIn()
}

// T16, with the older answer already on its way through DingTalk.
func TestT16_AnAnswerUnderWayIsDroppedByANewerAttempt(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	s := newSite(t, func(p *plan) {
		p.provider.identify = func(ctx context.Context, code string) error {
			if code == genuineCode {
				return nil
			}
			close(asked)
			<-ctx.Done() // the older attempt's end
			return nil   // DingTalk answers all the same
		}
	})
	s.launch()
	s.get("/callback?code={forged}&state={state}")
	<-asked
	s.post("/api/login", "", ours...)
	if got := s.get(genuine); got.status != http.StatusSeeOther {
		t.Fatalf("genuine callback: %d, want 303", got.status)
	}
	if snap := s.settled(); snap.Phase != login.SignedIn || snap.Record.Identity.UserID != "owner of "+genuineCode {
		t.Errorf("ended %s with %+v, want the newest attempt's person", snap.Phase, snap.Record)
	}
	if kept := s.store.kept(); !slices.Equal(kept, []string{"owner of " + genuineCode}) {
		t.Errorf("stored: %q, want the newest attempt's person", kept)
	}
}

// T19: dws #152, success was reported with nothing stored.
func TestT19_ThePageIsToldOfASignInOnlyOnceItIsStored(t *testing.T) {
	t.Parallel()
	answers := make(chan error)
	s := newSite(t, func(p *plan) {
		p.store.keep = func(context.Context) error { return <-answers }
	})
	s.launch()
	page := s.follow()
	next := func(want string) shown {
		t.Helper()
		got := page.next()
		if got.Phase != want {
			t.Fatalf("phase %s, want %s", got.Phase, want)
		}
		return got
	}
	next("waiting")
	s.get(genuine)
	next("working")
	answers <- login.Fail(login.StoreUnavailable, errors.New("disk is full"))
	if got := next("failed"); got.Person != nil || got.Problem == nil || got.Problem.Code != "store_unavailable" {
		t.Errorf("the page is told %+v", got)
	}
	s.post("/api/login", "", ours...)
	next("waiting")
	s.get(genuine)
	next("working")
	answers <- nil
	if got := next("signed_in"); got.Person == nil {
		t.Error("nobody is shown")
	}
}

// T35: OrcaSlicer #716, dcrdex #2603: web views forget. A new window with
// nothing in it sees the same attempt, and the redirect needs no cookie.
func TestT35_NothingDependsOnWhatTheWebViewKeeps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.launch()
	attempt := s.follow().next().Attempt
	s.cookie = ""
	s.launch()
	if again := s.follow().next().Attempt; again != attempt || attempt == "" {
		t.Errorf("a fresh window shows attempt %q, want %q", again, attempt)
	}
	s.cookie = ""
	s.signIn()
}

// T28: vue-wxlogin #11, #9: the frame stays dead after a change at the
// provider. The full page can be had at any time, for the same attempt.
func TestT28_TheFullPageIsAWayOutOfADeadFrame(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.launch()
	frame := s.get("/login/start?frame=1", ours...)
	page := s.get("/login/start", ours...)
	requests := s.provider.asked()
	if frame.status != http.StatusFound || page.status != http.StatusFound || len(requests) != 2 {
		t.Fatalf("frame %d, page %d, %d authorization requests", frame.status, page.status, len(requests))
	}
	if !requests[0].Frame || requests[1].Frame || requests[0].State != requests[1].State {
		t.Error("the page is not the frame's attempt in another form")
	}
	s.signIn()
}
