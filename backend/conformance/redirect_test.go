package conformance_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"testing/fstest"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/loopback"
)

// ears is a sign-in that only hears what the redirect carried.
type ears struct {
	loopback.Service // nil: a redirect asks it for nothing else
	heard            chan login.Callback
}

func (e ears) Complete(cb login.Callback) login.Outcome {
	e.heard <- cb
	return login.Accepted
}

// listen is the address that DingTalk redirects to, with the product's own
// listener behind it.
func (w *world) listen() (redirect string, heard chan login.Callback) {
	w.t.Helper()
	address, err := loopback.Listen(w.t.Context(), []loopback.Redirect{{}})
	if err != nil {
		w.t.Fatal(err)
	}
	heard = make(chan login.Callback, 1)
	server, err := loopback.New(address, loopback.Options{Service: ears{heard: heard}, Assets: fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}}})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(w.t.Context())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx) }()
	w.t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			w.t.Error(err)
		}
	})
	return address.RedirectURI(), heard
}

// The redirect of the sandbox's page, and those of DingTalk's older and odder
// ones, through the listener that the product has for them.
func TestTheRedirectIsRead(t *testing.T) {
	t.Parallel()
	drop := func(name string) func(url.Values) { return func(q url.Values) { q.Del(name) } }
	for _, tc := range []struct {
		name   string
		action string
		alter  func(url.Values)
		want   string // what is heard: code, denied, or nothing
		status int
	}{
		{"1.2 success: authCode and code", "confirm", nil, "code", http.StatusSeeOther},
		{"1.2 success: authCode alone, as an older page has it", "confirm", drop("code"), "code", http.StatusSeeOther},
		{"1.2 success: code alone", "confirm", drop("authCode"), "code", http.StatusSeeOther},
		{"1.2 authCode and code differ", "confirm", func(q url.Values) { q.Set("code", "another") }, "", http.StatusBadRequest},
		{"1.2 refusal: error", "refuse", nil, "denied", http.StatusSeeOther},
		{"1.2 refusal: error and error_description", "refuse", func(q url.Values) { q.Set("error_description", "<b>user refused</b>") }, "denied", http.StatusSeeOther},
		{"1.2 refusal: an error without words", "refuse", func(q url.Values) { q.Set("error", "") }, "denied", http.StatusSeeOther},
		{"1.2 no state", "confirm", drop("state"), "", http.StatusBadRequest},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			redirect, heard := w.listen()
			page := w.browse(w.client.AuthorizeURL(login.AuthorizeRequest{State: "s-1", RedirectURI: redirect}))
			page.answer(tc.action, "zhang01")
			to := page.onward().to
			query := to.Query()
			code := query.Get("authCode")
			if tc.alter != nil {
				tc.alter(query)
			}
			to.RawQuery = query.Encode()
			if back := w.browse(to.String()); back.status != tc.status || back.to != nil && back.to.RawQuery != "" {
				t.Errorf("answered %d, to %v", back.status, back.to)
			}
			if got := said(heard, "s-1", code); got != tc.want {
				t.Errorf("heard %q, want %q", got, tc.want)
			}
		})
	}
}

// said is what was heard, if it was the right state's.
func said(heard chan login.Callback, state, code string) string {
	select {
	case cb := <-heard:
		switch {
		case cb.State != state:
			return "another state"
		case cb.Denied && cb.Code.Empty():
			return "denied"
		case !cb.Denied && cb.Code.Reveal() == code:
			return "code"
		}
		return "something else"
	default:
		return ""
	}
}
