package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/sandbox"
)

func TestEachAPIHasItsOwnLimit(t *testing.T) {
	t.Parallel()
	k := start(t)
	token := k.appToken()
	k.Advance(time.Second)
	k.change(func(s *sandbox.Settings) { s.RateLimit = sandbox.DocumentedRateLimit })
	for path, refused := range map[string]func(reply){
		userPath:         func(r reply) { isTopError(t, r.json(t), 88, "90018") },
		"/call_back/any": func(r reply) { isTopError(t, r.json(t), 90018, "") },
		appTokenPath: func(r reply) {
			isRestError(t, r, http.StatusForbidden, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi")
		},
	} {
		for range sandbox.DocumentedRateLimit {
			if res := k.post(path+"?access_token="+token, map[string]any{}); strings.Contains(res.body, "90018") || strings.Contains(res.body, "Qps") {
				t.Fatalf("%s: too early: %s", path, res.body)
			}
		}
		refused(k.post(path+"?access_token="+token, map[string]any{}))
	}
	k.Advance(time.Second)
	if got := k.top(userPath, token, map[string]any{"userid": "zhang01"}); got["errcode"] != 0.0 {
		t.Errorf("a second later: %v", got)
	}
	if res := k.do(http.MethodGet, k.query(), ""); res.status != http.StatusOK {
		t.Errorf("pages are not counted: %d", res.status)
	}
}

func TestAnAddressIsShutOutForFiveMinutes(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.change(func(s *sandbox.Settings) { s.IPLimit = 3 })
	call := func() string { return k.do(http.MethodGet, "/gettoken", "").body }
	for range 3 {
		if got := call(); !strings.Contains(got, "40035") {
			t.Fatalf("within the limit: %s", got)
		}
	}
	if got := call(); got != `{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"0a1b2c3d"}` {
		t.Errorf("shut out: %s", got)
	}
	k.Advance(5*time.Minute - time.Second)
	k.change(func(s *sandbox.Settings) { s.GuardBody = sandbox.GuardHTML })
	if got := call(); !strings.HasPrefix(got, "<!doctype html>") {
		t.Errorf("still: %s", got)
	}
	k.Advance(time.Second)
	if got := call(); !strings.Contains(got, "40035") {
		t.Errorf("let in again: %s", got)
	}
	for _, bad := range []string{`{"rate_limit":-1}`, `{"guard_body":"xml"}`} {
		if res := k.control(http.MethodPost, "settings", bad); res.status != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, res.status)
		}
	}
}
