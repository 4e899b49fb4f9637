package dingtalk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/dingtalk/callback"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

const (
	registerCallbackPath = "/call_back/register_call_back"
	updateCallbackPath   = "/call_back/update_call_back"
	getCallbackPath      = "/call_back/get_call_back"
	deleteCallbackPath   = "/call_back/delete_call_back"
	failedPath           = "/call_back/get_call_back_failed_result"

	callbackToken  = "canary-callback-token"
	callbackAESKey = "canary-callback-aes-key"
)

const goodCallback = `{"errcode":0,"errmsg":"ok","call_back_tag":["user_add_org","user_leave_org"],"token":"` + callbackToken + `","aes_key":"` + callbackAESKey + `","url":"https://kiosk.example/callback"}`

func failed(more bool, people ...string) http.HandlerFunc {
	var entries []string
	for _, id := range people {
		entries = append(entries, fmt.Sprintf(`{"user_add_org":{"corpid":"ding0a1b","userid":[%q]},"call_back_tag":"user_add_org","event_time":1700000000000}`, id))
	}
	return says(200, fmt.Sprintf(`{"errcode":0,"has_more":%t,"failed_list":[%s]}`, more, strings.Join(entries, ",")))
}

// readFailed reads pages until the end, as "a b|c".
func readFailed(ctx context.Context, c *dingtalk.Client) (string, error) {
	var pages []string
	for page, err := range c.FailedCallbacks(ctx) {
		if err != nil {
			return strings.Join(pages, "|"), err
		}
		var people []string
		for _, event := range page {
			people = append(people, event.UserIDs...)
		}
		pages = append(pages, strings.Join(people, " "))
	}
	return strings.Join(pages, "|"), nil
}

func kiosk() dingtalk.Callback {
	return dingtalk.Callback{
		URL:    "https://kiosk.example/callback",
		Tags:   []string{"user_add_org", "user_leave_org"},
		Token:  secret.New(callbackToken),
		AESKey: secret.New(callbackAESKey),
	}
}

func TestACallbackIsRegisteredAndUpdated(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{registerCallbackPath: says(200, `{"errcode":0}`), updateCallbackPath: says(200, `{"errcode":0}`)})
	c := f.client()
	if err := errors.Join(c.RegisterCallback(t.Context(), kiosk()), c.UpdateCallback(t.Context(), kiosk())); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{registerCallbackPath, updateCallbackPath} {
		r := f.requests(path)
		if len(r) != 1 || r[0].method != "POST" || r[0].query.Get("access_token") != appToken || r[0].header.Get("Content-Type") != "application/json" {
			t.Fatalf("%s: requests = %+v", path, r)
		}
		want := map[string]any{
			"call_back_tag": []any{"user_add_org", "user_leave_org"}, "token": callbackToken, "aes_key": callbackAESKey, "url": "https://kiosk.example/callback",
		}
		if got := object(t, r[0].body); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: body = %v", path, got)
		}
	}
}

func TestACallbackWithoutTagsSendsAnEmptyList(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{updateCallbackPath: says(200, `{"errcode":0}`)})
	if err := f.client().UpdateCallback(t.Context(), dingtalk.Callback{}); err != nil {
		t.Fatal(err)
	}
	if got := object(t, f.requests(updateCallbackPath)[0].body)["call_back_tag"]; !reflect.DeepEqual(got, []any{}) {
		t.Errorf("call_back_tag = %v", got)
	}
}

func TestWhatIsWrongWithACallbackIsASetting(t *testing.T) {
	t.Parallel()
	codes := []int{71006, 71007, 71008, 71009, 71012, 71013}
	for code := callback.TextIllegal; code <= callback.OwnerMismatch; code++ {
		codes = append(codes, int(code))
	}
	for _, code := range codes {
		f := newFake(t, map[string]http.HandlerFunc{registerCallbackPath: says(200, fmt.Sprintf(`{"errcode":%d,"errmsg":"canary"}`, code))})
		err := f.client().RegisterCallback(t.Context(), kiosk())
		if e, ok := errors.AsType[*dingtalk.Error](err); !ok || e.Code != fmt.Sprint(code) || login.CodeOf(err) != login.AppMisconfigured {
			t.Errorf("%d: %v", code, err)
		}
		if n := len(f.requests(registerCallbackPath)); n != 1 {
			t.Errorf("%d: sent %d times", code, n)
		}
		cleanError(t, err)
	}
}

