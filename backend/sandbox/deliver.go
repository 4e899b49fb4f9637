package sandbox

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"
)

// callbackDeadline is the longer of the two that DingTalk documents.
const callbackDeadline = 2500 * time.Millisecond

// callbackRetries are how long after the attempt before it each further one is.
var callbackRetries = []time.Duration{10 * time.Second, 30 * time.Second}

// maxFailures bounds what nobody reads.
const maxFailures = 10_000

// newCourier makes the client of the callbacks. It reaches loopback addresses
// only, whatever is registered and whatever a name stands for.
func newCourier() *http.Client {
	dialer := &net.Dialer{}
	return &http.Client{
		Timeout:       callbackDeadline,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DisableKeepAlives: true, // callbacks are rare, and nothing is left open
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				host, port, err := net.SplitHostPort(addr)
				if err != nil {
					return nil, err
				}
				if host == "localhost" {
					host = "127.0.0.1"
				}
				if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
					return nil, errors.New("callbacks go to loopback addresses only")
				}
				return dialer.DialContext(ctx, network, net.JoinHostPort(host, port))
			},
		},
	}
}

// callbackWork delivers an event, at once and after ten and thirty seconds
// more, and lists it as failed after that.
func (s *Sandbox) callbackWork(reg registration, o occasion) func(context.Context) {
	return func(ctx context.Context) {
		due := o.born
		for _, pause := range append([]time.Duration{0}, callbackRetries...) {
			due = due.Add(pause)
			if s.clock.wait(ctx, due, nil) != nil {
				return
			}
			if s.post(ctx, reg, o.forCallback(reg.older), success) == nil {
				return
			}
		}
		s.callbacks.fail(o)
	}
}

func (c *callbacks) fail(o occasion) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.failed) < maxFailures {
		c.failed = append(c.failed, o)
	}
}

// post sends one message and wants a certain answer, encrypted.
func (s *Sandbox) post(ctx context.Context, reg registration, plain, want string) *topError {
	target, err := url.Parse(reg.URL)
	if err != nil || target.Scheme != "http" && target.Scheme != "https" || !loopbackHost(target.Host) {
		return errURLBlocked
	}
	random := make([]byte, 16)
	_, _ = rand.Read(random) // never fails, by its documentation
	sealed, nonce, stamp := reg.sealer.seal(random, plain), rand.Text()[:8], strconv.FormatInt(s.Now().UnixMilli(), 10)
	signature := reg.sealer.sign(stamp, nonce, sealed)
	q := target.Query()
	q.Set("signature", signature)
	q.Set("msg_signature", signature)
	q.Set("timestamp", stamp)
	q.Set("nonce", nonce)
	target.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(fmt.Appendf(nil, `{"encrypt":"%s"}`, sealed)))
	if err != nil {
		return errURLBlocked
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := s.courier.Do(req)
	if err != nil {
		return errURLReach
	}
	defer func() { _ = res.Body.Close() }() // what was read is all that counts
	if res.StatusCode != http.StatusOK {
		return errURLReach
	}
	return reg.accepts(io.LimitReader(res.Body, maxBody), want)
}

// accepts checks the answer's signature and content.
func (r registration) accepts(body io.Reader, want string) *topError {
	var answer struct {
		Signature string `json:"msg_signature"`
		Timestamp string `json:"timeStamp"`
		Nonce     string `json:"nonce"`
		Encrypt   string `json:"encrypt"`
	}
	if json.NewDecoder(body).Decode(&answer) != nil || !r.sealer.signed(answer.Signature, answer.Timestamp, answer.Nonce, answer.Encrypt) {
		return errURLReply
	}
	if plain, err := r.sealer.unseal(answer.Encrypt); err != nil || plain != want {
		return errURLReply
	}
	return nil
}
