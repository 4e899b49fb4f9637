package conformance_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/dingtalk/callback"
	"github.com/dingpass/dingpass/backend/dingtalk/stream"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/secret"
)

const openPath = "/v1.0/gateway/connections/open"

// listener is the Stream client under way.
type listener struct {
	w      *world
	client *stream.Client
	events chan callback.Event
	ended  chan error

	mu     sync.Mutex
	unwell int // how many events more the handler fails on
}

func (w *world) stream() *listener {
	app := w.App()
	return &listener{w: w, events: make(chan callback.Event, 100), ended: make(chan error, 1), client: &stream.Client{
		ClientID: app.ClientID, ClientSecret: app.ClientSecret, APIURL: w.URL(), HTTP: w.web, Now: w.Now,
		Log: slog.New(slog.NewTextHandler(&w.log, nil)),
	}}
}

// run runs the client until the test ends.
func (l *listener) run() *listener {
	ctx, stop := context.WithCancel(l.w.t.Context())
	var running sync.WaitGroup
	running.Go(func() { l.ended <- l.client.Run(ctx, l.take) })
	l.w.t.Cleanup(func() { stop(); running.Wait() })
	return l
}

var errUnwell = errors.New("not now")

func (l *listener) take(_ context.Context, event callback.Event) error {
	l.mu.Lock()
	sick := l.unwell > 0
	l.unwell--
	l.mu.Unlock()
	l.events <- event
	if sick {
		return errUnwell
	}
	return nil
}

// until asks the sandbox for its state until something is so.
func (w *world) until(what func() bool) {
	for !what() {
		w.browse(w.URL() + "/_control/events")
		if w.t.Context().Err() != nil {
			return
		}
	}
}

func (l *listener) connected() *listener {
	l.w.until(func() bool { return l.w.Connections() == 1 && l.client.Status().Opened > 0 })
	return l
}

func (l *listener) settled() { l.w.until(func() bool { return len(l.w.PendingEvents()) == 0 }) }

func TestStreamOpenEndsWithoutCredentials(t *testing.T) {
	t.Parallel()
	run(t, []row{
		{name: "9.1 invalidClientIdOrSecret", given: func(w *world) { w.set("client_secret", "changed-in-the-console") },
			call: func(w *world) (any, error) {
				l := w.stream()
				l.client.ClientSecret = w.hide(secret.New(sandbox.DefaultClientSecret))
				return nil, <-l.run().ended
			},
			fails: named(openPath, 400, "invalidClientIdOrSecret", dingtalk.Settings, login.AppMisconfigured)},
	})
}

// Whatever may pass is told in the status, and tried again.
func TestStreamOpenIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		given func(*world)
		want  login.Code
	}{
		{"9.1 IpNotInWhiteList", elsewhere, login.IPNotAllowed},
		{"9.1 AccessTokenPermissionDenied", faulted(openPath, sandbox.Fault{Status: 403, Code: "Forbidden.AccessDenied.AccessTokenPermissionDenied"}), login.PermissionMissing},
		{"9.1 QpsLimit…", faulted(openPath, sandbox.Fault{Kind: sandbox.FaultRateLimited}), login.RateLimited},
		{"9.1 HTTP 429", faulted(openPath, sandbox.Fault{Status: 429}), login.RateLimited},
		{"9.1 the guard", faulted(openPath, sandbox.Fault{Body: `{"status":1111,"wait":6,"source":"x5","punish":"deny","uuid":"0a1b2c3d"}`}), login.RateLimited},
		{"9.1 system.error", faulted(openPath, sandbox.Fault{Status: 500, Code: "system.error"}), login.ProviderUnavailable},
		{"9.1 HTML", faulted(openPath, sandbox.Fault{Kind: sandbox.FaultHTML}), login.ProviderAnswer},
		{"9.1 errcode 404 with HTTP 200", faulted(openPath, sandbox.Fault{Body: `{"errcode":404,"errmsg":"请求的URI地址不存在"}`}), login.ProviderAnswer},
		{"9.1 XML", faulted(openPath, sandbox.Fault{Body: `<OpenConnectionResponse><endpoint>wss://x</endpoint></OpenConnectionResponse>`}), login.ProviderAnswer},
		{"9.1 no answer", faulted(openPath, sandbox.Fault{Kind: sandbox.FaultDrop}), login.Network},
		{"9.1 a ticket that is none", faulted("/connect", sandbox.Fault{Kind: sandbox.FaultHTML, Status: 401}), login.ProviderAnswer},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tc.given(w)
			l := w.stream().run()
			w.until(func() bool { return l.client.Status().Problem != "" })
			if got := l.client.Status(); got.Problem != tc.want || got.Opened != 0 {
				t.Errorf("status %+v, want %q", got, tc.want)
			}
			w.ClearFaults()
			w.set("allowed_ips", []string{})
			if l.connected(); l.client.Status().Problem != "" {
				t.Errorf("well again, and the status is %+v", l.client.Status())
			}
		})
	}
}

