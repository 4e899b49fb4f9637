package dingtalk_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// host is one of DingTalk's, counting its connections.
type host struct {
	*fake
	mu    sync.Mutex
	conns int
}

func newHost(t *testing.T, script map[string]http.HandlerFunc) *host {
	return startHost(t, script, (*httptest.Server).Start)
}

func newTLSHost(t *testing.T) *host {
	return startHost(t, nil, (*httptest.Server).StartTLS)
}

func startHost(t *testing.T, script map[string]http.HandlerFunc, start func(*httptest.Server)) *host {
	h := &host{fake: newFake(t, script)}
	h.Close()
	h.Server = httptest.NewUnstartedServer(h.fake)
	h.Config.ConnState = h.connState
	h.EnableHTTP2 = true // which takes TLS
	start(h.Server)
	t.Cleanup(h.Close)
	return h
}

func (h *host) connState(_ net.Conn, state http.ConnState) {
	if state == http.StateNew {
		h.mu.Lock()
		h.conns++
		h.mu.Unlock()
	}
}

func (h *host) connections() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.conns
}

func TestAWarmSignInOpensNoConnection(t *testing.T) {
	t.Parallel()
	both := together(t, map[string]string{memberPath: goodMember, userPath: goodUser})
	api, oapi := newHost(t, nil), newHost(t, both)
	c := api.client()
	c.OAPIURL = oapi.URL
	for range 3 { // every half minute while the QR is up
		if err := c.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if api.connections() != 1 || oapi.connections() != 2 || len(api.requests(tokenPath)) != 1 {
		t.Errorf("warming opened %d and %d connections with %d token calls; want 1, 2, 1",
			api.connections(), oapi.connections(), len(api.requests(tokenPath)))
	}
	if touched := len(api.requests("")) - 1; touched != 2 {
		t.Errorf("with a token at hand the newer API was touched %d times, want 2: its connection would die", touched)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := c.Identify(ctx, secret.New(oneTimeCode), isZhang); err != nil {
		t.Fatal(err)
	}
	if api.connections() != 1 || oapi.connections() != 2 || len(api.requests(tokenPath)) != 1 {
		t.Errorf("the sign-in opened more: %d and %d connections, %d token calls",
			api.connections(), oapi.connections(), len(api.requests(tokenPath)))
	}
}

// Whichever connection is ready first waits for the other: else the second
// request would take over the first one's, and a second is never opened.
func TestBothConnectionsStandBeforeEitherIsUsed(t *testing.T) {
	t.Parallel()
	elsewhere := newFake(t, nil)
	var dials, ready atomic.Int32
	f := newFake(t, map[string]http.HandlerFunc{"/": func(w http.ResponseWriter, _ *http.Request) {
		if n := ready.Load(); n != 2 {
			t.Errorf("used with %d connections ready", n)
		}
	}})
	transport := dingtalk.NewTransport()
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if dials.Add(1) == 2 { // the second takes longer, by so many round trips
			for range 10 {
				if err := elsewhere.client().Warm(t.Context()); err != nil {
					t.Error(err)
				}
			}
		}
		conn, err := dial(ctx, network, address)
		ready.Add(1)
		return conn, err
	}
	c := newFake(t, nil).client() // the newer API is not in question
	c.OAPIURL = f.URL
	c.HTTP = &http.Client{Transport: hostOnly{f.Listener.Addr().String(), transport, dingtalk.NewTransport()}}
	if err := c.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// hostOnly sends one host's requests one way and all others another.
type hostOnly struct {
	host           string
	inside, beside http.RoundTripper
}

func (h hostOnly) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host == h.host {
		return h.inside.RoundTrip(req)
	}
	return h.beside.RoundTrip(req)
}

func TestWarmingIsHarmless(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	c := f.client()
	for range 2 {
		if err := c.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, req := range f.requests("") {
		switch {
		case req.path == tokenPath:
		case req.method == http.MethodHead && strings.Trim(req.path, "/") == "" && len(req.query) == 0 && req.body == "":
			if req.header.Get("x-acs-dingtalk-access-token") != "" {
				t.Error("a token was sent for nothing")
			}
		default:
			t.Errorf("%s %s %v", req.method, req.path, req.query)
		}
	}
}

func TestOverHTTP2OneConnectionIsEnough(t *testing.T) {
	t.Parallel()
	h := newTLSHost(t)
	c := h.client()
	c.HTTP = trusting(h)
	if err := c.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	warm := h.connections()
	if _, err := c.Identify(t.Context(), secret.New(oneTimeCode), isZhang); err != nil {
		t.Fatal(err)
	}
	if h.connections() != warm {
		t.Errorf("%d connections after warming, %d after the sign-in", warm, h.connections())
	}
}

// trusting is NewTransport with the host's certificate.
func trusting(h *host) *http.Client {
	transport := dingtalk.NewTransport()
	transport.TLSClientConfig.RootCAs = h.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	return &http.Client{Transport: transport}
}

func TestAFailureToWarmDoesNoHarm(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		script map[string]http.HandlerFunc
		code   login.Code
	}{
		"a wrong secret, mended":  {map[string]http.HandlerFunc{tokenPath: inTurn(newError(400, "invalidClientIdOrSecret"), says(200, goodToken))}, login.AppMisconfigured},
		"connections that drop":   {map[string]http.HandlerFunc{"/": drops}, login.Network},
		"a host that is not well": {map[string]http.HandlerFunc{"/": says(503, "<html>")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newFake(t, tc.script).client()
			if err := c.Warm(t.Context()); login.CodeOf(err) != tc.code {
				t.Errorf("err = %v, want %q", err, tc.code)
			}
			if _, err := c.Identify(t.Context(), secret.New(oneTimeCode), nil); err != nil {
				t.Errorf("the sign-in after it: %v", err)
			}
		})
	}
}

func TestWarmingCanBeCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	hang := func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() }
	f := newFake(t, map[string]http.HandlerFunc{tokenPath: hang, "/": hang})
	if err := f.client().Warm(ctx); login.CodeOf(err) != login.Cancelled {
		t.Errorf("err = %v", err)
	}
}
