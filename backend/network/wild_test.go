package network_test

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/network"
	"github.com/dingpass/dingpass/backend/sandbox"
)

// weather is a network between the monitor and a stand-in for DingTalk: each
// connection has the next of its fates, and the last is for all that follow.
type weather struct {
	listener net.Listener
	to       string
	fates    []fate
	all      sync.WaitGroup
}

// fate is what becomes of a connection.
type fate int

const (
	through fate = iota
	cut          // the connection is closed before the first answer
	silence      // it is accepted, and then nothing comes
)

func newWeather(t *testing.T, to string, fates ...fate) *weather {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &weather{listener: listener, to: to, fates: fates}
	w.all.Go(w.serve)
	t.Cleanup(func() { _ = listener.Close(); w.all.Wait() })
	return w
}

func (w *weather) serve() {
	for {
		conn, err := w.listener.Accept()
		if err != nil {
			return
		}
		next := w.fates[0]
		if len(w.fates) > 1 {
			w.fates = w.fates[1:]
		}
		w.all.Go(func() { w.carry(conn, next) })
	}
}

func (w *weather) carry(conn net.Conn, next fate) {
	defer func() { _ = conn.Close() }()
	if next == cut {
		return
	}
	if next == silence {
		_, _ = io.Copy(io.Discard, conn) // until the client hangs up
		return
	}
	far, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer func() { _ = far.Close() }()
	w.all.Go(func() {
		_, _ = io.Copy(far, conn)
		_ = far.Close()
	})
	_, _ = io.Copy(conn, far)
}

func (w *weather) url() string { return "http://" + w.listener.Addr().String() }

// watching is a monitor that asks by the real client.
func watching(t *testing.T, address string) (*network.Monitor, *states) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	client, log := &dingtalk.Client{APIURL: address, HTTP: &http.Client{Transport: transport}}, &states{}
	return network.New(network.Options{
		Probe: client.Ping, HasLink: func() bool { return true }, Log: slog.New(slog.NewTextHandler(log, nil)),
	}), log
}

func standIn(t *testing.T) *sandbox.Server {
	t.Helper()
	server, err := sandbox.Listen(t.Context(), "", sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() }) // its error is always nil
	return server
}

const pinged = "/v1.0/contact/users/{unionId}"

// A network in the wild, from good to bad and back, told as what it is.
func TestNetworksInTheWild(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault sandbox.Fault
		want  string
	}{
		"a captive portal's page":      {sandbox.Fault{Kind: sandbox.FaultHTML}, "offline captive"},
		"a captive portal redirects":   {sandbox.Fault{Kind: sandbox.FaultHTML, Status: 302}, "offline captive"},
		"a proxy that wants a sign-in": {sandbox.Fault{Kind: sandbox.FaultHTML, Status: 511}, "offline captive"},
		"a gateway without an answer":  {sandbox.Fault{Kind: sandbox.FaultHTML, Status: 504}, "offline broken"},
		"a liar":                       {sandbox.Fault{Body: `{"hello":"world"}`}, "offline lying"},
		"a liar who read the contract": {sandbox.Fault{Body: `{"errcode":0,"errmsg":"ok"}`}, "offline lying"},
		"cut off":                      {sandbox.Fault{Kind: sandbox.FaultDrop}, "offline broken"},
		"too long to be true":          {sandbox.Fault{Kind: sandbox.FaultHuge}, "offline lying"},
		"three seconds for an answer":  {sandbox.Fault{Latency: 3 * time.Second}, "offline slow"},
		"no answer at all":             {sandbox.Fault{Kind: sandbox.FaultHang}, "offline slow"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := standIn(t)
			m, log := watching(t, server.URL())
			m.Ask(t.Context())
			if err := server.SetFault(pinged, tc.fault); err != nil {
				t.Fatal(err)
			}
			m.Ask(t.Context())
			m.Ask(t.Context())
			server.ClearFaults()
			m.Ask(t.Context())
			_, trouble, _ := strings.Cut(tc.want, " ")
			log.want(t, "online", "shaky "+trouble, tc.want, "online")
		})
	}
}

// What DingTalk says about its own troubles is an answer of DingTalk's.
func TestDingTalkThatIsNotWellIsInReach(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"it is busy":       {Status: 503},
		"its flood guard":  {Kind: sandbox.FaultGuard},
		"too many calls":   {Kind: sandbox.FaultRateLimited},
		"an address list":  {Code: "Forbidden.AccessDenied.IpNotInWhiteList", Status: 403},
		"another refusal":  {Code: "InvalidAuthentication", Status: 400},
		"no fault of ours": {Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := standIn(t)
			if err := server.SetFault(pinged, fault); err != nil {
				t.Fatal(err)
			}
			m, log := watching(t, server.URL())
			m.Ask(t.Context())
			log.want(t, "online")
		})
	}
}

// kanidm #3930: a poor mobile link, on which every try waited and then failed.
func TestALossyNetworkIsShakyAndNotGone(t *testing.T) {
	t.Parallel()
	server := standIn(t)
	w := newWeather(t, server.URL()[len("http://"):],
		through, cut, through, through, cut, through, through, through, cut, through, through, through, through, through, through)
	m, log := watching(t, w.url())
	for range 15 {
		m.Ask(t.Context())
	}
	log.want(t, "online", "shaky broken", "online")
}

func TestNetworksThatNobodyAnswersOn(t *testing.T) {
	t.Parallel()
	server := standIn(t)
	host := server.URL()[len("http://"):]
	for name, tc := range map[string]struct{ url, want string }{
		"nobody listens":             {"http://127.0.0.1:1", "offline refused"},
		"connected and then silence": {newWeather(t, host, silence).url(), "offline slow"},
		"no TLS where it should be":  {"https://" + host, "offline tls"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, log := watching(t, tc.url)
			if reach := m.Ask(t.Context()); reach.State != login.Offline {
				t.Errorf("reach is %+v", reach)
			}
			log.want(t, tc.want)
		})
	}
}

func TestAskingCountsForNoApp(t *testing.T) {
	t.Parallel()
	server := standIn(t)
	m, _ := watching(t, server.URL())
	m.Ask(t.Context())
	for endpoint, n := range server.Counts() {
		if n > 0 && !strings.HasSuffix(endpoint, pinged) {
			t.Errorf("%s was called %d times", endpoint, n)
		}
	}
}
