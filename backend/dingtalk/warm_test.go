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
	"testing/synctest"
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
	c.OAPIURL, c.LoginURL = oapi.URL, newFake(t, nil).URL
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

// A person who looks at a page that does not load learns nothing from it.
func TestADeadSignInPageIsFoundOutBeforeAnyoneScans(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		page http.HandlerFunc
		code login.Code
	}{
		"drops connections":      {drops, login.Network},
		"answers":                {says(200, "<html>"), ""},
		"does not know HEAD":     {says(405, ""), ""},
		"sends people elsewhere": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := newFake(t, map[string]http.HandlerFunc{"/": tc.page})
			c := newFake(t, nil).client()
			c.LoginURL = page.URL
			warm := c.Warm(t.Context())
			_, check := c.Check(t.Context())
			for what, err := range map[string]error{"Warm": warm, "Check": check} {
				if login.CodeOf(err) != tc.code || err != nil && !strings.Contains(err.Error(), "login_url") {
					t.Errorf("%s = %v, want %q of login_url", what, err, tc.code)
				}
			}
			for _, req := range page.requests("") {
				if req.method != http.MethodHead || req.path != "/" || len(req.query) > 0 || req.header.Get("Cookie") != "" {
					t.Errorf("%s %s %v, want a plain HEAD of the front page", req.method, req.path, req.query)
				}
			}
			if _, err := c.Identify(t.Context(), secret.New(oneTimeCode), nil); err != nil {
				t.Errorf("the sign-in after it: %v", err)
			}
		})
	}
}

func TestTheSignInPageIsAskedOnceAQR(t *testing.T) {
	t.Parallel()
	page := newFake(t, map[string]http.HandlerFunc{"/": inTurn(drops, says(200, ""))})
	c := newFake(t, nil).client()
	c.LoginURL = page.URL
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	c.Now = func() time.Time { return now }
	for _, step := range []struct {
		wait  time.Duration
		asked int
		code  login.Code
	}{
		{0, 1, login.Network}, // which is worth another look
		{time.Second, 2, ""},
		{30 * time.Second, 2, ""},
		{30 * time.Second, 2, ""},
		{5 * time.Minute, 3, ""}, // another person's
		{-time.Hour, 4, ""},      // the clock was set back
	} {
		now = now.Add(step.wait)
		if err := c.Warm(t.Context()); login.CodeOf(err) != step.code {
			t.Errorf("Warm = %v, want %q", err, step.code)
		}
		if n := len(page.requests("")); n != step.asked {
			t.Errorf("at %v: asked %d times, want %d", now, n, step.asked)
		}
	}
}

// The token and the connections of the sign-in itself do not wait for it.
func TestASlowSignInPageHoldsNothingUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		c := &dingtalk.Client{HTTP: &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
			if req.URL.Host == "login.dingtalk.com" {
				<-req.Context().Done()
				return nil, req.Context().Err()
			}
			asked.Add(1)
			answer := httptest.NewRecorder()
			says(200, goodToken)(answer, req)
			return answer.Result(), nil
		})}}
		warm := make(chan error, 1)
		began := time.Now()
		go func() { warm <- c.Warm(t.Context()) }()
		synctest.Wait()
		if n := asked.Load(); n != 3 {
			t.Errorf("%d of the 3 other requests were made while the sign-in page was silent", n)
		}
		if err := <-warm; login.CodeOf(err) != login.Network || time.Since(began) > 5*time.Second {
			t.Errorf("Warm = %v after %v", err, time.Since(began))
		}
	})
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
