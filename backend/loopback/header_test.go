package loopback_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// A1, row «hardening headers on the final page»: four of six have none.
func TestA1_EveryAnswerCarriesTheHeaders(t *testing.T) {
	t.Parallel()
	page := func(target string, headers ...string) func(*site) answer {
		return func(s *site) answer { return s.get(target, headers...) }
	}
	tests := []struct {
		name   string
		ask    func(*site) answer
		status int
	}{
		{"the interface", page("/", ours...), 200},
		{"the page that asks again", page("/"), 200},
		{"the page for another browser", page("/?opened"), 403},
		{"a file", page("/assets/app.js", ours...), 200},
		{"a file that is not there", page("/assets/none.js", ours...), 404},
		{"the snapshot", page("/api/snapshot", ours...), 200},
		{"a refused snapshot", page("/api/snapshot"), 403},
		{"a launch link", func(s *site) answer { return s.get(strings.TrimPrefix(s.server.Link(), s.origin)) }, 303},
		{"a used launch link", page("/open/x"), 303},
		{"the way to DingTalk", page("/login/start", ours...), 302},
		{"the way to DingTalk while nothing waits", func(s *site) answer { s.service.Cancel(); return s.get("/login/start", ours...) }, 303},
		{"the genuine callback", page(genuine), 303},
		{"a forged callback", page("/callback?code={forged}&state={wrong}"), 400},
		{"a conflicting callback", func(s *site) answer {
			other := s.fill("/callback?code={forged}&state={state}")
			s.signIn()
			return s.get(other)
		}, 409},
		{"a path that is not there", page("/favicon.ico"), 404},
		{"a path that wants tidying", page("//callback"), 404},
		{"another host", func(s *site) answer { return s.raw("GET / HTTP/1.1", "Host: evil.example") }, 421},
		{"a prefetch", page(genuine, "Sec-Purpose: prefetch"), 503},
		{"HEAD", func(s *site) answer { return s.raw("HEAD / HTTP/1.1", "Host: {host}") }, 405},
		{"OPTIONS", func(s *site) answer { return s.raw("OPTIONS /callback HTTP/1.1", "Host: {host}") }, 405},
		{"OPTIONS of the whole server", func(s *site) answer { return s.raw("OPTIONS * HTTP/1.1", "Host: {host}") }, 400},
		{"a POST that is taken", func(s *site) answer { return s.post("/api/login", "", ours...) }, 202},
		{"a POST with a body that is not", func(s *site) answer { return s.post("/api/login", "[]", ours...) }, 400},
		{"a POST of another page", func(s *site) answer { return s.post("/api/login", "") }, 403},
		{"a POST that fails", func(s *site) answer { s.service.Close(); return s.post("/api/login", "", ours...) }, 503},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.launch()
			got := test.ask(s)
			if got.status != test.status {
				t.Errorf("status %d, want %d", got.status, test.status)
			}
			if allowed := got.header.Get("Allow"); (allowed != "") != (test.status == 405) {
				t.Errorf("methods that are allowed: %q (RFC 9110, 15.5.6)", allowed)
			}
			hardened(t, got.header, "no-referrer")
		})
	}
	t.Run("the event stream", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.launch()
		s.follow().next()
		s.service.Close() // ends the stream, so that all of it can be read
		hardened(t, s.get("/api/events", ours...).header, "no-referrer")
	})
}

func hardened(t *testing.T, header http.Header, referrer string) {
	t.Helper()
	for name, want := range map[string]string{
		"Cache-Control":          "no-store",
		"X-Content-Type-Options": "nosniff",
		"X-Frame-Options":        "DENY",
		"Referrer-Policy":        referrer,
	} {
		if got := header.Values(name); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q, want %q once", name, got, want)
		}
	}
	policy := strings.Split(header.Get("Content-Security-Policy"), "; ")
	for _, want := range []string{
		"default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'",
		"base-uri 'none'", "form-action 'none'", "frame-src 'self' " + providerOrigin,
	} {
		if !slices.Contains(policy, want) {
			t.Errorf("content security policy %q lacks %q", policy, want)
		}
	}
	if strings.Contains(header.Get("Content-Security-Policy"), "unsafe") {
		t.Error("the content security policy allows something unsafe")
	}
	for name := range header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("%s lets other origins in", name)
		}
	}
}

// T26: DingTalk's docs 0029, keycloak-dingtalk #2: a scan does nothing where
// the framing page is of another origin than the redirect, and DingTalk learns
// who frames it from the referrer. Only this one answer lets it.
func TestT26_OnlyTheFrameTellsDingTalkOurOrigin(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.launch()
	for target, referrer := range map[string]string{
		"/login/start":         "no-referrer",
		"/login/start?frame=1": "strict-origin-when-cross-origin",
		"/login/start?frame=0": "no-referrer",
		"/?frame=1":            "no-referrer",
		"/assets/app.js?frame": "no-referrer",
	} {
		hardened(t, s.get(target, ours...).header, referrer)
	}
	if !strings.HasPrefix(s.redirect, s.origin+"/") {
		t.Errorf("the interface is on %s, the redirect goes to %s", s.origin, s.redirect)
	}
	if got := s.follow().next().Provider; got != providerOrigin { // T27: EasyPubMed #38, MaxKB PR #4526
		t.Errorf("the page is told to believe messages from %q, want %q", got, providerOrigin)
	}
}
