package loopback_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/loopback"
)

// generous ends a test that would hang; no test passes or fails by how fast
// something is.
const generous = 2 * time.Minute

// site is a whole sign-in on real sockets: a service over fakes, and a server
// on its own port of the loopback interface.
type site struct {
	t        *testing.T
	ctx      context.Context
	provider *fakeProvider
	store    *fakeStore
	service  *login.Service
	server   *loopback.Server
	address  *loopback.Address

	redirect string // the redirect URI
	origin   string
	host     string
	cookie   string // name=value of the launch cookie, "" before launch

	end  func()        // ends the server and waits for it
	logs *lockedBuffer // all that was logged
	told *lockedBuffer // all that was answered, byte for byte
}

// plan is what a test may change before the site is made.
type plan struct {
	provider  fakeProvider
	store     fakeStore
	redirects []loopback.Redirect
	options   loopback.Options
}

// newSite makes a site with an attempt that is waiting.
func newSite(t *testing.T, edits ...func(*plan)) *site {
	t.Helper()
	s := newIdleSite(t, edits...)
	if err := s.service.Begin(s.ctx, login.BeginOptions{}); err != nil {
		t.Fatal("begin:", err)
	}
	return s
}

func newIdleSite(t *testing.T, edits ...func(*plan)) *site {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), generous)
	t.Cleanup(cancel)
	s := &site{t: t, ctx: ctx, logs: new(lockedBuffer), told: new(lockedBuffer)}
	log := slog.New(slog.NewJSONHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	p := plan{options: loopback.Options{
		Assets: fstest.MapFS{
			"index.html":    {Data: []byte("<!doctype html><title>the interface</title>")},
			"assets/app.js": {Data: []byte("export {}")},
		},
		ProviderOrigin: providerOrigin,
		Policy:         identity.Policy{Offline: true, For: 72 * time.Hour, Uses: 20},
		Language:       "zh-CN",
		CanRetry:       true,
		Log:            log,
	}}
	for _, edit := range edits {
		edit(&p)
	}
	s.provider, s.store = &p.provider, &p.store

	var err error
	if s.address, err = loopback.Listen(ctx, p.redirects); err != nil {
		t.Fatal("listen:", err)
	}
	s.redirect, s.origin = s.address.RedirectURI(), s.address.Origin()
	s.host = strings.TrimPrefix(s.origin, "http://")
	s.service, err = login.New(ctx, login.Options{Provider: s.provider, Store: s.store, RedirectURI: s.redirect, Log: log})
	if err != nil {
		t.Fatal("make the service:", err)
	}
	t.Cleanup(s.service.Close)
	p.options.Service = s.service
	if s.server, err = loopback.New(s.address, p.options); err != nil {
		t.Fatal("make the server:", err)
	}
	s.serve()
	return s
}

func (s *site) serve() {
	ctx, cancel := context.WithCancel(s.ctx)
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := s.server.Serve(ctx); err != nil {
			s.t.Error("serve:", err)
		}
	}()
	s.end = func() { cancel(); <-served }
	s.t.Cleanup(s.end)
}

// launch opens a launch link, as the window does first, and keeps the cookie.
func (s *site) launch() {
	s.t.Helper()
	got := s.get(strings.TrimPrefix(s.server.Link(), s.origin))
	cookies := got.cookies()
	if got.status != http.StatusSeeOther || len(cookies) != 1 {
		s.t.Fatalf("launch link: status %d and %d cookies, want 303 and one", got.status, len(cookies))
	}
	s.cookie = cookies[0].Name + "=" + cookies[0].Value
}

// state is the running attempt's, read where only DingTalk should see it.
func (s *site) state() string {
	s.t.Helper()
	link, ok := s.service.AuthorizeURL(s.service.Snapshot().Embed == login.Frame)
	u, err := url.Parse(link)
	if !ok || err != nil {
		s.t.Fatalf("no authorization request in phase %s (error %v)", s.service.Snapshot().Phase, err)
	}
	return u.Query().Get("state")
}

