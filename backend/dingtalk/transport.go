package dingtalk

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// NewTransport is the transport of a [Client] that was given none: proxies
// from the environment, HTTP/2, TLS 1.2 or newer, connections kept alive and
// watched, a time limit on each stage, and plain http to loopback hosts only.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{
		Timeout: 5 * time.Second,
		// A kiosk's connection dies without a word when a router forgets it.
		// Better to learn that between two people than during a scan.
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3},
	}
	t := &http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: proxyAnswer,
		DialContext:            dialer.DialContext,
		TLSClientConfig: &tls.Config{
			MinVersion:         tls.VersionTLS12,
			ClientSessionCache: tls.NewLRUClientSessionCache(8), // a new connection costs a round trip less
		},
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  8 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost:    4, // two calls at once, and the connections they may leave behind
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true, // needed because the dialer and TLS settings are ours
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
	}
	t.RegisterProtocol("http", loopbackOnly{})
	return t
}

// loopbackOnly stands in front of plain http and lets through what stays on
// this machine. Settings are checked elsewhere; this is the second line.
type loopbackOnly struct{}

func (loopbackOnly) RoundTrip(req *http.Request) (*http.Response, error) {
	if !allowed(req.URL) {
		return nil, errPlain
	}
	return nil, http.ErrSkipAltProtocol
}

var errPlain = errors.New("neither https nor http on a loopback host")

// allowed reports whether a secret may travel to u.
func allowed(u *url.URL) bool {
	if u.Hostname() == "" || u.User != nil {
		return false
	}
	switch u.Scheme {
	case "https":
		return true
	case "http":
		ip, err := netip.ParseAddr(u.Hostname())
		return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	}
	return false
}

// proxy reads the environment. Its error text would quote the proxy's URL,
// which may hold a password.
func proxy(req *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(req)
	if err != nil {
		return nil, errProxySetting
	}
	return u, nil
}

var errProxySetting = errors.New("the proxy named by the environment is not a URL")

// proxyError is a proxy's refusal to connect us. net/http would only keep the
// proxy's own words.
type proxyError struct{ status int }

func (e *proxyError) Error() string { return fmt.Sprintf("the proxy answered HTTP %d", e.status) }

func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode != http.StatusOK {
		return &proxyError{answer.StatusCode}
	}
	return nil
}
