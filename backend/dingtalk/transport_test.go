package dingtalk_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

func TestSecretsTravelByPlainHTTPOnThisMachineOnly(t *testing.T) {
	t.Parallel()
	for base, may := range map[string]bool{
		"http://127.0.0.1:9":             true,
		"http://127.8.9.10":              true,
		"http://[::1]:9":                 true,
		"http://localhost:9":             true,
		"https://api.dingtalk.com":       true,
		"http://api.dingtalk.com":        false,
		"http://192.0.2.1":               false,
		"http://127.0.0.1.evil.example":  false,
		"http://localhost.evil.example":  false,
		"http://user:pass@127.0.0.1:9":   false,
		"https://127.0.0.1@evil.example": false,
		"http://[::ffff:192.0.2.1]":      false,
		"ftp://127.0.0.1":                false,
		"127.0.0.1:9":                    false,
		"//127.0.0.1":                    false,
		"http://":                        false,
		"http://127.0.0.1:9\n":           false,
	} {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			asked := false
			c := &dingtalk.Client{APIURL: base, HTTP: &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
				asked = true
				return nil, io.ErrUnexpectedEOF
			})}}
			_, err := c.ExchangeCode(t.Context(), secret.New(oneTimeCode))
			if asked != may {
				t.Errorf("sent = %v, want %v (%v)", asked, may, err)
			}
			if want := map[bool]login.Code{true: login.Network, false: login.AppMisconfigured}[may]; login.CodeOf(err) != want {
				t.Errorf("err = %v, want %q", err, want)
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestTheTransportItselfRefusesPlainHTTP(t *testing.T) {
	t.Parallel()
	transport := dingtalk.NewTransport()
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		t.Error("dialled")
		return nil, io.EOF
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://192.0.2.1/", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.RoundTrip(req)
	if err == nil {
		_ = resp.Body.Close()
		t.Error("no error")
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := newFake(t, nil)
	for _, location := range []string{elsewhere.URL + exchangePath, "http://%zz/" + oneTimeCode, ""} {
		f := newFake(t, map[string]http.HandlerFunc{exchangePath: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusTemporaryRedirect) // would send the body again
		}})
		c := f.client()
		c.HTTP = &http.Client{} // whose own policy is to follow
		_, err := c.ExchangeCode(t.Context(), secret.New(oneTimeCode))
		if err == nil || strings.Contains(err.Error(), oneTimeCode) {
			t.Errorf("err = %v", err)
		}
	}
	if n := len(elsewhere.requests("")); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

func TestNoCookieIsKept(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{mePath: func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "x"})
		says(200, goodMe)(w, r)
	}})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := f.client()
	c.HTTP = &http.Client{Jar: jar}
	for range 2 {
		if _, err := c.Me(t.Context(), secret.New(userToken)); err != nil {
			t.Fatal(err)
		}
	}
	if got := f.requests(mePath)[1].header.Get("Cookie"); got != "" {
		t.Errorf("cookie = %q", got)
	}
}

func TestAHugeAnswerIsNotSwallowed(t *testing.T) {
	t.Parallel()
	padded := func(size int) string {
		return goodMember[:len(goodMember)-1] + strings.Repeat(" ", size-len(goodMember)) + "}"
	}
	// Packed beforehand: on a busy machine that takes longer than a call may.
	var packed bytes.Buffer
	packer := gzip.NewWriter(&packed)
	if _, err := io.WriteString(packer, padded(10_000_000)); err != nil {
		t.Fatal(err)
	}
	if err := packer.Close(); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		code   login.Code
	}{
		"1 MiB is enough":    {says(200, padded(1<<20)), ""},
		"a byte more is not": {says(200, padded(1<<20+1)), login.ProviderAnswer},
		"10 MB":              {says(200, padded(10_000_000)), login.ProviderAnswer},
		"10 MB, packed": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed.Bytes())
		}, login.ProviderAnswer},
		"without end": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, strings.Repeat("x", 64<<10)); err != nil {
					return
				}
			}
		}, login.ProviderAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, map[string]http.HandlerFunc{memberPath: tc.answer})
			_, err := f.client().UserIDByUnionID(t.Context(), "uXyZ34iEiE")
			if login.CodeOf(err) != tc.code {
				t.Errorf("err = %v, want %q", err, tc.code)
			}
		})
	}
}

func TestAnAnswerThatIsCutOffIsTheNetworksFault(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]http.HandlerFunc{
		"in the body": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, goodUser[:100])
		},
		"between chunks": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, goodUser[:100])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"before it begins": drops,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, map[string]http.HandlerFunc{userPath: cut})
			_, err := f.client().User(t.Context(), "zhang01")
			if login.CodeOf(err) != login.Network {
				t.Errorf("err = %v", err)
			}
		})
	}
}

func TestAnAnswerThatStallsEndsWithTheCaller(t *testing.T) {
	t.Parallel()
	ctx, pass := newOverdue(t.Context())
	f := newFake(t, map[string]http.HandlerFunc{mePath: func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, goodMe[:20])
		_ = http.NewResponseController(w).Flush()
		pass()
		<-r.Context().Done()
	}})
	_, err := f.client().Me(ctx, secret.New(userToken))
	if login.CodeOf(err) != login.Network || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err = %v", err)
	}
}

func TestACertificateThatNobodySignedIsRefused(t *testing.T) {
	t.Parallel()
	h := newTLSHost(t)
	_, err := h.client().ExchangeCode(t.Context(), secret.New(oneTimeCode))
	if login.CodeOf(err) != login.Network {
		t.Errorf("err = %v", err)
	}
	if n := len(h.requests("")); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestACertificateOutOfDateMeansAWrongClock(t *testing.T) {
	t.Parallel()
	for name, clock := range map[string]time.Time{
		"set back":    time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC),
		"set forward": time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		h := newTLSHost(t)
		c := h.client()
		c.HTTP = trusting(h)
		c.HTTP.Transport.(*http.Transport).TLSClientConfig.Time = func() time.Time { return clock }
		_, err := c.ExchangeCode(t.Context(), secret.New(oneTimeCode))
		if login.CodeOf(err) != login.ClockWrong {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	c := &dingtalk.Client{APIURL: server.URL}
	c.HTTP = &http.Client{Transport: dingtalk.NewTransport()}
	c.HTTP.Transport.(*http.Transport).TLSClientConfig.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	if _, err := c.ExchangeCode(t.Context(), secret.New(oneTimeCode)); login.CodeOf(err) != login.Network {
		t.Errorf("err = %v", err)
	}
}

func TestAProxyThatRefusesSaysSo(t *testing.T) {
	t.Parallel()
	// A proxy of the test's own: the environment is one for all tests.
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = listener.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 407 Please tell us "+appSecret+"\r\nContent-Length: 0\r\n\r\n")
			}
			_ = conn.Close()
		}
	}()
	transport := dingtalk.NewTransport()
	transport.Proxy = http.ProxyURL(mustParse(t, "http://"+listener.Addr().String()))
	c := &dingtalk.Client{ClientSecret: secret.New(appSecret), APIURL: "https://api.dingtalk.invalid", HTTP: &http.Client{Transport: transport}}
	_, err = c.ExchangeCode(t.Context(), secret.New(oneTimeCode))
	if login.CodeOf(err) != login.Network || !strings.HasSuffix(err.Error(), "the proxy answered HTTP 407") {
		t.Errorf("err = %v", err)
	}
}
