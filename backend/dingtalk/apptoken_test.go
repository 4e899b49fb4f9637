package dingtalk_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

func TestManyCallersMakeOneTokenCall(t *testing.T) {
	t.Parallel()
	const callers = 50
	asked := make(chan struct{})
	answer := make(chan struct{})
	f := newFake(t, map[string]http.HandlerFunc{tokenPath: func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-answer
		says(200, goodToken)(w, r)
	}})
	c := f.client()
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			token, err := c.AppToken(t.Context())
			if err != nil || token.Reveal() != appToken {
				t.Errorf("token or error is wrong: %v", err)
			}
		})
	}
	<-asked
	close(answer)
	all.Wait()
	if n := len(f.requests(tokenPath)); n != 1 {
		t.Errorf("%d token calls", n)
	}
}

func TestACallerWhoGoesAwayDoesNotFailTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := &wire{slow: time.Second, answers: map[string][]reply{tokenPath: {{200, goodToken}}}}
		c := wire.client()
		first, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := c.AppToken(first); login.CodeOf(err) != login.Cancelled {
				t.Errorf("who left got %v", err)
			}
		})
		synctest.Wait() // the fetch is under way, begun by the one who leaves
		all.Go(func() {
			if token, err := c.AppToken(t.Context()); err != nil || token.Reveal() != appToken {
				t.Errorf("who stayed got %v", err)
			}
		})
		synctest.Wait()
		leave()
		all.Wait()
		if n := wire.count(tokenPath); n != 1 {
			t.Errorf("%d token calls", n)
		}
	})
}

// The bubble fails the test if a goroutine is left behind.
func TestAFetchThatNobodyWantsEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := &wire{slow: time.Hour, answers: map[string][]reply{tokenPath: {{200, goodToken}}}}
		c := wire.client()
		ctx, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, err := c.AppToken(ctx); login.CodeOf(err) != login.Cancelled {
					t.Errorf("err = %v", err)
				}
			})
		}
		synctest.Wait()
		began := time.Now()
		leave()
		all.Wait()
		if waited := time.Since(began); waited != 0 {
			t.Errorf("left after %v", waited)
		}
		wire.slow = 0
		if _, err := c.AppToken(t.Context()); err != nil {
			t.Errorf("the next one: %v", err)
		}
	})
}

func TestATokenIsRenewedFiveMinutesEarly(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer string
		age    time.Duration
		calls  int
	}{
		"just fetched":                            {goodToken, 0, 1},
		"a moment before its last five minutes":   {goodToken, 115*time.Minute - time.Nanosecond, 1},
		"at its last five minutes":                {goodToken, 115 * time.Minute, 2},
		"dead":                                    {goodToken, 3 * time.Hour, 2},
		"short-lived, before half its life":       {`{"accessToken":"x","expireIn":60}`, 30*time.Second - 1, 1},
		"short-lived, at half its life":           {`{"accessToken":"x","expireIn":60}`, 30 * time.Second, 2},
		"from the future: the clock was set back": {goodToken, -24 * time.Hour, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, map[string]http.HandlerFunc{tokenPath: says(200, tc.answer)})
			now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
			c := f.client()
			c.Now = func() time.Time { return now }
			if _, err := c.AppToken(t.Context()); err != nil {
				t.Fatal(err)
			}
			now = now.Add(tc.age)
			if _, err := c.AppToken(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := len(f.requests(tokenPath)); n != tc.calls {
				t.Errorf("%d token calls, want %d", n, tc.calls)
			}
		})
	}
}

func TestARefusedTokenIsFetchedOnceMore(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]http.HandlerFunc{
		"40014 wrapped in 88":   oldError(40014),
		"42001 wrapped in 88":   oldError(42001),
		"40001":                 says(200, `{"errcode":40001}`),
		"40014":                 says(200, `{"errcode":40014}`),
		"42001":                 says(200, `{"errcode":"42001"}`),
		"InvalidAuthentication": newError(400, "InvalidAuthentication"),
	} {
		for _, forever := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				answers := []http.HandlerFunc{refusal, says(200, goodMember)}
				if forever {
					answers = answers[:1]
				}
				f := newFake(t, map[string]http.HandlerFunc{
					memberPath: inTurn(answers...),
					tokenPath:  inTurn(says(200, `{"accessToken":"rotated-away","expireIn":7200}`), says(200, goodToken)),
				})
				_, err := f.client().UserIDByUnionID(t.Context(), "uXyZ34iEiE")
				if want := map[bool]login.Code{true: login.ProviderAnswer}[forever]; login.CodeOf(err) != want {
					t.Errorf("err = %v", err)
				}
				asked := f.requests(memberPath)
				if len(asked) != 2 || len(f.requests(tokenPath)) != 2 {
					t.Fatalf("%d calls, %d token calls; want 2 and 2", len(asked), len(f.requests(tokenPath)))
				}
				if first, second := asked[0].query.Get("access_token"), asked[1].query.Get("access_token"); first != "rotated-away" || second != appToken {
					t.Errorf("tokens sent: %q, %q", first, second)
				}
			})
		}
	}
}

// Both calls about a known person meet a rotation. The one that hears of it
// later must not throw away what the other has fetched, even if DingTalk gave
// the very same token again.
func TestAHerdThatIsRefusedTogetherFetchesOneToken(t *testing.T) {
	t.Parallel()
	lateIsIn, release := make(chan struct{}), make(chan struct{})
	f := newFake(t, map[string]http.HandlerFunc{
		userPath: inTurn(func(w http.ResponseWriter, r *http.Request) {
			close(lateIsIn)
			<-release
			oldError(40014)(w, r)
		}, says(200, goodUser)),
		memberPath: inTurn(oldError(40014), says(200, goodMember)),
	})
	c := f.client()
	var late sync.WaitGroup
	late.Go(func() {
		if _, err := c.User(t.Context(), "zhang01"); err != nil {
			t.Errorf("late: %v", err)
		}
	})
	<-lateIsIn
	if _, err := c.UserIDByUnionID(t.Context(), "uXyZ34iEiE"); err != nil {
		t.Errorf("early: %v", err)
	}
	close(release)
	late.Wait()
	if n := len(f.requests(tokenPath)); n != 2 {
		t.Errorf("%d token calls, want the first and one more", n)
	}
}

func TestAPersonsRefusedTokenDoesNotTouchTheApps(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{mePath: newError(400, "InvalidAuthentication")})
	c := f.client()
	if _, err := c.AppToken(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Me(t.Context(), secret.New(userToken)); login.CodeOf(err) != login.ProviderAnswer {
		t.Errorf("err = %v", err)
	}
	if _, err := c.AppToken(t.Context()); err != nil {
		t.Fatal(err)
	}
	if me, token := len(f.requests(mePath)), len(f.requests(tokenPath)); me != 1 || token != 1 {
		t.Errorf("%d and %d calls", me, token)
	}
}

var _ login.Provider = (*dingtalk.Client)(nil)
