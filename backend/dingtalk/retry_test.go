package dingtalk_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// wire is a network without sockets, for time that does not pass by itself.
type wire struct {
	slow    time.Duration // before each answer
	answers map[string][]reply

	mu   sync.Mutex
	when map[string][]time.Time
}

type reply struct {
	status int
	body   string
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	w.mu.Lock()
	if w.when == nil {
		w.when = map[string][]time.Time{}
	}
	path := req.URL.Path
	n := len(w.when[path])
	w.when[path] = append(w.when[path], time.Now())
	replies := w.answers[path]
	w.mu.Unlock()
	select {
	case <-time.After(w.slow):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	answer := replies[min(n, len(replies)-1)]
	return httpAnswer(req, answer.status, answer.body), nil
}

func httpAnswer(req *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req}
}

func (w *wire) count(path string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.when[path])
}

func (w *wire) client() *dingtalk.Client {
	return &dingtalk.Client{ClientID: "dingabc123", ClientSecret: secret.New(appSecret), HTTP: &http.Client{Transport: w}}
}

func TestAReadIsRepeatedWhileDingTalkIsBusy(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		path    string
		replies []reply
		calls   int
		code    login.Code
	}{
		"busy once":                  {memberPath, []reply{{200, `{"errcode":-1}`}, {200, goodMember}}, 2, ""},
		"busy twice, wrapped":        {userPath, []reply{{200, `{"errcode":88,"sub_code":"-1"}`}, {200, `{"errcode":-1}`}, {200, goodUser}}, 3, ""},
		"busy for good":              {memberPath, []reply{{200, `{"errcode":-1}`}}, 3, login.ProviderUnavailable},
		"unavailable once":           {mePath, []reply{{503, `{"code":"ServiceUnavailable"}`}, {200, goodMe}}, 2, ""},
		"a limit a second":           {memberPath, []reply{{200, `{"errcode":88,"sub_code":"90018"}`}, {200, goodMember}}, 2, ""},
		"a limit of the whole API":   {memberPath, []reply{{200, `{"errcode":90002}`}}, 3, login.RateLimited},
		"a limit of the newer API":   {mePath, []reply{{403, `{"code":"Forbidden.AccessDenied.QpsLimitForApi"}`}, {200, goodMe}}, 2, ""},
		"HTTP 429":                   {tokenPath, []reply{{429, ``}, {200, goodToken}}, 2, ""},
		"a monthly quota":            {memberPath, []reply{{200, `{"errcode":90020}`}}, 1, login.RateLimited},
		"a monthly quota, newer API": {mePath, []reply{{403, `{"code":"Forbidden.AccessDenied.ApiCountLimitForOrg"}`}}, 1, login.RateLimited},
		"a ban":                      {memberPath, []reply{{200, `{"status":1111,"punish":"deny"}`}}, 1, login.RateLimited},
		"a refusal":                  {memberPath, []reply{{200, `{"errcode":60121}`}}, 1, login.NotMember},
		"an internal error once":     {mePath, []reply{{500, `{"code":"unknownError"}`}, {200, goodMe}}, 2, ""},
		"a system error twice":       {mePath, []reply{{500, `{"code":"system.error"}`}, {500, `{"code":"system.error"}`}, {200, goodMe}}, 3, ""},
		"a server error for good":    {tokenPath, []reply{{500, `{"code":"server.error"}`}}, 3, login.ProviderUnavailable},
		"a bad gateway once":         {userPath, []reply{{502, `<html>Bad Gateway</html>`}, {200, goodUser}}, 2, ""},
		"a gateway's 503 once":       {memberPath, []reply{{503, ``}, {200, goodMember}}, 2, ""},
		"a gateway that waited":      {memberPath, []reply{{504, ``}}, 1, login.ProviderUnavailable},
		"a name never seen":          {mePath, []reply{{500, `{"code":"neverSeen"}`}}, 1, login.ProviderUnavailable},
		"a ban behind a 503":         {mePath, []reply{{503, `{"status":1111,"punish":"deny"}`}}, 1, login.RateLimited},
		"a refusal behind a 503":     {memberPath, []reply{{503, `{"errcode":60121}`}}, 1, login.NotMember},
		"a one-time code":            {exchangePath, []reply{{500, `{"code":"system.error"}`}}, 1, login.ProviderUnavailable},
		"a one-time code, 503":       {exchangePath, []reply{{503, ``}}, 1, login.ProviderUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				wire := &wire{answers: map[string][]reply{tokenPath: {{200, goodToken}}}}
				wire.answers[tc.path] = tc.replies
				err := ask(t.Context(), wire.client(), tc.path)
				if login.CodeOf(err) != tc.code {
					t.Errorf("err = %v, want %q", err, tc.code)
				}
				when := wire.when[tc.path]
				if len(when) != tc.calls {
					t.Fatalf("%d calls, want %d", len(when), tc.calls)
				}
				for i := 1; i < len(when); i++ {
					least := time.Duration(i) * time.Second
					if wait := when[i].Sub(when[i-1]); wait < least || wait > least+500*time.Millisecond {
						t.Errorf("wait %d was %v", i, wait)
					}
				}
			})
		})
	}
}

