package loopback_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
)

// A1, rows «forged code, no state» and «forged code, wrong state».
// T1: dws PR #799, veryfront-code #2321, everruns PR #2447, calimero core PR
// #3071. The attacker's own code would sign the victim in as the attacker.
func TestA1_T01_AForgedCodeIsIgnored(t *testing.T) {
	t.Parallel()
	harmless(t, []hostile{
		{"forged code without state", get("/callback?authCode={forged}&code={forged}"), 400},
		{"forged code with empty state", get("/callback?authCode={forged}&state="), 400},
		{"forged code with wrong state", get("/callback?authCode={forged}&code={forged}&state={wrong}"), 400},
		{"forged code with the state cut short", get("/callback?authCode={forged}&state=A"), 400},
		{"forged code with more than the state", get("/callback?authCode={forged}&state={state}A"), 400},
		{"forged code with the state under another name", get("/callback?authCode={forged}&State={state}"), 400},
		{"forged code with wrong state from our own window", get("/callback?code={forged}&state={wrong}", ours...), 400},
		{"forged code with the state in the fragment", get("/callback?code={forged}#state={state}"), 400},
		{"forged code with the state in a header", get("/callback?code={forged}", "X-State: {state}", "Cookie: state={state}"), 400},
	})
}

// A1, row «forged error=, no state».
// T2: Gitlawb/openclaude #2101 (CVE-2026-42073), mozilla-ai/cq #348.
func TestA1_T02_AForgedErrorIsIgnored(t *testing.T) {
	t.Parallel()
	harmless(t, []hostile{
		{"error without state", get("/callback?error=access_denied"), 400},
		{"error with empty state", get("/callback?error=access_denied&state="), 400},
		{"error with wrong state", get("/callback?error=access_denied&state={wrong}"), 400},
		{"error and forged code without state", get("/callback?error=x&code={forged}"), 400},
		{"error that wants to be markup", get("/callback?error=%3Cscript%3E&error_description=%3Cb%3E&state={wrong}"), 400},
	})
}

func TestARefusalWithTheRightStateEndsTheAttempt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got := s.get("/callback?error=access_denied&state={state}")
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/" {
		t.Errorf("answer: %d to %q, want 303 to /", got.status, got.header.Get("Location"))
	}
	if snap := s.settled(); snap.Phase != login.Failed || snap.Err.Code != login.Denied {
		t.Errorf("ended %s (%v), want failed with denied", snap.Phase, snap.Err)
	}
	if codes := s.provider.codes(); len(codes) > 0 {
		t.Errorf("%d codes exchanged, want none", len(codes))
	}
}

func TestACallbackThatCannotBeDingTalksIsIgnored(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 9<<10)
	harmless(t, []hostile{
		{"no query at all", get("/callback"), 400},
		{"right state and nothing else", get("/callback?state={state}"), 400},
		{"right state and an empty code", get("/callback?authCode=&code=&state={state}"), 400},
		{"right state twice", get("/callback?code={forged}&state={state}&state={state}"), 400},
		{"right state after a wrong one", get("/callback?code={forged}&state={wrong}&state={state}"), 400},
		{"code twice", get("/callback?code={forged}&code={code}&state={state}"), 400},
		{"authCode twice", get("/callback?authCode={forged}&authCode={forged}&state={state}"), 400},
		{"error twice", get("/callback?error=a&error=b&state={state}"), 400},
		{"authCode and code differ", get("/callback?authCode={forged}&code={code}&state={state}"), 400},
		{"broken percent encoding", get("/callback?code={forged}&x=%zz&state={state}"), 400},
		{"semicolon as a separator", get("/callback?code={forged};state={state}"), 400},
		{"query too long", get("/callback?code={forged}&state={state}&x=" + long), 400},
	})
}

func TestEveryShapeOfDingTalksRedirectSignsIn(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, target string }{
		{"authCode and code", genuine},
		{"only authCode", "/callback?authCode={code}&state={state}"},
		{"only code", "/callback?code={code}&state={state}"},
		{"state first", "/callback?state={state}&authCode={code}"},
		{"an empty code beside authCode", "/callback?authCode={code}&code=&state={state}"},
		{"further parameters", "/callback?authCode={code}&state={state}&from=%E9%92%89%E9%92%89&x&x"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			newSite(t).signInAt(test.target)
		})
	}
}

// A1, row «wrong-state answer echoes the expected state back» (MSAL Go does):
// harmless looks for it in every answer and log line. This is its other half:
// nothing that was sent comes back either.
func TestA1_AWrongStateAnswerEchoesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, target := range []string{
		"/callback?code=echo-canary&state=echo-canary",
		"/callback?error=echo-canary&error_description=echo-canary",
		"/echo-canary?state=echo-canary",
		"//callback?state=echo-canary",
		"/assets?state=echo-canary",
		"/?state=echo-canary",
		"/open/echo-canary?state=echo-canary",
		"/login/start?state=echo-canary",
	} {
		if got := s.get(target, "Referer: http://echo-canary/"); strings.Contains(got.raw, "echo-canary") {
			t.Errorf("GET %s is echoed:\n%s", target, got.raw)
		}
	}
	if strings.Contains(s.logs.String(), "echo-canary") {
		t.Error("the log echoes a request")
	}
	s.signIn()
}