func TestTheRegisteredCallbackIsRead(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{getCallbackPath: says(200, goodCallback)})
	got, err := f.client().RegisteredCallback(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.URL != "https://kiosk.example/callback" || !slices.Equal(got.Tags, []string{"user_add_org", "user_leave_org"}) ||
		got.Token.Reveal() != callbackToken || got.AESKey.Reveal() != callbackAESKey {
		t.Errorf("callback = %+v", got)
	}
	clean(t, "the callback", fmt.Sprintf("%v %+v %#v", got, got, got))
	if r := f.requests(getCallbackPath); len(r) != 1 || r[0].method != "GET" || r[0].query.Get("access_token") != appToken || r[0].body != "" {
		t.Errorf("requests = %+v", r)
	}
}

func TestACallbackIsDeleted(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{deleteCallbackPath: says(200, `{"errcode":0,"errmsg":"ok"}`)})
	if err := f.client().DeleteCallback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := f.requests(deleteCallbackPath); len(r) != 1 || r[0].method != "GET" || r[0].query.Get("access_token") != appToken {
		t.Errorf("requests = %+v", r)
	}
}

// These paths are none of /topapi/: the code is not wrapped in 88.
func TestARefusalOfACallbackCallHasItsCode(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{
		registerCallbackPath: says(200, `{"errcode":71007,"errmsg":"canary"}`),
		updateCallbackPath:   says(200, `{"errcode":71007,"errmsg":"canary"}`),
		getCallbackPath:      says(200, `{"errcode":71007,"errmsg":"canary"}`),
		deleteCallbackPath:   says(200, `{"errcode":71007,"errmsg":"canary"}`),
		failedPath:           says(200, `{"errcode":71007,"errmsg":"canary"}`),
	})
	for path, err := range callbackErrors(t.Context(), f.client()) {
		e, ok := errors.AsType[*dingtalk.Error](err)
		if !ok || e.Code != "71007" || e.Endpoint != path {
			t.Errorf("%s: %v", path, err)
		}
		cleanError(t, err)
	}
}

func callbackErrors(ctx context.Context, c *dingtalk.Client) map[string]error {
	_, get := c.RegisteredCallback(ctx)
	_, read := readFailed(ctx, c)
	return map[string]error{
		registerCallbackPath: c.RegisterCallback(ctx, kiosk()),
		updateCallbackPath:   c.UpdateCallback(ctx, kiosk()),
		getCallbackPath:      get,
		deleteCallbackPath:   c.DeleteCallback(ctx),
		failedPath:           read,
	}
}

func TestACallbackCallGetsANewTokenOnce(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{
		getCallbackPath: inTurn(says(200, `{"errcode":40014}`), says(200, goodCallback)),
		failedPath:      inTurn(says(200, `{"errcode":42001}`), failed(false, "a")),
	})
	c := f.client()
	if _, err := c.RegisteredCallback(t.Context()); err != nil {
		t.Error(err)
	}
	if got, err := readFailed(t.Context(), c); err != nil || got != "a" {
		t.Errorf("%q, %v", got, err)
	}
	if n := len(f.requests(tokenPath)); n != 3 {
		t.Errorf("%d token calls, want 3", n)
	}
}

func TestACallbackAnswerWithoutAnAddressIsNone(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{getCallbackPath: says(200, `{"errcode":0}`)})
	if _, err := f.client().RegisteredCallback(t.Context()); login.CodeOf(err) != login.ProviderAnswer {
		t.Error(err)
	}
}

func TestFailedCallbacksAreReadToTheEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pages []http.HandlerFunc
		want  string
		calls int
	}{
		"none":                         {[]http.HandlerFunc{failed(false)}, "", 1},
		"a list that is absent":        {[]http.HandlerFunc{says(200, `{"errcode":0}`)}, "", 1},
		"one page":                     {[]http.HandlerFunc{failed(false, "a", "b")}, "a b", 1},
		"three pages":                  {[]http.HandlerFunc{failed(true, "a", "b"), failed(true, "c"), failed(false, "d")}, "a b|c|d", 3},
		"a last page without a thing":  {[]http.HandlerFunc{failed(true, "a"), failed(false)}, "a", 2},
		"more and more of nothing":     {[]http.HandlerFunc{failed(true, "a"), failed(true)}, "a", 2},
		"more, as a string":            {[]http.HandlerFunc{says(200, `{"errcode":"0","has_more":"true","failed_list":[{"call_back_tag":"x","x":{"userid":"a"}}]}`), failed(false, "b")}, "a|b", 2},
		"an entry that cannot be read": {[]http.HandlerFunc{says(200, `{"errcode":0,"failed_list":[7,{"call_back_tag":"x","x":{"userid":["a"]}}]}`)}, "a", 1},
		"a token that was refused":     {[]http.HandlerFunc{says(200, `{"errcode":40014}`), failed(false, "a")}, "a", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, map[string]http.HandlerFunc{failedPath: inTurn(c.pages...)})
			got, err := readFailed(t.Context(), f.client())
			if err != nil || got != c.want {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
			if n := len(f.requests(failedPath)); n != c.calls {
				t.Errorf("%d calls, want %d", n, c.calls)
			}
		})
	}
}

func TestAnUnreadableFailedEventIsNotLost(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{failedPath: says(200, `{"errcode":0,"failed_list":[7]}`)})
	for page, err := range f.client().FailedCallbacks(t.Context()) {
		if err != nil || len(page) != 1 || string(page[0].Raw) != "7" {
			t.Errorf("%v, %v", page, err)
		}
	}
}

// Each read clears: a page that nobody asked for must not be read.
func TestWhoStopsAfterAPageLosesNoOther(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{failedPath: failed(true, "a")})
	for range f.client().FailedCallbacks(t.Context()) {
		break
	}
	if n := len(f.requests(failedPath)); n != 1 {
		t.Errorf("%d pages were read", n)
	}
}

// A second request would return what comes after what was lost, as if nothing
// had been.
func TestALostPageIsAnErrorAndNotReadOver(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{failedPath: inTurn(failed(true, "a"), drops, failed(false, "c"))})
	got, err := readFailed(t.Context(), f.client())
	if got != "a" || login.CodeOf(err) != login.Network || len(f.requests(failedPath)) != 2 {
		t.Errorf("%q, %v, %d calls", got, err, len(f.requests(failedPath)))
	}
}

// net/http sends a GET again when a kept connection breaks; the second one would
// be told that there is no address.
func TestALostDeletionIsNotRepeated(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{
		getCallbackPath:    says(200, goodCallback), // leaves a connection that is kept
		deleteCallbackPath: inTurn(drops, says(200, `{"errcode":71007}`)),
	})
	c := f.client()
	if _, err := c.RegisteredCallback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.DeleteCallback(t.Context()); login.CodeOf(err) != login.Network || len(f.requests(deleteCallbackPath)) != 1 {
		t.Errorf("%v, sent %d times", err, len(f.requests(deleteCallbackPath)))
	}
}

func TestAGetThatIsSentOnceHasNoBody(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{deleteCallbackPath: func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 || len(r.TransferEncoding) != 0 || r.Header.Get("Content-Type") != "" {
			t.Errorf("length %d, %v, %v", r.ContentLength, r.TransferEncoding, r.Header)
		}
		says(200, `{"errcode":0}`)(w, r)
	}})
	if err := f.client().DeleteCallback(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestNoSecretOfACallbackIsInAnyErrorOrLog(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"all is well":      says(200, goodCallback),
		"echo with 200":    echo(200),
		"echo with 500":    echo(500),
		"drop":             drops,
		"types that clash": says(200, `{"errcode":{"token":"`+callbackToken+`"},"aes_key":"`+callbackAESKey+`"}`),
		"a cut answer":     says(200, goodCallback[:len(goodCallback)-9]),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var logged bytes.Buffer
			c := newFake(t, map[string]http.HandlerFunc{
				registerCallbackPath: answer, updateCallbackPath: answer, getCallbackPath: answer, deleteCallbackPath: answer, failedPath: answer,
			}).client()
			c.Log = slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
			for _, err := range callbackErrors(t.Context(), c) {
				cleanError(t, err)
			}
			if logged.Len() == 0 {
				t.Error("nothing was logged: the test sees nothing")
			}
			clean(t, "the log", logged.String())
		})
	}
}