// A page of failed events is cleared by the read whose answer was lost.
func TestWhatChangesSomethingIsRepeatedOnlyWhenItWasNotDone(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(context.Context, *dingtalk.Client) error{
		"/call_back/register_call_back": func(ctx context.Context, c *dingtalk.Client) error {
			return c.RegisterCallback(ctx, dingtalk.Callback{})
		},
		"/call_back/delete_call_back": func(ctx context.Context, c *dingtalk.Client) error { return c.DeleteCallback(ctx) },
		"/call_back/get_call_back_failed_result": func(ctx context.Context, c *dingtalk.Client) error {
			_, err := collect(c.FailedCallbacks(ctx))
			return err
		},
	} {
		for first, calls := range map[reply]int{
			{200, `{"errcode":-1}`}:          2,
			{502, `<html>`}:                  1,
			{503, ``}:                        1,
			{500, `{"code":"system.error"}`}: 1,
		} {
			t.Run(name+" "+first.body, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					wire := &wire{answers: map[string][]reply{tokenPath: {{200, goodToken}}, name: {first, {200, `{"errcode":0}`}}}}
					err := call(t.Context(), wire.client())
					if (err == nil) != (calls == 2) || wire.count(name) != calls {
						t.Errorf("%d calls, want %d: %v", wire.count(name), calls, err)
					}
				})
			})
		}
	}
}

func TestCancellingWinsOverWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := &wire{answers: map[string][]reply{mePath: {{200, `{"errcode":-1}`}}}}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(300*time.Millisecond, cancel)
		began := time.Now()
		err := ask(ctx, wire.client(), mePath)
		if login.CodeOf(err) != login.Cancelled || time.Since(began) != 300*time.Millisecond || wire.count(mePath) != 1 {
			t.Errorf("after %v and %d calls: %v", time.Since(began), wire.count(mePath), err)
		}
	})
}

func TestAWaitThatTheDeadlineWouldCutIsNotBegun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := &wire{answers: map[string][]reply{mePath: {{200, `{"errcode":90018}`}}}}
		ctx, cancel := context.WithTimeout(t.Context(), 900*time.Millisecond)
		defer cancel()
		began := time.Now()
		err := ask(ctx, wire.client(), mePath)
		if login.CodeOf(err) != login.RateLimited || time.Since(began) != 0 {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

func TestNoCallTakesLongerThanItsLimit(t *testing.T) {
	t.Parallel()
	for _, path := range []string{exchangePath, mePath, tokenPath, memberPath, userPath} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				wire := &wire{slow: time.Hour}
				began := time.Now()
				err := ask(t.Context(), wire.client(), path)
				if login.CodeOf(err) != login.Network || time.Since(began) != 10*time.Second {
					t.Errorf("after %v: %v", time.Since(began), err)
				}
			})
		})
	}
}
