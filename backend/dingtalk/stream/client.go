package stream

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/dingtalk/callback"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// Event is an event of the company, the same as by HTTP callback: a handler can
// serve both.
type Event = callback.Event

// Handler takes an event. After nil it is acknowledged and does not come again;
// after an error DingTalk is asked to send it later. It is called from several
// goroutines; see the package comment for the order. It must return soon when
// the context ends. A panic of it is not caught.
type Handler func(ctx context.Context, event Event) error

// Call is a request of DingTalk that wants an answer: a message to a robot, a
// button of a card.
type Call struct {
	Topic string          // such as /v1.0/im/bot/messages/get
	ID    string          // of the message
	Data  json.RawMessage // what it is about, JSON. Personal data
}

// Callback answers a call with what becomes the JSON of "response". After an
// error DingTalk is told that the call failed. It runs beside the events and in
// no order, under the same rules as a [Handler].
type Callback func(ctx context.Context, call Call) (response any, err error)

// Subscription is something that DingTalk is to send.
type Subscription struct {
	Type  string `json:"type"`  // EVENT or CALLBACK
	Topic string `json:"topic"` // "*" for events: which of them, is ticked in DingTalk's console
}

// Client is an app's Stream connection. Set the fields, then use it by pointer;
// it is frozen after the first use and must not be copied.
type Client struct {
	ClientID     string      // the app's AppKey
	ClientSecret secret.Text // the app's AppSecret

	// APIURL is where a connection is asked for: https, or http on a loopback
	// host; "" is DingTalk's. Where to connect to then stands in the answer.
	APIURL string

	Subscriptions []Subscription // nil: all events
	Callback      Callback       // nil: calls are answered with 404, no handler
	Workers       int            // handlers at a time; 0: 4

	HTTP *http.Client     // nil: one over dingtalk.NewTransport. Its redirect policy and cookie jar are not used
	Now  func() time.Time // nil: time.Now
	Log  *slog.Logger     // nil: discard

	running atomic.Bool
	mu      sync.Mutex
	status  Status // under mu

	testingOnlyPace *pace // shorter waits, for tests on real sockets
}

var errRunning = errors.New("open stream: this client is running already")

// Run keeps a connection and hands over what arrives until ctx ends, and then
// returns nil. It returns a *login.Error with login.AppMisconfigured when
// DingTalk does not accept the credentials, or when there are none, or when
// APIURL may not be sent a secret or the environment's proxy is no URL: nothing
// but other settings would help. Only
// one Run of a client may be under way.
func (c *Client) Run(ctx context.Context, handler Handler) error {
	if !c.running.CompareAndSwap(false, true) {
		return login.Fail(login.Internal, errRunning)
	}
	defer c.running.Store(false)
	if c.ClientID == "" || c.ClientSecret.Empty() {
		return misconfigured(errNoCredentials)
	}
	web, release := c.web()
	defer release()
	delivery := newDelivery(ctx, c, handler)
	defer delivery.wait()
	return (&keeper{client: c, web: web, pace: c.pace(), delivery: delivery}).run(ctx)
}

// web is the HTTP client of the opening call and of the handshake: no redirect,
// because it would take secret or ticket elsewhere, and no cookies. release
// closes what it alone uses.
func (c *Client) web() (web *http.Client, release func()) {
	web, release = &http.Client{}, func() {}
	if c.HTTP != nil {
		*web = *c.HTTP
	}
	if web.Transport == nil {
		transport := dingtalk.NewTransport()
		web.Transport, release = transport, transport.CloseIdleConnections
	}
	web.Jar = nil
	web.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return web, release
}

// now is the wall clock, without the monotonic part: what is remembered and
// shown goes on while a laptop sleeps.
func (c *Client) now() time.Time {
	if c.Now == nil {
		return time.Now().Round(0)
	}
	return c.Now().Round(0)
}

func (c *Client) log() *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Log
}
