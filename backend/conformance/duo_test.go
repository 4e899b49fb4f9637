package conformance_test

import (
	"errors"
	"iter"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
)

// duo is a sandbox on a socket, and a client of its app that goes by its clock.
type duo struct {
	*sandbox.Server
	t      *testing.T
	client *dingtalk.Client
}

func newDuo(t *testing.T) duo {
	t.Helper()
	return newDuoAt(t, nil)
}

func newDuoAt(t *testing.T, now func() time.Time) duo {
	t.Helper()
	server, err := sandbox.Listen(t.Context(), "", sandbox.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() }) // its error is always nil
	app, transport := server.App(), dingtalk.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	return duo{server, t, &dingtalk.Client{
		ClientID: app.ClientID, ClientSecret: app.ClientSecret, CorpID: app.CorpID,
		LoginURL: server.URL(), APIURL: server.URL(), OAPIURL: server.URL(),
		HTTP: &http.Client{Transport: transport}, Now: server.Now,
	}}
}

// forbid takes a permission from the app.
func (d duo) forbid(permission string) {
	d.t.Helper()
	if err := d.Change(func(s *sandbox.Settings) {
		var left []string
		for _, other := range s.Permissions {
			if other != permission {
				left = append(left, other)
			}
		}
		s.Permissions = left
	}); err != nil {
		d.t.Fatal(err)
	}
}

// spoil makes the next calls of an endpoint go wrong.
func (d duo) spoil(endpoint string, faults ...sandbox.Fault) {
	d.t.Helper()
	if err := d.SetFault(endpoint, faults...); err != nil {
		d.t.Fatal(err)
	}
}

// phone answers the QR or user code at a path as a script does.
func (d duo) phone(path, form string) {
	d.t.Helper()
	if status, _ := d.browse(http.MethodPost, d.URL()+path, form); status != http.StatusOK {
		d.t.Fatalf("the phone is answered HTTP %d", status)
	}
}

// browse sends a request of a person's, and says where it would be redirected.
func (d duo) browse(method, address, form string) (status int, onward string) {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, address, strings.NewReader(form))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := d.client.HTTP.Transport.RoundTrip(req)
	if err != nil {
		d.t.Fatal(err)
	}
	_ = resp.Body.Close() // what it says is for people
	return resp.StatusCode, resp.Header.Get("Location")
}

// duoFails wants a failure of this class and code, which says so much to an
// administrator; "" is what mendOf says.
func duoFails(t *testing.T, err error, class dingtalk.Class, code login.Code, detail string) {
	t.Helper()
	said, ok := errors.AsType[*dingtalk.Error](err)
	if !ok {
		t.Fatalf("%v: there is no *dingtalk.Error inside", err)
	}
	if detail == "" {
		detail = mendOf(said)
	}
	if said.Class() != class || login.CodeOf(err) != code || login.DetailOf(err) != detail {
		t.Errorf("%v is of class %s; want %s, %s (%s)", err, said.Class(), class, code, detail)
	}
}

// duoAll is the whole of a sequence, up to its first error.
func duoAll[T any](sequence iter.Seq2[T, error]) (items []T, err error) {
	for item, err := range sequence {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}
