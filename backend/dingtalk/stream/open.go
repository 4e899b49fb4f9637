package stream

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

const (
	openPath      = "/v1.0/gateway/connections/open"
	handshake     = "stream handshake" // names it in errors; its path is DingTalk's affair
	maxOpenAnswer = 64 << 10
)

// place is where to connect to, once, within 90 s.
type place struct {
	endpoint *url.URL
	ticket   secret.Text
}

// address is the websocket's URL. It holds the ticket.
func (p place) address() string {
	u := *p.endpoint
	query := u.Query()
	query.Set("ticket", p.ticket.Reveal())
	u.RawQuery = query.Encode()
	return u.String()
}

// ask asks DingTalk for a place to connect to. Its errors are *login.Error.
func (c *Client) ask(ctx context.Context, web *http.Client) (place, error) {
	req, err := c.openRequest(ctx)
	if err != nil {
		return place{}, err
	}
	resp, err := web.Do(req)
	if err != nil {
		return place{}, dingtalk.Unanswered(openPath, err)
	}
	defer func() { _ = resp.Body.Close() }() // what was not read is of no interest
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxOpenAnswer))
	if err != nil {
		return place{}, dingtalk.Unanswered(openPath, err)
	}
	return readPlace(resp.StatusCode, body)
}

func (c *Client) openRequest(ctx context.Context) (*http.Request, error) {
	u, err := url.Parse(strings.TrimSuffix(cmp.Or(c.APIURL, dingtalk.DefaultAPIURL), "/") + openPath)
	if err != nil || !allowed(u, "https", "http") {
		return nil, misconfigured(errInsecure)
	}
	subscriptions := c.Subscriptions
	if subscriptions == nil {
		subscriptions = []Subscription{{Type: typeEvent, Topic: "*"}}
	}
	body, err := json.Marshal(map[string]any{
		"clientId":      c.ClientID,
		"clientSecret":  c.ClientSecret.Reveal(),
		"subscriptions": subscriptions,
		"ua":            "dingpass",
	})
	if err != nil {
		return nil, login.Fail(login.Internal, errUnusable) // strings can always be encoded
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, misconfigured(errInsecure)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json") // or the answer may be XML
	req.Header.Set("User-Agent", "dingpass")
	return req, nil
}

// readPlace reads the answer.
func readPlace(status int, body []byte) (place, error) {
	if err := dingtalk.Answered(openPath, status, body); err != nil {
		return place{}, err
	}
	var got struct{ Endpoint, Ticket string }
	malformed := json.Unmarshal(body, &got) != nil
	u, err := url.Parse(got.Endpoint)
	switch {
	case malformed, got.Endpoint == "", got.Ticket == "", err != nil:
		return place{}, senseless(openPath, status, errUnusable)
	case !allowed(u, "wss", "ws"):
		return place{}, senseless(openPath, status, errInsecure)
	}
	return place{u, secret.New(got.Ticket)}, nil
}

// allowed reports whether a secret may travel to u: over the safe scheme, or
// over the plain one without leaving this machine.
func allowed(u *url.URL, safe, plain string) bool {
	if u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	switch u.Scheme {
	case safe:
		return true
	case plain:
		ip, err := netip.ParseAddr(u.Hostname())
		return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	}
	return false
}
