package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// rootTells asks for / as any local program can.
func rootTells(ctx context.Context, s *session) verdict {
	return s.tells(ctx, request{path: "/"})
}

// wrongStateEchoes looks for the right state in the answer to a wrong one.
func wrongStateEchoes(ctx context.Context, s *session) verdict {
	return s.tells(ctx, request{query: s.callback(s.other, wrongState)})
}

func (s *session) tells(ctx context.Context, ask request) verdict {
	if s.target.state == "" {
		return verdict{Word: "n/a: it has no state"}
	}
	r := s.target.send(ctx, ask)
	if r.holds(s.target.state) {
		return verdict{Word: "yes", Answer: r.String(), Bad: true}
	}
	return verdict{Word: "no", Answer: r.String()}
}

// holds reports whether the text stands anywhere in the answer, as it is or
// encoded for a URL.
func (r reply) holds(text string) bool {
	texts := []string{r.body}
	for _, values := range r.header {
		texts = append(texts, values...)
	}
	return slices.ContainsFunc(texts, func(t string) bool {
		return strings.Contains(t, text) || strings.Contains(t, url.QueryEscape(text))
	})
}

// silentFirst leaves a connection open that says nothing.
func silentFirst(ctx context.Context, s *session) verdict {
	conn, err := s.target.dial(ctx)
	if err != nil {
		return verdict{Word: "cannot be reached", Bad: true}
	}
	defer func() { _ = conn.Close() }()
	v := s.finish(ctx).judge("")
	if v.Bad && v.Word != "killed" {
		v.Word = "login hangs"
	}
	return v
}

// dropWithin is how long a connection that says nothing may stay.
const dropWithin = 6 * time.Second

func dropsSilent(ctx context.Context, s *session) verdict {
	conn, err := s.target.dial(ctx)
	if err != nil {
		return verdict{Word: "cannot be reached", Bad: true}
	}
	defer func() { _ = conn.Close() }()
	began := time.Now()
	if err := conn.SetReadDeadline(began.Add(dropWithin)); err != nil {
		return verdict{Word: "unknown: " + err.Error(), Bad: true}
	}
	_, err = io.Copy(io.Discard, conn)
	var waited net.Error
	if errors.As(err, &waited) && waited.Timeout() {
		return verdict{Word: "no", Bad: true}
	}
	return verdict{Word: fmt.Sprintf("yes (%.1f s)", time.Since(began).Seconds())}
}

// listening names the addresses that the port is open on.
func listening(_ context.Context, s *session) verdict {
	addresses, known := listeners(s.target.redirect.Port())
	if !known {
		return verdict{Word: "unknown"}
	}
	var names []string
	bad := len(addresses) == 0
	for _, ip := range addresses {
		names = append(names, ip.String())
		bad = bad || !ip.IsLoopback()
	}
	return verdict{Word: strings.Join(names, ", "), Bad: bad}
}

// twentyAtOnce sends the genuine redirect twenty times. One exchange and one
// sign-in must come of it; what the others are told is up to the client.
func twentyAtOnce(ctx context.Context, s *session) verdict {
	const callers = 20
	replies := make([]reply, callers)
	start := make(chan struct{})
	var sending sync.WaitGroup
	for i := range replies {
		sending.Go(func() {
			<-start
			replies[i] = s.target.send(ctx, request{query: s.callback(s.genuine, s.target.state)})
		})
	}
	close(start)
	sending.Wait()
	e := s.end(ctx)
	v := verdict{Word: tally(replies), Bad: !e.signedIn() || e.genuine != 1}
	switch {
	case e.genuine > 1:
		v.Word += fmt.Sprintf("; exchanged %d times", e.genuine)
	case v.Bad:
		v.Word += "; not signed in"
	}
	return v
}

// tally is «1×200, 19×409».
func tally(replies []reply) string {
	counts := make(map[string]int)
	var order []string
	for _, r := range replies {
		if counts[r.String()]++; counts[r.String()] == 1 {
			order = append(order, r.String())
		}
	}
	slices.Sort(order)
	for i, status := range order {
		order[i] = fmt.Sprintf("%d×%s", counts[status], status)
	}
	return strings.Join(order, ", ")
}

// hardening are the headers that keep the final page, which was asked for with
// a code in its address, from being kept, framed or told on.
var hardening = []struct {
	name string
	has  func(http.Header) bool
}{
	{"no-store", func(h http.Header) bool { return strings.Contains(h.Get("Cache-Control"), "no-store") }},
	{"CSP", func(h http.Header) bool { return h.Get("Content-Security-Policy") != "" }},
	{"nosniff", func(h http.Header) bool { return strings.EqualFold(h.Get("X-Content-Type-Options"), "nosniff") }},
	{"framing", func(h http.Header) bool {
		return h.Get("X-Frame-Options") != "" || strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors")
	}},
	{"referrer", func(h http.Header) bool { return h.Get("Referrer-Policy") != "" }},
}

// finalHeaders is the genuine redirect in a browser, to the last page.
func finalHeaders(ctx context.Context, s *session) verdict {
	at := *s.target.redirect
	at.RawQuery = s.callback(s.genuine, s.target.state).Encode()
	last := s.browser.last(ctx, &at)
	if last.err != nil {
		return verdict{Word: "no page", Bad: true}
	}
	var there, missing []string
	for _, h := range hardening {
		if h.has(last.header) {
			there = append(there, h.name)
		} else {
			missing = append(missing, h.name)
		}
	}
	v := verdict{Word: strings.Join(there, ", "), Answer: last.String(), Bad: len(missing) > 0}
	switch {
	case len(there) == 0:
		v.Word = "none"
	case v.Bad:
		v.Word += "; without " + strings.Join(missing, ", ")
	}
	return v
}
