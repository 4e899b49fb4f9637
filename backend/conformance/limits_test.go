package conformance_test

import (
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
)

// How a limit looks, through calls that are made once.
func TestLimits(t *testing.T) {
	t.Parallel()
	scanned := func(w *world) (any, error) { return exchange(w, w.scan("zhang01")) }
	limited := func(path string) *failure {
		return formless(path, 200, "", dingtalk.Retry, login.RateLimited)
	}
	banned := limited(visitorPath)
	banned.banned = true
	rows := []row{
		{name: "7.9 new style: HTTP 429, in defence", given: faulted(grantPath, sandbox.Fault{Status: 429}), call: scanned,
			fails: named(grantPath, 429, "ServiceUnavailable", dingtalk.Retry, login.RateLimited)},
		{name: "7.9 the guard's JSON", given: faulted(visitorPath, sandbox.Fault{Kind: sandbox.FaultGuard}), call: visitOf("zhang01"), fails: banned},
		{name: "7.9 the guard's HTML", given: faulted(visitorPath, sandbox.Fault{Kind: sandbox.FaultHTML}), call: visitOf("zhang01"),
			fails: formless(visitorPath, 200, "the answer is not the JSON that it should be", dingtalk.Retry, login.ProviderAnswer)},
	}
	for _, name := range []string{"QpsLimitForAppkeyAndApi", "QpsLimitForApi", "QpmLimitForAppkeyAndApi", "QpsLimitForSuitekeyAndOrgAndApi", "ApiCountLimitForOrg"} {
		name = "Forbidden.AccessDenied." + name
		rows = append(rows, row{
			name:  "7.9 new style: " + name,
			given: faulted(grantPath, sandbox.Fault{Status: 403, Code: name}), call: scanned,
			fails: named(grantPath, 403, name, dingtalk.Retry, login.RateLimited),
		})
	}
	run(t, rows)
}

// The sandbox counts as DingTalk does. Its clock stands still, so that no
// second ends by itself.
func TestTheSandboxsLimits(t *testing.T) {
	t.Parallel()
	t.Run("7.9 per app and API, new style", func(t *testing.T) {
		t.Parallel()
		w := newWorldAt(t, still)
		first, second := w.scan("zhang01"), w.scan("zhang01")
		w.set("rate_limit", 1)
		if _, err := exchange(w, first); err != nil {
			t.Fatal("within the limit:", err)
		}
		_, err := exchange(w, second)
		named(grantPath, 403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", dingtalk.Retry, login.RateLimited).check(t, err)
		w.later("1s")
		if _, err := exchange(w, second); err != nil {
			t.Error("a second later, with the code that was not looked at:", err)
		}
	})
	t.Run("7.9 per app and API, old style", func(t *testing.T) {
		t.Parallel()
		w := newWorldAt(t, still)
		first, second := w.visit("zhang01"), w.visit("zhang01")
		w.appToken()
		w.set("rate_limit", 1)
		if _, err := enter(w, first); err != nil {
			t.Fatal("within the limit:", err)
		}
		_, err := enter(w, second)
		wrapped(visitorPath, 90018, dingtalk.Retry, login.RateLimited).check(t, err)
	})
	t.Run("7.9 per source address", func(t *testing.T) {
		t.Parallel()
		w := newWorldAt(t, still)
		w.appToken()
		w.set("ip_limit", 1)
		if _, err := visitOf("zhang01")(w); err != nil {
			t.Fatal("within the limit:", err)
		}
		_, err := visitOf("zhang01")(w)
		want := formless(visitorPath, 200, "", dingtalk.Retry, login.RateLimited)
		want.banned = true
		want.check(t, err)
		if wait := retryAfter(err); wait != 5*time.Minute {
			t.Errorf("come back after %v", wait)
		}
	})
}

// A read is made three times at most; not at all a second time where DingTalk
// documents that it takes longer.
func TestReadsAreRepeated(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		fault sandbox.Fault
		calls int
		code  login.Code
	}{
		{"7.9 90018 once", sandbox.Fault{Kind: sandbox.FaultRateLimited, Times: 1}, 2, ""},
		{"7.9 90018 always", sandbox.Fault{Kind: sandbox.FaultRateLimited}, 3, login.RateLimited},
		{"7.9 90020 the month's quota", sandbox.Fault{SubCode: 90020}, 1, login.RateLimited},
		{"7.9 the guard", sandbox.Fault{Kind: sandbox.FaultGuard}, 1, login.RateLimited},
		{"7.10 60121 is no reason to ask again", sandbox.Fault{ErrCode: 60121}, 1, login.NotMember},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.fault(memberPath, tc.fault)
			_, err := member("zhang01")(w)
			if code, n := login.CodeOf(err), w.calls("POST "+memberPath); code != tc.code || n != tc.calls {
				t.Errorf("%q after %d calls, want %q after %d (%v)", code, n, tc.code, tc.calls, err)
			}
		})
	}
}