func TestStreamEvents(t *testing.T) {
	t.Parallel()
	for name, tc := range occasions() {
		t.Run("9.2 EVENT, "+name, func(t *testing.T) {
			t.Parallel()
			w := newWorldAt(t, still)
			l := w.stream().run().connected()
			tc.want.Type = tc.kind
			tc.want.ID = w.happens(tc.kind, tc.fields)
			same(t, w, <-l.events, tc.want)
			l.settled()
		})
	}
}

func TestStreamReplies(t *testing.T) {
	t.Parallel()
	const leave, fields = callback.UserLeaveOrg, `{"userId":["zhang01"]}`
	t.Run("9.3 EVENT, want redelivery", func(t *testing.T) {
		t.Parallel()
		w := newWorldAt(t, still)
		l := w.stream()
		l.unwell = 1
		l.run().connected()
		id := w.happens(leave, fields)
		<-l.events
		if len(w.PendingEvents()) != 1 {
			t.Error("it was acknowledged")
		}
		w.later("1m")
		if again := <-l.events; again.ID != id {
			t.Errorf("sent again: %q", again.ID)
		}
		l.settled()
	})
	t.Run("9.3 ping, same data", func(t *testing.T) {
		t.Parallel()
		w := newWorldAt(t, still)
		l := w.stream().run().connected()
		w.control("stream", map[string]string{"action": "ping"})
		w.happens(leave, fields)
		<-l.events
		l.settled()
		if got := l.client.Status(); got.Opened != 1 || got.Since.IsZero() {
			t.Errorf("status %+v", got)
		}
	})
	t.Run("9.3 disconnect, no reply and a new connection", func(t *testing.T) {
		t.Parallel()
		w := newWorldAt(t, still)
		l := w.stream().run().connected()
		w.control("stream", map[string]string{"action": "disconnect", "reason": "connection expired"})
		id := w.happens(leave, fields)
		if event := <-l.events; event.ID != id {
			t.Errorf("got %q", event.ID)
		}
		l.settled()
		w.until(func() bool { return l.client.Status().Reason != "" })
		if got := l.client.Status(); got.Opened != 2 || w.calls("POST "+openPath) != 2 || got.Reason == "" {
			t.Errorf("status %+v, opened %d times", got, w.calls("POST "+openPath))
		}
	})
}

func TestStreamLife(t *testing.T) {
	t.Parallel()
	t.Run("9.4 a cut connection is replaced, and what waited arrives", func(t *testing.T) {
		t.Parallel()
		w := newWorldAt(t, still)
		l := w.stream().run().connected()
		w.control("stream", map[string]string{"action": "drop"})
		w.until(func() bool { return w.Connections() == 0 || l.client.Status().Opened == 2 })
		id := w.happens(callback.OrgDeptModify, `{"deptId":[88001]}`)
		if event := <-l.events; event.ID != id {
			t.Errorf("got %q", event.ID)
		}
		l.settled()
	})
	t.Run("9.4 two connections: each event goes to one of them", func(t *testing.T) {
		t.Parallel()
		w := newWorldAt(t, still)
		one, two := w.stream().run(), w.stream().run()
		w.until(func() bool { return w.Connections() == 2 })
		met := map[string]bool{}
		for range 20 {
			met[w.happens(callback.UserLeaveOrg, `{"userId":["zhang01"]}`)] = false
		}
		for range met {
			var event callback.Event
			select {
			case event = <-one.events:
			case event = <-two.events:
			}
			if again, known := met[event.ID]; !known || again {
				t.Errorf("got %q, known %t, before %t", event.ID, known, again)
			}
			met[event.ID] = true
		}
		one.settled()
	})
}
