package loopback_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// A1, row «one silent TCP connection opened first» (the AWS CLI hangs).
// T12: wabbajack PR #3030.
func TestA1_T12_IdleSocketsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		begin string // what each socket says before it falls silent
		count int
	}{
		{"one silent connection", "", 1},
		{"fifty silent connections", "", 50},
		{"fifty that stop within the request line", "GET /callb", 50},
		{"fifty that stop within the headers", "GET /callback?state=x HTTP/1.1\r\nHost: 127.0.0.1", 50},
		{"fifty that stop within the body", "POST /callback HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100\r\n\r\n{", 50},
		{"fifty that shake hands for TLS", "\x16\x03\x01\x02\x00", 50},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			for range test.count {
				if _, err := io.WriteString(s.dial(), s.fill(test.begin)); err != nil {
					t.Fatal(err)
				}
			}
			s.signIn()
		})
	}
}

// A1, row «server drops a silent connection within 6 s». The limit itself is
// net/http's work; here it only has to be there.
func TestA1_T12_AStalledConnectionIsDropped(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, begin string }{
		{"nothing is sent", ""},
		{"the request line stops", "GET /callback"},
		{"the headers stop", "GET /callback HTTP/1.1\r\nHost: {host}\r\n"},
		{"a refused body never comes", "POST /callback HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100\r\n\r\n"},
		{"a body of a GET never comes", "GET / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100\r\n\r\n"},
		{"a chunked body never comes", "POST /other HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n"},
		{"a body for another host never comes", "POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 100\r\n\r\n"},
		{"our own page's body never comes", "POST /api/login HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nOrigin: {origin}\r\nContent-Length: 100\r\n\r\n{"},
		{"a body that nobody reads never comes", "POST /api/login/cancel HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nOrigin: {origin}\r\nContent-Length: 100\r\n\r\n"},
	}
	s := newSite(t)
	s.launch()
	conns := make([]net.Conn, len(tests)) // all at once, so that their limits pass together
	for i, test := range tests {
		conns[i] = s.dial()
		if _, err := io.WriteString(conns[i], s.fill(test.begin)); err != nil {
			t.Fatal(err)
		}
	}
	for i, test := range tests {
		t.Log(test.name)
		s.receive(conns[i], "GET") // fails where the connection stays
	}
}

func TestTheBodyOfAPOSTIsBounded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		status     int
	}{
		{"no body", "", 202},
		{"an empty object", "{}", 202},
		{"a way that exists", `{"embed":"page","tried":true}`, 202},
		{"a setting that is no way", `{"embed":"auto"}`, 400},
		{"a way that does not exist", `{"embed":"window"}`, 400},
		{"no JSON", "embed=page", 400},
		{"another type", `{"embed":1}`, 400},
		{"JSON that ends too early", `{"embed":"pa`, 400},
		{"something after the object", `{}{"embed":"page"}`, 400},
		{"more than is read", `{"embed":"` + strings.Repeat("x", 5<<10) + `"}`, 400},
		{"more than is read, after the object", `{}` + strings.Repeat(" ", 5<<10), 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.launch()
			before := s.service.Snapshot()
			got := s.post("/api/login", test.body, ours...)
			if got.status != test.status {
				t.Errorf("status %d, want %d", got.status, test.status)
			}
			if begun := s.service.Snapshot().AttemptID != before.AttemptID; begun != (test.status == http.StatusAccepted) {
				t.Errorf("a new attempt began: %t", begun)
			}
			s.signIn()
		})
	}
}

// T6: django-bolt #307, cli/cli PR #650: a browser made the address https.
func TestT06_HTTPSOnThePortGivesAHint(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.launch()
	page := s.follow()
	if first := page.next(); first.Hint != "" {
		t.Errorf("hint %q before anything happened", first.Hint)
	}
	if _, err := io.WriteString(s.dial(), "\x16\x03\x01\x00\xf1\x01\x00\x00\xed\x03\x03"); err != nil {
		t.Fatal(err)
	}
	if hinted := page.next(); hinted.Hint != "https_used" || hinted.Phase != "waiting" {
		t.Errorf("hint %q in phase %q, want https_used while waiting", hinted.Hint, hinted.Phase)
	}
	<-s.server.SawTLS()

	// A page that comes later is told the present first, with the hint.
	for range 20 {
		late := s.follow()
		if first := late.next(); first.Hint != "https_used" || first.Phase != "waiting" || first.Seq == 0 {
			t.Fatalf("a later page is told %+v first", first)
		}
		late.close()
	}
	s.signIn()
}

// The hint is about one browser's try. It once stayed for as long as the
// program ran, under the code of whoever came next.
func TestT06_TheHintGoesWithItsAttempt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.launch()
	page := s.follow()
	page.next()
	tryTLS := func() shown {
		t.Helper()
		if _, err := io.WriteString(s.dial(), "\x16\x03\x01\x00\xf1\x01"); err != nil {
			t.Fatal(err)
		}
		return page.next()
	}
	first := tryTLS()
	s.post("/api/login", "", ours...)
	second := page.next()
	if first.Hint != "https_used" || second.Hint != "" || first.Attempt == second.Attempt {
		t.Errorf("hints %q and then %q, of attempts %q and %q", first.Hint, second.Hint, first.Attempt, second.Attempt)
	}
	late := s.follow()
	if got := late.next(); got.Hint != "" {
		t.Errorf("a page that comes later is told %q", got.Hint)
	}
	late.close()

	// An open page hears of the second try too; without an attempt there is none.
	if again := tryTLS(); again.Hint != "https_used" || again.Attempt != second.Attempt {
		t.Errorf("the second try: %+v", again)
	}
	s.post("/api/logout", "", ours...)
	cancelled, idle := page.next(), page.next()
	if cancelled.Hint != "https_used" || idle.Hint != "" {
		t.Errorf("hint %q when cancelled, and %q when nothing runs", cancelled.Hint, idle.Hint)
	}
}
