package conformance_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
)

func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*dingtalk.Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

// What comes in the place of an answer, on either host.
func TestEnvelopes(t *testing.T) {
	t.Parallel()
	const cut, notJSON, large = "the answer was cut off", "the answer is not the JSON that it should be", "the answer is larger than 1 MiB"
	var rows []row
	for path, ask := range map[string]call{
		grantPath:   func(w *world) (any, error) { return exchange(w, w.scan("zhang01")) },
		visitorPath: visitOf("zhang01"),
	} {
		rows = append(rows,
			row{name: "0.1 HTML with HTTP 200 " + path, given: faulted(path, sandbox.Fault{Kind: sandbox.FaultHTML}), call: ask,
				fails: formless(path, 200, notJSON, dingtalk.Retry, login.ProviderAnswer)},
			row{name: "0.1 HTML with HTTP 502 " + path, given: faulted(path, sandbox.Fault{Kind: sandbox.FaultHTML, Status: 502}), call: ask,
				fails: formless(path, 502, notJSON, dingtalk.Retry, login.ProviderUnavailable)},
			row{name: "0.1 half of an answer " + path, given: faulted(path, sandbox.Fault{Kind: sandbox.FaultCut}), call: ask,
				fails: formless(path, 200, cut, dingtalk.Retry, login.Network)},
			row{name: "0.1 10 MB " + path, given: faulted(path, sandbox.Fault{Kind: sandbox.FaultHuge}), call: ask,
				fails: formless(path, 200, large, dingtalk.Bug, login.ProviderAnswer)},
			row{name: "0.1 no answer " + path, given: faulted(path, sandbox.Fault{Kind: sandbox.FaultDrop}), call: ask,
				fails: formless(path, 0, "EOF", dingtalk.Retry, login.Network)},
			row{name: "0.1 a late answer " + path, given: faulted(path, sandbox.Fault{Latency: 20 * time.Millisecond}), call: func(w *world) (any, error) {
				_, err := ask(w)
				return nil, err
			}, want: value(nil)},
		)
	}
	run(t, append(rows,
		row{name: "0.1 an unknown path of the newer API: HTTP 200 and errcode 404", given: func(w *world) { w.client.APIURL += "/v1.0/moved" },
			call:  func(w *world) (any, error) { return w.client.AppToken(w.t.Context()) },
			fails: noRequestID(plain(appTokenPath, 404, dingtalk.Bug, login.ProviderAnswer))},
		row{name: "0.1 an unknown path of the older API: 88 and 22", given: func(w *world) { w.client.OAPIURL += "/topapi/moved" },
			call: member("zhang01"), fails: wrapped(memberPath, 22, dingtalk.Bug, login.Internal)},
		row{name: "0.1 no answer until the caller goes", given: faulted(visitorPath, sandbox.Fault{Kind: sandbox.FaultHang}),
			call: func(w *world) (any, error) {
				w.appToken()
				code := w.visit("zhang01")
				return w.client.VisitorByCode(w.overdueOnce("POST "+visitorPath), code)
			},
			fails: formless(visitorPath, 0, context.DeadlineExceeded.Error(), dingtalk.Retry, login.Network)},
	))
}

// overdue is a context whose deadline passes when it is closed.
type overdue struct {
	context.Context
	passed chan struct{}
}

func (o overdue) Done() <-chan struct{} { return o.passed }

func (o overdue) Err() error {
	select {
	case <-o.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// overdueOnce is a context whose deadline passes once an endpoint has been asked.
func (w *world) overdueOnce(endpoint string) context.Context {
	ctx := overdue{w.t.Context(), make(chan struct{})}
	go func() {
		defer close(ctx.passed)
		for w.calls(endpoint) == 0 && w.t.Context().Err() == nil {
			<-time.After(time.Millisecond)
		}
	}()
	return ctx
}

// noRequestID is a refusal in a shape that has none.
func noRequestID(f *failure) *failure {
	f.anonymous = true
	return f
}

func TestAGetOfAPostIsNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{appTokenPath, grantPath} {
		if got := w.browse(w.URL() + path); got.status != http.StatusNotFound {
			t.Errorf("0.1 GET %s: %d", path, got.status)
		}
	}
}
