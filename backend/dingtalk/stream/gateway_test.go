package stream_test

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/dingpass/dingpass/backend/dingtalk/stream"
	"github.com/dingpass/dingpass/backend/secret"
)

const (
	clientID    = "dingabc123"
	plainSecret = "s3cr3t-Pl4nted"
)

// gateway is DingTalk's side. It opens connections as asked, unless opening
// says otherwise, and hands each to the test as a peer.
type gateway struct {
	t     *testing.T
	base  string // http or https
	dial  func(ctx context.Context, network, address string) (net.Conn, error)
	peers chan *peer

	opening func(n int, w http.ResponseWriter, r *http.Request) (done bool) // the n-th call, from 1
	joining func(n int, w http.ResponseWriter, r *http.Request) (done bool) // the n-th handshake, from 1

	mu     sync.Mutex
	opened []time.Time
	bodies []string
	joined int
	issued map[string]bool // tickets that were not used yet
	all    []string        // every ticket
	closed chan struct{}
	goes   sync.WaitGroup // what must end with the gateway
}

// newGateway serves on l; a nil l is a network inside the process, for synctest.
func newGateway(t *testing.T, l net.Listener) *gateway {
	g := &gateway{t: t, peers: make(chan *peer, 100), issued: make(map[string]bool), closed: make(chan struct{})}
	if l == nil {
		pipes := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		l, g.dial = pipes, pipes.dial
	}
	g.base = "http://" + l.Addr().String()
	server := &http.Server{Handler: g}
	g.goes.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() {
		close(g.closed)
		_ = server.Close()
		g.goes.Wait()
	})
	return g
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// client is one for the gateway.
func (g *gateway) client() *stream.Client {
	transport := &http.Transport{DialContext: g.dial}
	g.t.Cleanup(transport.CloseIdleConnections)
	return &stream.Client{
		ClientID: clientID, ClientSecret: secret.New(plainSecret),
		APIURL: g.base, HTTP: &http.Client{Transport: transport},
	}
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/v1.0/gateway/connections/open":
		g.open(w, r)
	case "/connect":
		g.connect(w, r)
	default:
		g.t.Errorf("request for %s", r.URL.Path)
		http.NotFound(w, r)
	}
}

func (g *gateway) open(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	g.mu.Lock()
	g.opened = append(g.opened, time.Now())
	g.bodies = append(g.bodies, string(body))
	n := len(g.opened)
	ticket := fmt.Sprintf("t+/=&%d-Pl4nted", n)
	g.mu.Unlock()
	if r.Method != http.MethodPost || r.Header.Get("Accept") != "application/json" || r.Header.Get("Content-Type") != "application/json" {
		g.t.Errorf("opened with %s %v", r.Method, r.Header)
	}
	if g.opening != nil && g.opening(n, w, r) {
		return
	}
	g.mu.Lock()
	g.issued[ticket] = true
	g.all = append(g.all, ticket)
	g.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]string{"endpoint": "ws" + g.base[len("http"):] + "/connect", "ticket": ticket})
}

func (g *gateway) connect(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	g.mu.Lock()
	known := g.issued[ticket]
	delete(g.issued, ticket)
	g.joined++
	n := g.joined
	g.mu.Unlock()
	if !known {
		g.t.Errorf("connected with the ticket %q, which was not issued or was used before", ticket)
		http.Error(w, "ticket", http.StatusUnauthorized)
		return
	}
	if g.joining != nil && g.joining(n, w, r) {
		return
	}
	p := &peer{t: g.t, ticket: ticket, replies: make(chan reply, 10_000), gone: make(chan struct{})}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		OnPingReceived: func(context.Context, []byte) bool { p.pings.Add(1); return true },
	})
	if err != nil {
		g.t.Errorf("accept: %v", err)
		return
	}
	p.conn = conn
	g.peers <- p
	p.read()
}

// times are when connections were asked for.
func (g *gateway) times() []time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]time.Time(nil), g.opened...)
}

// handshakes is how many there were.
func (g *gateway) handshakes() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.joined
}

