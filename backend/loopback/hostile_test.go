package loopback_test

import (
	"strconv"
	"strings"
	"testing"
)

// hostile is a request that must change nothing.
type hostile struct {
	name    string
	request []string // request line and headers; values in braces are the site's
	status  int
}

// harmless runs each case on a site of its own: the request must be answered
// with the status, change nothing and tell nothing; afterwards the genuine
// redirect must sign in.
func harmless(t *testing.T, cases []hostile) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.launch()
			state := s.state()
			before := s.service.Snapshot()

			got := s.raw(c.request...)
			if got.status != c.status {
				t.Errorf("status %d, want %d", got.status, c.status)
			}
			if now := s.service.Snapshot(); now != before {
				t.Errorf("phase %s, seq %d, want as before: %s, %d", now.Phase, now.Seq, before.Phase, before.Seq)
			}
			if len(got.cookies()) > 0 {
				t.Error("a cookie is set")
			}
			s.signIn()
			for _, canary := range []string{state, genuineCode, forgedCode, "provider.test"} {
				if strings.Contains(strings.ReplaceAll(got.raw, "frame-src 'self' "+providerOrigin, ""), canary) {
					t.Errorf("the answer says %q", canary)
				}
				if strings.Contains(s.logs.String(), canary) {
					t.Errorf("the log says %q", canary)
				}
			}
		})
	}
}

// get makes the lines of a request with our Host.
func get(target string, headers ...string) []string {
	return append([]string{"GET " + target + " HTTP/1.1", "Host: {host}"}, headers...)
}

func itoa(n int) string { return strconv.Itoa(n) }
