package loopback_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
)

// T32: wails #3162, a page on another origin called what it should not. Here
// it could only do so by a request: another port of 127.0.0.1 is the same site
// and sends our cookie.
func TestT32_OnlyOurOwnPageMayChangeAnything(t *testing.T) {
	t.Parallel()
	post := func(headers ...string) []string {
		return append([]string{"POST /api/login/cancel HTTP/1.1", "Host: {host}", "Content-Length: 0"}, headers...)
	}
	const cookie = "Cookie: {cookie}"
	harmless(t, []hostile{
		{"POST without Origin", post(cookie), 403},
		{"POST with Origin null, as from a sandboxed frame", post(cookie, "Origin: null"), 403},
		{"POST from another site", post(cookie, "Origin: https://evil.example"), 403},
		{"POST from DingTalk's frame", post(cookie, "Origin: "+providerOrigin), 403},
		{"POST from another port", post(cookie, "Origin: http://127.0.0.1:1", "Sec-Fetch-Site: same-site"), 403},
		{"POST from our address without its port", post(cookie, "Origin: http://127.0.0.1"), 403},
		{"POST from our address by https", post(cookie, "Origin: https://{host}"), 403},
		{"POST from our address by another name", post(cookie, "Origin: http://localhost:{port}"), 403},
		{"POST with a longer Origin", post(cookie, "Origin: {origin}.evil.example"), 403},
		{"POST with our Origin and no cookie", post("Origin: {origin}"), 403},
		{"POST that the browser calls cross-site", post(cookie, "Origin: {origin}", "Sec-Fetch-Site: cross-site"), 403},
		{"POST that the browser calls same-site", post(cookie, "Origin: {origin}", "Sec-Fetch-Site: same-site"), 403},
		{"GET in place of POST", get("/api/login/cancel", ours...), 405},
		{"GET that begins anew", get("/api/login", ours...), 405},
		{"GET that signs out", get("/api/logout", ours...), 405},
		{"HEAD of the way to DingTalk", append([]string{"HEAD /login/start HTTP/1.1", "Host: {host}"}, ours...), 405},
		{"POST to the snapshot", append([]string{"POST /api/snapshot HTTP/1.1", "Host: {host}", "Content-Length: 0"}, ours...), 405},
		{"another port asks for the snapshot", get("/api/snapshot", cookie, "Sec-Fetch-Site: same-site"), 403},
		{"another site asks for the snapshot", get("/api/snapshot", cookie, "Sec-Fetch-Site: cross-site"), 403},
		{"another site follows the events", get("/api/events", cookie, "Sec-Fetch-Site: cross-site"), 403},
		{"another site goes to DingTalk for us", get("/login/start", cookie, "Sec-Fetch-Site: cross-site"), 403},
		{"a preflight for a POST", append([]string{"OPTIONS /api/login HTTP/1.1", "Host: {host}"}, "Origin: https://evil.example", "Access-Control-Request-Method: POST"), 405},
	})
}

func TestOurOwnPageMay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		method  string
		target  string
		headers []string
		status  int
		phase   login.Phase
	}{
		{"begin anew", "POST", "/api/login", ours, 202, login.Waiting},
		{"cancel", "POST", "/api/login/cancel", ours, 202, login.Abandoned},
		{"sign out", "POST", "/api/logout", ours, 202, login.Idle},
		{"cancel from a browser without fetch metadata", "POST", "/api/login/cancel", ours[:2], 202, login.Abandoned},
		{"look at the snapshot", "GET", "/api/snapshot", ours, 200, login.Waiting},
		{"look at a file", "GET", "/assets/app.js", ours, 200, login.Waiting},
		{"go to DingTalk", "GET", "/login/start", ours, 302, login.Waiting},
		{"go to DingTalk from the address bar", "GET", "/login/start", []string{"Cookie: {cookie}", "Sec-Fetch-Site: none"}, 302, login.Waiting},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.launch()
			var got answer
			if test.method == http.MethodPost {
				got = s.post(test.target, "", test.headers...)
			} else {
				got = s.get(test.target, test.headers...)
			}
			if got.status != test.status {
				t.Errorf("status %d, want %d", got.status, test.status)
			}
			if phase := s.service.Snapshot().Phase; phase != test.phase {
				t.Errorf("phase %s, want %s", phase, test.phase)
			}
			if test.status == http.StatusFound && got.header.Get("Location") == "" {
				t.Error("no Location")
			}
		})
	}
}

// A1, row «GET / tells any local caller the secret state» (oauth2cli does), for
// every route that there is, and with an identity in the store.
func TestA1_WithoutTheCookieNobodyIsToldAnything(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.launch()
	s.signIn()
	s.post("/api/login", "", ours...)
	state := s.state()
	for _, target := range []string{
		"/", "/?opened", "/index.html", "/assets/app.js", "/assets/", "/api/", "/api/snapshot", "/api/events",
		"/login", "/login/start", "/login/start?frame=1", "/callback", "/open/", "/open/x", "/debug/pprof/", "/metrics",
	} {
		for _, cookie := range []string{"X: y", "Cookie: dingpass_{port}=", "Cookie: dingpass_{port}=AAAA", "Cookie: dingpass_1={wrong}"} {
			got := s.get(target, cookie)
			for _, canary := range []string{state, s.service.Snapshot().AttemptID, "/oauth2/auth", "张三", "the interface", "export {}", genuineCode} {
				if strings.Contains(got.raw, canary) {
					t.Errorf("GET %s with %q tells %q", target, cookie, canary)
				}
			}
		}
	}
}
