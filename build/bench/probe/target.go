package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

const (
	maxAnswer    = 1 << 20
	answerWithin = 5 * time.Second
)

// target is the client's listener, as its authorization URL tells.
type target struct {
	authorize *url.URL
	redirect  *url.URL
	state     string // "" where the client sends none
}

// isAuthorize reports whether the URL is an authorization request
// (RFC 6749, 4.1.1).
func isAuthorize(u *url.URL) bool {
	return u.Query().Get("response_type") != "" && u.Query().Get("redirect_uri") != ""
}

func targetOf(authorize *url.URL) (*target, error) {
	redirect, err := url.Parse(authorize.Query().Get("redirect_uri"))
	if err != nil {
		return nil, fmt.Errorf("redirect_uri: %w", err)
	}
	if err := onlyLoopback(redirect); err != nil {
		return nil, fmt.Errorf("redirect_uri: %w", err)
	}
	return &target{authorize: authorize, redirect: redirect, state: authorize.Query().Get("state")}, nil
}

// onlyLoopback keeps the probe from sending anything to another machine. No
// resolver is asked: localhost is the one name that is let through.
func onlyLoopback(u *url.URL) error {
	if u.Scheme != "http" {
		return fmt.Errorf("scheme %q: a loopback redirect is http", u.Scheme)
	}
	if u.Hostname() == "localhost" {
		return nil
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err != nil || !ip.IsLoopback() {
		return fmt.Errorf("host %q is not a loopback address; the probe sends to no other", u.Hostname())
	}
	return nil
}

// request is one request, written byte by byte: what browsers and local
// programs send is not always what an HTTP library would.
type request struct {
	method  string // "" = GET
	path    string // "" = the redirect's
	query   url.Values
	host    string // "" = the redirect's
	headers []string
}

// reply is what came back. err is not nil where nothing did.
type reply struct {
	status int
	header http.Header
	body   string
	err    error
}

// String is the status, or that there was none.
func (r reply) String() string {
	if r.err != nil {
		return "no answer"
	}
	return fmt.Sprint(r.status)
}

// dial opens a connection that says nothing yet.
func (t *target) dial(ctx context.Context) (net.Conn, error) {
	host := t.redirect.Host
	if t.redirect.Port() == "" {
		host = net.JoinHostPort(t.redirect.Hostname(), "80")
	}
	dialer := net.Dialer{Timeout: answerWithin}
	return dialer.DialContext(ctx, "tcp", host)
}

// send asks and reads the answer.
func (t *target) send(ctx context.Context, r request) reply {
	conn, err := t.dial(ctx)
	if err != nil {
		return reply{err: err}
	}
	defer func() { _ = conn.Close() }()
	return t.ask(conn, r)
}

// ask is send on a connection that is there.
func (t *target) ask(conn net.Conn, r request) reply {
	r = t.complete(r)
	if err := conn.SetDeadline(time.Now().Add(answerWithin)); err != nil {
		return reply{err: err}
	}
	lines := append([]string{r.method + " " + r.path + " HTTP/1.1", "Host: " + r.host, "Connection: close"}, r.headers...)
	if _, err := io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n\r\n"); err != nil {
		return reply{err: err}
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: r.method})
	if err != nil {
		return reply{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return reply{err: err}
	}
	return reply{status: resp.StatusCode, header: resp.Header, body: string(body)}
}

func (t *target) complete(r request) request {
	if r.method == "" {
		r.method = http.MethodGet
	}
	if r.path == "" {
		r.path = t.redirect.EscapedPath()
	}
	if r.path == "" {
		r.path = "/"
	}
	if r.host == "" {
		r.host = t.redirect.Host
	}
	if len(r.query) > 0 {
		r.path += "?" + r.query.Encode()
	}
	return r
}
