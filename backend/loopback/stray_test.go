package loopback_test

import (
	"io"
	"strings"
	"testing"
)

// A1, rows «OPTIONS carrying the code» and «HEAD carrying the code».
// T5: lionello/onedrive-cli PR #63, Chrome's private-network preflight.
func TestA1_T05_OnlyGETIsACallback(t *testing.T) {
	t.Parallel()
	request := func(line string, headers ...string) []string {
		return append([]string{line + " HTTP/1.1", "Host: {host}"}, headers...)
	}
	harmless(t, []hostile{
		{"OPTIONS carrying the code", request("OPTIONS " + genuine), 405},
		{"OPTIONS as Chrome's private-network preflight", request("OPTIONS "+genuine, "Origin: https://login.provider.test",
			"Access-Control-Request-Method: GET", "Access-Control-Request-Private-Network: true"), 405},
		{"OPTIONS of the whole server", request("OPTIONS *"), 400},
		{"HEAD carrying the code", request("HEAD " + genuine), 405},
		{"POST carrying the code", request("POST "+genuine, "Content-Length: 0"), 405},
		{"PUT carrying the code", request("PUT "+genuine, "Content-Length: 0"), 405},
		{"DELETE carrying the code", request("DELETE " + genuine), 405},
		{"TRACE carrying the code", request("TRACE " + genuine), 405},
		{"CONNECT carrying the code", request("CONNECT " + genuine), 405},
		{"get in small letters", request("get " + genuine), 405},
		{"GET overridden to be something else's POST", request("POST "+genuine, "X-HTTP-Method-Override: GET", "Content-Length: 0"), 405},
	})
}

// A1, row «Sec-Purpose: prefetch GET». T4: streamlit PR #15589.
func TestA1_T04_APrefetchSpendsNothing(t *testing.T) {
	t.Parallel()
	harmless(t, []hostile{
		{"Sec-Purpose prefetch", get(genuine, "Sec-Purpose: prefetch"), 503},
		{"Sec-Purpose prefetch through a proxy", get(genuine, "Sec-Purpose: prefetch;anonymous-client-ip"), 503},
		{"Sec-Purpose prerender", get(genuine, "Sec-Purpose: prefetch;prerender"), 503},
		{"Purpose prefetch", get(genuine, "Purpose: prefetch"), 503},
		{"Purpose in capitals", get(genuine, "PURPOSE: PREFETCH"), 503},
		{"X-Purpose preview", get(genuine, "X-Purpose: preview"), 503},
		{"X-moz prefetch", get(genuine, "X-moz: prefetch"), 503},
		{"a prefetch with our cookie", get(genuine, append(ours, "Sec-Purpose: prefetch")...), 503},
		{"a prefetch said in a second header line", get(genuine, "Sec-Purpose: other", "Sec-Purpose: prefetch"), 503},
	})
}

// T4 for the other thing that works once.
func TestT04_APrefetchedLaunchLinkStillWorks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	link := strings.TrimPrefix(s.server.Link(), s.origin)
	if got := s.get(link, "Sec-Purpose: prefetch"); len(got.cookies()) > 0 {
		t.Error("a prefetch got the launch cookie")
	}
	if got := s.raw("HEAD "+link+" HTTP/1.1", "Host: {host}"); got.status != 405 || len(got.cookies()) > 0 {
		t.Errorf("HEAD: status %d and %d cookies, want 405 and none", got.status, len(got.cookies()))
	}
	if got := s.get(link); len(got.cookies()) != 1 {
		t.Errorf("the person's own visit got %d cookies, want one", len(got.cookies()))
	}
}

// A1, row «any other path carrying the code».
func TestA1_T03_OnlyTheExactPathIsTheCallback(t *testing.T) {
	t.Parallel()
	const query = "?authCode={code}&code={code}&state={state}"
	harmless(t, []hostile{
		{"another path", get("/other" + query), 404},
		{"a path below", get("/callback/x" + query), 404},
		{"a longer name", get("/callbacks" + query), 404},
		{"a slash at the end", get("/callback/" + query), 404},
		{"two slashes at the beginning", get("//callback" + query), 404},
		{"a dot segment", get("/./callback" + query), 404},
		{"a segment up", get("/x/../callback" + query), 404},
		{"a dot segment in percent encoding", get("/%2e/callback" + query), 404},
		{"a letter in percent encoding", get("/%63allback" + query), 404},
		{"an encoded slash", get("/callback%2F" + query), 404},
		{"an encoded end of string", get("/callback%00" + query), 404},
		{"an encoded question mark", get("/callback%3F" + query), 404},
		{"a path parameter", get("/callback;a=b" + query), 404},
		{"capitals", get("/Callback" + query), 404},
		{"the interface", get("/" + query), 403},
		{"the folder of the files", get("/assets/" + query), 404},
		{"the folder without its slash", get("/assets" + query), 404},
		{"a file", get("/assets/app.js" + query), 403},
	})
}

// A1, rows «GET /favicon.ico first» and «GET / tells any local caller the
// secret state». T3: MSAL Go #365.
func TestA1_T03_AStrayRequestEndsNothing(t *testing.T) {
	t.Parallel()
	harmless(t, []hostile{
		{"favicon", get("/favicon.ico"), 404},
		{"GET / tells nothing", get("/"), 200},
		{"GET / after the bounce tells nothing", get("/?opened"), 403},
		{"robots", get("/robots.txt"), 404},
		{"Chrome's developer tools", get("/.well-known/appspecific/com.chrome.devtools.json"), 404},
		{"a scanner", get("/wp-login.php?redirect_to=/callback"), 404},
		{"a WebSocket", get("/callback", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"), 400},
		{"HTTP/1.0 without a host", []string{"GET /callback HTTP/1.0"}, 421},
		{"HTTP/2 by prior knowledge", []string{"PRI * HTTP/2.0"}, 400},
		{"no HTTP at all", []string{"SSH-2.0-OpenSSH_9.7"}, 400},
		{"headers too large", get("/callback", "X-Padding: "+strings.Repeat("x", 64<<10)), 431},
		{"the snapshot without the cookie", get("/api/snapshot"), 403},
		{"the events without the cookie", get("/api/events"), 403},
		{"the way to DingTalk without the cookie", get("/login/start"), 403},
		{"a forged cookie", get("/login/start", "Cookie: dingpass_{port}=AAAA"), 403},
		{"an unknown launch link", get("/open/AAAA"), 303},
		{"signing out without the cookie", []string{"POST /api/logout HTTP/1.1", "Host: {host}", "Origin: {origin}", "Content-Length: 0"}, 403},
		{"cancelling without the cookie", []string{"POST /api/login/cancel HTTP/1.1", "Host: {host}", "Origin: {origin}", "Content-Length: 0"}, 403},
		{"beginning anew without the cookie", []string{"POST /api/login HTTP/1.1", "Host: {host}", "Origin: {origin}", "Content-Length: 0"}, 403},
	})
}

// T3: everything that a browser, its extensions and a scanner send, before the
// genuine redirect of one and the same attempt.
func TestT03_TwentyOddRequestsAndThenTheGenuineOne(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 4 {
		_ = s.dial().Close() // a preconnect that is never used
		conn := s.dial()
		if _, err := io.WriteString(conn, "\x00\x01\x02\x03\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		s.receive(conn, "GET")
		s.get("/favicon.ico")
		s.get("/callback")
		s.get("/callback?error=access_denied")
	}
	s.signIn()
}