// peer is the gateway's end of a connection.
type peer struct {
	t       *testing.T
	conn    *websocket.Conn
	ticket  string
	replies chan reply
	gone    chan struct{} // closed when the connection has ended
	status  websocket.StatusCode
	pings   atomic.Int64
}

type reply struct {
	Code    int
	Headers map[string]string
	Message string
	Data    string
}

func (p *peer) read() {
	defer close(p.gone)
	defer func() { _ = p.conn.CloseNow() }()
	p.conn.SetReadLimit(1 << 20)
	for {
		_, message, err := p.conn.Read(context.Background())
		if err != nil {
			p.status = websocket.CloseStatus(err)
			return
		}
		var r reply
		if err := json.Unmarshal(message, &r); err != nil {
			p.t.Errorf("reply %q: %v", message, err)
		}
		p.replies <- r
	}
}

// send sends a message as it is.
func (p *peer) send(message string) {
	p.t.Helper()
	if err := p.conn.Write(context.Background(), websocket.MessageText, []byte(message)); err != nil {
		p.t.Errorf("send: %v", err)
	}
}

// reply waits for the next one.
func (p *peer) reply() reply {
	p.t.Helper()
	select {
	case r := <-p.replies:
		return r
	case <-p.gone:
		select {
		case r := <-p.replies:
			return r
		default:
		}
		p.t.Fatal("the connection ended before the reply")
		return reply{}
	}
}

// want waits for a reply and compares it.
func (p *peer) want(messageID string, code int, data string) {
	p.t.Helper()
	got := p.reply()
	if got.Headers["messageId"] != messageID || got.Code != code || got.Data != data || got.Headers["contentType"] != "application/json" {
		p.t.Errorf("reply %+v, want code %d and data %s for %s", got, code, data, messageID)
	}
}

const (
	success = `{"status":"SUCCESS","message":"success"}`
	later   = `{"status":"LATER","message":"later"}`
)

// frame is a message of DingTalk.
func frame(kind, topic, messageID, data string, headers ...string) string {
	all := map[string]string{"topic": topic, "messageId": messageID, "contentType": "application/json", "time": "1700000000000"}
	for i := 0; i < len(headers); i += 2 {
		all[headers[i]] = headers[i+1]
	}
	encoded, _ := json.Marshal(map[string]any{"specVersion": "1.0", "type": kind, "headers": all, "data": data})
	return string(encoded)
}

// event is an event about a person.
func event(messageID, eventID, userID string) string {
	return frame("EVENT", "*", messageID, fmt.Sprintf(`{"eventId":%q,"userId":[%q],"timeStamp":"1700000000000"}`, eventID, userID),
		"eventType", "user_leave_org", "eventId", eventID, "eventCorpId", "ding0a1b", "eventBornTime", "1700000000000")
}

const disconnect = `{"specVersion":"1.0","type":"SYSTEM","headers":{"topic":"disconnect","messageId":"d"},"data":"{\"reason\":\"connection expired\"}"}`

// shake does the server's part of a handshake by hand and hands out the socket.
func shake(t *testing.T, w http.ResponseWriter, r *http.Request) net.Conn {
	conn, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return nil
	}
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) // RFC 6455 section 1.3
	_, _ = fmt.Fprintf(buffered, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	_ = buffered.Flush()
	return conn
}

// running is a Run under way.
type running struct {
	t      *testing.T
	cancel context.CancelFunc
	result chan error
}

func start(t *testing.T, c *stream.Client, handler stream.Handler) *running {
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{t, cancel, make(chan error, 1)}
	go func() { r.result <- c.Run(ctx, handler) }()
	return r
}

// stop ends it and waits for that.
func (r *running) stop() {
	r.t.Helper()
	r.cancel()
	if err := <-r.result; err != nil {
		r.t.Errorf("Run: %v, want nil after the context ended", err)
	}
}

func accept(context.Context, stream.Event) error { return nil }

// pipes is a network of one listener inside the process.
type pipes struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// bubble runs a test on a clock of its own, with a gateway inside the process.
func bubble(t *testing.T, test func(t *testing.T, g *gateway)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { test(t, newGateway(t, nil)) })
}

// pass lets the bubble's clock run.
func pass(d time.Duration) { <-time.After(d) }
