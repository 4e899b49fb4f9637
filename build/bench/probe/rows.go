package main

import (
	"context"
	"net/http"
	"net/url"
)

// verdict is how a row went.
type verdict struct {
	Word   string // as in the comparison
	Answer string // what the hostile request was answered with; "" where there is none
	Bad    bool
}

// row is one probe.
type row struct {
	name string
	try  func(ctx context.Context, s *session) verdict
}

// wrongState is as long as 256 bits are.
const wrongState = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// rows are the table's, in its order.
func rows() []row {
	return []row{
		{"forged code, no state", hostile("attacker's code exchanged", func(s *session) request {
			return request{query: s.callback(s.other, "")}
		})},
		{"forged code, wrong state", hostile("attacker's code exchanged", func(s *session) request {
			return request{query: s.callback(s.other, wrongState)}
		})},
		{"forged error=, no state", hostile("", func(*session) request {
			return request{query: url.Values{"error": {"access_denied"}}}
		})},
		{"forged error=, wrong state", hostile("", func(*session) request {
			return request{query: url.Values{"error": {"access_denied"}, "state": {wrongState}}}
		})},
		{"right code and state, Host: evil.example", hostile("accepted", func(s *session) request {
			return request{query: s.right(), host: "evil.example"}
		})},
		{"OPTIONS carrying the code", hostile("consumed", func(s *session) request {
			return request{method: http.MethodOptions, query: s.right(), headers: []string{
				"Origin: https://evil.example", "Access-Control-Request-Method: GET", "Access-Control-Request-Private-Network: true",
			}}
		})},
		{"HEAD carrying the code", hostile("consumed", func(s *session) request {
			return request{method: http.MethodHead, query: s.right()}
		})},
		{"GET with Sec-Purpose: prefetch", hostile("consumed", func(s *session) request {
			return request{query: s.right(), headers: []string{"Sec-Purpose: prefetch"}}
		})},
		{"GET /favicon.ico first", hostile("", func(*session) request {
			return request{path: "/favicon.ico"}
		})},
		{"another path carrying the code", hostile("accepted", func(s *session) request {
			return request{path: "/probe-elsewhere", query: s.right()}
		})},
		{"GET / tells the state", rootTells},
		{"wrong-state answer echoes the state", wrongStateEchoes},
		{"one silent connection first", silentFirst},
		{"drops a silent connection within 6 s", dropsSilent},
		{"listening address", listening},
		{"20 identical callbacks at once", twentyAtOnce},
		{"hardening headers on the final page", finalHeaders},
	}
}

// right is a redirect with the right state and somebody else's valid code: if
// that code is exchanged, the request was taken for the genuine one.
func (s *session) right() url.Values { return s.callback(s.other, s.target.state) }

// hostile sends one request and then the genuine redirect. taken is the word
// for a client that exchanged the request's code.
func hostile(taken string, build func(*session) request) func(context.Context, *session) verdict {
	return func(ctx context.Context, s *session) verdict {
		r := s.target.send(ctx, build(s))
		v := s.finish(ctx).judge(taken)
		v.Answer = r.String()
		return v
	}
}

// judge finds the word for a sign-in that something hostile came before.
func (e ending) judge(taken string) verdict {
	switch {
	case e.other > 0:
		return verdict{Word: taken, Bad: true}
	case e.signedIn():
		return verdict{Word: "harmless"}
	case e.exited:
		return verdict{Word: "killed", Bad: true}
	case e.genuine == 0:
		return verdict{Word: "genuine redirect not taken", Bad: true}
	}
	return verdict{Word: "login hangs", Bad: true}
}