// wrongState is as long as a right one.
const wrongState = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// fill puts the site's own values into a request.
func (s *site) fill(text string) string {
	s.t.Helper()
	pairs := []string{
		"{host}", s.host, "{origin}", s.origin, "{cookie}", s.cookie, "{wrong}", wrongState,
		"{code}", genuineCode, "{forged}", forgedCode, "{port}", s.host[strings.LastIndex(s.host, ":")+1:],
	}
	if strings.Contains(text, "{state}") {
		pairs = append(pairs, "{state}", s.state())
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// answer is what came back. status is 0 where the connection was cut.
type answer struct {
	status int
	header http.Header
	body   string
	raw    string
}

func (a answer) cookies() []*http.Cookie { return (&http.Response{Header: a.header}).Cookies() }

// get asks as a program does that sets exactly these headers. Values in braces
// are filled in.
func (s *site) get(target string, headers ...string) answer {
	s.t.Helper()
	return s.raw(append([]string{"GET " + target + " HTTP/1.1", "Host: {host}"}, headers...)...)
}

// post is the interface's own POST.
func (s *site) post(target, body string, headers ...string) answer {
	s.t.Helper()
	lines := append([]string{"POST " + target + " HTTP/1.1", "Host: {host}", "Content-Type: application/json"}, headers...)
	return s.send(s.fill(strings.Join(lines, "\r\n"))+"\r\nConnection: close\r\nContent-Length: "+itoa(len(body))+"\r\n\r\n"+body, "POST")
}

// ours are the headers of the interface's own requests.
var ours = []string{"Cookie: {cookie}", "Origin: {origin}", "Sec-Fetch-Site: same-origin"}

// raw sends a request line and header lines, and nothing else.
func (s *site) raw(lines ...string) answer {
	s.t.Helper()
	method, _, _ := strings.Cut(lines[0], " ")
	return s.send(s.fill(strings.Join(lines, "\r\n"))+"\r\nConnection: close\r\n\r\n", method)
}

// send writes the bytes to a new connection and reads all that comes.
func (s *site) send(request, method string) answer {
	s.t.Helper()
	conn := s.dial()
	if _, err := io.WriteString(conn, request); err != nil {
		s.t.Fatal("send:", err)
	}
	return s.receive(conn, method)
}

// dial opens a connection that says nothing yet, and ends with the test.
func (s *site) dial() net.Conn {
	s.t.Helper()
	conn, err := new(net.Dialer).DialContext(s.ctx, "tcp", s.address.Bound()[0].String())
	if err != nil {
		s.t.Fatal("connect:", err)
	}
	s.t.Cleanup(func() { _ = conn.Close() }) // most are closed by the server
	if err := conn.SetDeadline(time.Now().Add(generous)); err != nil {
		s.t.Fatal("set deadline:", err)
	}
	return conn
}

func (s *site) receive(conn net.Conn, method string) answer {
	s.t.Helper()
	raw, err := io.ReadAll(conn)
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() || s.ctx.Err() != nil { // whose end closes it, too
		s.t.Fatalf("the connection is still open after %v", generous)
	}
	_, _ = s.told.Write(raw)
	got := answer{raw: string(raw)}
	resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(got.raw)), &http.Request{Method: method})
	if err != nil {
		return got
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		s.t.Fatal("read body:", err)
	}
	got.status, got.header, got.body = resp.StatusCode, resp.Header, string(body)
	return got
}

// settled waits until nothing runs any more.
func (s *site) settled() login.Snapshot {
	s.t.Helper()
	for snap := range s.service.Watch(s.ctx) {
		if !snap.Phase.Running() {
			return snap
		}
	}
	s.t.Fatal("the attempt never ended")
	return login.Snapshot{}
}

// genuine is the target of DingTalk's own redirect.
const genuine = "/callback?authCode={code}&code={code}&state={state}"

// signIn sends the genuine redirect and wants it to sign the right person in,
// by the genuine code and no other.
func (s *site) signIn() {
	s.t.Helper()
	s.signInAt(genuine)
}

func (s *site) signInAt(target string) {
	s.t.Helper()
	got := s.get(target)
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/" {
		s.t.Fatalf("genuine callback: %d to %q, want 303 to /", got.status, got.header.Get("Location"))
	}
	if snap := s.settled(); snap.Phase != login.SignedIn {
		s.t.Fatalf("ended %s (%v), want signed_in", snap.Phase, snap.Err)
	}
	s.onlyGenuine()
}

func (s *site) onlyGenuine() {
	s.t.Helper()
	if got := s.provider.codes(); !slices.Equal(got, []string{genuineCode}) {
		s.t.Fatalf("codes exchanged: %q, want the genuine one once", got)
	}
	if got := s.store.kept(); !slices.Equal(got, []string{"owner of " + genuineCode}) {
		s.t.Fatalf("people stored: %q, want the genuine one", got)
	}
}
