package conformance_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/secret"
)

// planted is in every message of a fault, and in nothing that the client says.
const planted = "Pl4nted-message"

// world is a sandbox on a socket and a client of its app, which share a clock.
type world struct {
	*sandbox.Server
	t      *testing.T
	client *dingtalk.Client
	web    *http.Client // a browser, a phone, an administrator
	log    journal
	hidden []string // what no log may hold
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldAt(t, nil)
}

// still is a clock that only /_control moves.
func still() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

func newWorldAt(t *testing.T, now func() time.Time) *world {
	t.Helper()
	server, err := sandbox.Listen(t.Context(), "", sandbox.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() }) // its error is always nil
	app, transport := server.App(), dingtalk.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	w := &world{Server: server, t: t, hidden: []string{planted, app.ClientSecret.Reveal()}}
	w.web = &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	w.client = &dingtalk.Client{
		ClientID: app.ClientID, ClientSecret: app.ClientSecret, CorpID: app.CorpID,
		LoginURL: server.URL(), APIURL: server.URL(), OAPIURL: server.URL(),
		HTTP: &http.Client{Transport: transport}, Now: server.Now,
		Log: slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	t.Cleanup(w.wantDiscreetLog)
	return w
}

// hide takes note of what the client must keep to itself.
func (w *world) hide(text secret.Text) secret.Text {
	w.hidden = append(w.hidden, text.Reveal())
	return text
}

func (w *world) wantDiscreetLog() {
	for _, text := range w.hidden {
		if text != "" && strings.Contains(w.log.String(), text) {
			w.t.Errorf("the log holds what it must not (%d bytes):\n%s", len(text), &w.log)
		}
	}
}

// control sends one of /_control's orders.
func (w *world) control(path string, order any) []byte {
	w.t.Helper()
	body, err := json.Marshal(order)
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := w.web.Post(w.URL()+"/_control/"+path, "application/json", bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }() // read to the end
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		w.t.Fatalf("/_control/%s answers %s: %s", path, resp.Status, answer)
	}
	return answer
}

// fault spoils the calls of an endpoint that come next.
func (w *world) fault(endpoint string, faults ...sandbox.Fault) {
	w.t.Helper()
	for i := range faults {
		faults[i].Message = planted
	}
	w.control("faults", map[string]any{"endpoint": endpoint, "faults": faults})
}

// set changes one of the sandbox's settings.
func (w *world) set(name string, value any) {
	w.t.Helper()
	w.control("settings", map[string]any{name: value})
}

// without takes a permission from the app.
func (w *world) without(permission string) {
	w.t.Helper()
	left := []string{}
	for _, other := range w.Settings().Permissions {
		if other != permission {
			left = append(left, other)
		}
	}
	w.set("permissions", left)
}

// later moves the clock.
func (w *world) later(span string) {
	w.t.Helper()
	w.control("clock", map[string]string{"advance": span})
}

func (w *world) tokens(action string) {
	w.t.Helper()
	w.control("tokens", map[string]string{"action": action})
}

// who is somebody of the sandbox's company.
func (w *world) who(userID string) sandbox.Person {
	w.t.Helper()
	p, err := w.Person(userID)
	if err != nil {
		w.t.Fatal(userID, err)
	}
	return p
}

// calls is how often an endpoint was asked.
func (w *world) calls(endpoint string) int { return w.Counts()[endpoint] }

// journal is a log that may be read while it is written.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}
