package loopback

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"syscall"

	"github.com/dingpass/dingpass/backend/login"
)

// Redirect is an address that may be registered with DingTalk as the app's
// redirect URL. The zero value is any free port of 127.0.0.1 with the path
// /callback.
type Redirect struct {
	Host string // "127.0.0.1", "localhost" or "::1"; "" = "127.0.0.1"
	Port int    // 0 = any free port
	Path string // as it is registered, percent-encoded or not; "" = "/callback"
}

// Address is a bound redirect address. The interface lives on the same origin:
// DingTalk's framed QR works only there.
type Address struct {
	redirect  Redirect
	listeners []net.Listener
}

// Listen binds the first of the redirects that is free. When all are taken, or
// one could never be a redirect address, the error is RedirectMisconfigured and
// names them: a silent move to a port that
// is not registered would end on DingTalk's error page (kubelogin #826,
// thunderbolt PR #388).
func Listen(ctx context.Context, redirects []Redirect) (*Address, error) {
	if len(redirects) == 0 {
		redirects = []Redirect{{}}
	}
	var taken []string
	var causes []error
	for _, r := range redirects {
		r, err := r.asAsked()
		if err != nil {
			return nil, &login.Error{Code: login.RedirectMisconfigured, Detail: err.Error()}
		}
		listeners, err := bind(ctx, r)
		if err == nil {
			r.Port = listeners[0].Addr().(*net.TCPAddr).Port
			return &Address{redirect: r, listeners: listeners}, nil
		}
		taken = append(taken, net.JoinHostPort(r.Host, strconv.Itoa(r.Port)))
		causes = append(causes, err)
	}
	return nil, &login.Error{
		Code:   login.RedirectMisconfigured,
		Detail: "cannot listen on " + strings.Join(taken, ", "),
		Err:    errors.Join(causes...),
	}
}

// asAsked fills in the defaults and writes the path as a browser will ask for
// it, so that one spelling serves the redirect URI and the comparison with what
// comes (globalping-cli #154).
func (r Redirect) asAsked() (Redirect, error) {
	if r.Host == "" {
		r.Host = "127.0.0.1"
	}
	if r.Path == "" {
		r.Path = "/callback"
	}
	u, err := url.ParseRequestURI(r.Path)
	if err != nil || r.Path[0] != '/' || strings.ContainsAny(r.Path, "?#") {
		return r, fmt.Errorf("%q is no path for a redirect address", r.Path)
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return r, fmt.Errorf("browsers shorten the path %q; register it without dots", r.Path)
		}
	}
	r.Path = u.EscapedPath()
	return r, nil
}

// sharedPortTries is how often a free port is looked for that is free on both
// families at once.
const sharedPortTries = 20

// bind listens on every literal address that the host stands for. A browser
// may take localhost to be ::1 or 127.0.0.1 (firebase-tools #10750); if another
// program held one of the two, it would get the code.
func bind(ctx context.Context, r Redirect) ([]net.Listener, error) {
	switch r.Host {
	case "127.0.0.1":
		return listenAll(ctx, r.Port, "127.0.0.1")
	case "::1":
		return listenAll(ctx, r.Port, "::1")
	case "localhost":
		hosts := localhostAddresses()
		for range sharedPortTries {
			listeners, err := listenAll(ctx, r.Port, hosts...)
			if err == nil || r.Port != 0 || !errors.Is(err, syscall.EADDRINUSE) {
				return listeners, err
			}
		}
		return nil, errors.New("no port is free on both 127.0.0.1 and ::1")
	}
	return nil, fmt.Errorf("host %q is not a loopback host", r.Host)
}

// localhostAddresses leaves out the family that this machine does not have.
func localhostAddresses() []string {
	var hosts []string
	addrs, _ := net.InterfaceAddrs() // without an answer, both are tried
	for _, addr := range addrs {
		if ip, ok := addr.(*net.IPNet); ok && ip.IP.IsLoopback() {
			switch {
			case ip.IP.Equal(net.IPv4(127, 0, 0, 1)):
				hosts = append([]string{"127.0.0.1"}, hosts...)
			case ip.IP.Equal(net.IPv6loopback):
				hosts = append(hosts, "::1")
			}
		}
	}
	if len(hosts) == 0 {
		return []string{"127.0.0.1", "::1"}
	}
	return hosts
}

// listenAll binds the same port on each host, or nothing. Port 0 takes what
// the first host gives.
func listenAll(ctx context.Context, port int, hosts ...string) ([]net.Listener, error) {
	config := net.ListenConfig{Control: exclusive}
	var listeners []net.Listener
	for _, host := range hosts {
		ln, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			closeAll(listeners)
			return nil, err
		}
		port = ln.Addr().(*net.TCPAddr).Port
		listeners = append(listeners, ln)
	}
	return listeners, nil
}

func closeAll(listeners []net.Listener) {
	for _, ln := range listeners {
		_ = ln.Close() // nothing was accepted yet
	}
}

// Origin is the origin of the interface and of the redirect URI, such as
// http://127.0.0.1:43817.
func (a *Address) Origin() string { return "http://" + a.host() }

// RedirectURI is what is sent to DingTalk, byte for byte.
func (a *Address) RedirectURI() string { return a.Origin() + a.redirect.Path }

// Close frees the address when no server took it over.
func (a *Address) Close() { closeAll(a.listeners) }

func (a *Address) host() string {
	return net.JoinHostPort(a.redirect.Host, strconv.Itoa(a.redirect.Port))
}
