package dingtalk_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"sync"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

const pingRefusal = `{"code":"AuthenticationFailed.MissingParameter","requestid":"5B1C-9A3E","message":"no token"}`

// raw serves one connection after the other by hand.
func raw(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { serve(conn) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); serving.Wait() })
	return listener.Addr().String()
}

// overdue is a context whose deadline passes when somebody says so. One of the
// clock's may pass before what a test waits for has begun.
type overdue struct {
	context.Context
	passed chan struct{}
}

func newOverdue(ctx context.Context) (o overdue, pass func()) {
	passed := make(chan struct{})
	return overdue{ctx, passed}, sync.OnceFunc(func() { close(passed) })
}

func (o overdue) Done() <-chan struct{} { return o.passed }

func (o overdue) Err() error {
	select {
	case <-o.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func TestPingTellsWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	unknownCertificate := httptest.NewTLSServer(says(400, pingRefusal))
	t.Cleanup(unknownCertificate.Close)
	plain := raw(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 302 Found\r\nLocation: http://portal/\r\n\r\n")
		_ = conn.Close()
	})
	page := func(status int) http.HandlerFunc { return says(status, "<!doctype html><title>Sign in to the network") }

	for name, tc := range map[string]struct {
		answer http.HandlerFunc // on a socket of its own; nil where there is an address
		silent bool             // there as well: the deadline passes once it has been asked
		url    string
		dial   func(ctx context.Context, pass func()) (net.Conn, error)
		want   login.Trouble
	}{
		"DingTalk refuses, as it does":        {answer: says(400, pingRefusal), want: login.NoTrouble},
		"DingTalk is not well, and says so":   {answer: says(503, `{"code":"ServiceUnavailable","requestid":"R","message":""}`), want: login.NoTrouble},
		"DingTalk's flood guard":              {answer: says(200, `{"status":1111,"wait":5,"punish":"deny"}`), want: login.NoTrouble},
		"a portal redirects":                  {answer: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/portal", http.StatusFound) }, want: login.TroubleCaptive},
		"a portal's page":                     {answer: page(200), want: login.TroubleCaptive},
		"a portal that knows RFC 6585":        {answer: page(511), want: login.TroubleCaptive},
		"a gateway's page":                    {answer: page(502), want: login.TroubleBroken},
		"other JSON":                          {answer: says(200, `{"hello":"world"}`), want: login.TroubleLying},
		"a success where there can be none":   {answer: says(200, `{"errcode":0,"request_id":"r"}`), want: login.TroubleLying},
		"an error in nobody's form":           {answer: says(404, `{"error":"not found"}`), want: login.TroubleLying},
		"an error without a request id":       {answer: says(400, `{"code":"nope"}`), want: login.TroubleLying},
		"nobody listens":                      {url: "http://127.0.0.1:1", want: login.TroubleRefused},
		"a certificate that nobody has heard": {url: unknownCertificate.URL, want: login.TroubleTLS},
		"no TLS at all":                       {url: "https://" + plain, want: login.TroubleTLS},
		"cut off":                             {answer: drops, want: login.TroubleBroken},
		"connected, and then nothing":         {silent: true, want: login.TroubleSlow},
		"a black hole": {url: "http://127.0.0.1:9", want: login.TroubleTimeout, dial: func(ctx context.Context, pass func()) (net.Conn, error) {
			pass()
			<-ctx.Done()
			return nil, ctx.Err()
		}},
		"a name that is not known": {url: "https://dingtalk.test", want: login.TroubleDNS, dial: func(context.Context, func()) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "dingtalk.test", IsNotFound: true}}
		}},
		"a name server that says nothing": {url: "https://dingtalk.test", want: login.TroubleDNS, dial: func(ctx context.Context, pass func()) (net.Conn, error) {
			httptrace.ContextClientTrace(ctx).DNSStart(httptrace.DNSStartInfo{Host: "dingtalk.test"})
			pass()
			<-ctx.Done()
			return nil, ctx.Err()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, pass := newOverdue(t.Context())
			transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
			t.Cleanup(transport.CloseIdleConnections)
			if tc.dial != nil {
				transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return tc.dial(ctx, pass) }
			}
			if tc.silent {
				tc.answer = func(_ http.ResponseWriter, r *http.Request) { pass(); <-r.Context().Done() }
			}
			c := &dingtalk.Client{APIURL: tc.url, ClientSecret: secret.New(appSecret), HTTP: &http.Client{Transport: transport}}
			if tc.answer != nil {
				c.APIURL = newFake(t, map[string]http.HandlerFunc{mePath: tc.answer}).URL
			}
			if got := c.Ping(ctx); got.Trouble != tc.want || got.Date.IsZero() == (got.Trouble == login.NoTrouble) {
				t.Errorf("heard %+v, want %q", got, tc.want)
			}
		})
	}
}

// The question may come from anybody, so nothing of ours is in it.
func TestPingCarriesNoSecretAndNoToken(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{mePath: says(400, pingRefusal)})
	c := f.client()
	if _, err := c.AppToken(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Ping(t.Context())
	asked := f.requests(mePath)
	if len(asked) != 1 || asked[0].body != "" || len(asked[0].query) != 0 || asked[0].header.Get("x-acs-dingtalk-access-token") != "" {
		t.Errorf("asked %+v", asked)
	}
}

// A kept connection may be of a network that is gone, and nobody says so.
func TestPingUsesAConnectionOfItsOwn(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var from []string
	f := newFake(t, map[string]http.HandlerFunc{mePath: func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		from = append(from, r.RemoteAddr)
		if !r.Close {
			t.Error("the connection is kept, and nobody will use it again")
		}
		says(400, pingRefusal)(w, r)
	}})
	c := f.client()
	for range 3 {
		c.Ping(t.Context())
	}
	slices.Sort(from)
	if len(slices.Compact(from)) != 3 {
		t.Errorf("asked from %q", from)
	}
}

// hearing collects what a client is heard of.
type hearing struct {
	mu  sync.Mutex
	all []login.Heard
}

func (h *hearing) hear(_ context.Context, heard login.Heard) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, heard)
}

func TestEveryCallIsHeardOf(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		want   login.Trouble
		dated  bool
	}{
		"it went well":             {says(200, goodToken), login.NoTrouble, true},
		"DingTalk refused":         {newError(400, "invalidClientIdOrSecret"), login.NoTrouble, true},
		"a page in its place":      {says(200, "<html>"), login.TroubleCaptive, false},
		"other JSON, with a error": {says(500, `{}`), login.TroubleLying, false},
		"nothing":                  {drops, login.TroubleBroken, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var h hearing
			c := newFake(t, map[string]http.HandlerFunc{tokenPath: tc.answer}).client()
			c.Heard = h.hear
			_, _ = c.AppToken(t.Context())
			if len(h.all) == 0 || h.all[0].Trouble != tc.want || h.all[0].Date.IsZero() == tc.dated || h.all[0].Took <= 0 {
				t.Errorf("heard %+v, want %q", h.all, tc.want)
			}
		})
	}
}

func TestACallThatItsCallerEndedSaysNothing(t *testing.T) {
	t.Parallel()
	var h hearing
	ctx, cancel := context.WithCancel(t.Context())
	c := newFake(t, map[string]http.HandlerFunc{tokenPath: func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}}).client()
	c.Heard = h.hear
	_, _ = c.AppToken(ctx)
	if len(h.all) != 0 {
		t.Errorf("heard %+v", h.all)
	}
}
