package loopback_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
)

// fakeOffline answers what a test says, and remembers what it was asked.
type fakeOffline struct {
	decision login.Decision
	refused  string
	err      error
	state    login.OfflineState

	mu    sync.Mutex
	asked []string
}

func (o *fakeOffline) hear(words ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, strings.Join(words, " "))
}

func (o *fakeOffline) heard() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.asked, ", ")
}

func (o *fakeOffline) ByPIN(_ context.Context, jobNumber string, pin secret.Text) (login.Decision, error) {
	o.hear("pin", jobNumber, pin.Reveal())
	return o.decision, o.err
}

func (o *fakeOffline) ByBadge(_ context.Context, badge secret.Text) (login.Decision, error) {
	o.hear("badge", badge.Reveal())
	return o.decision, o.err
}

func (o *fakeOffline) Enrol(_ context.Context, pin secret.Text) (string, error) {
	o.hear("enrol", pin.Reveal())
	return o.refused, o.err
}

func (o *fakeOffline) Revoke(context.Context) error { o.hear("revoke"); return o.err }

func (o *fakeOffline) OfflineState(context.Context) login.OfflineState { return o.state }

// counter is a site with this for offline sign-in, whose clock is an hour ahead
// of trusted time.
func counter(t *testing.T, o *fakeOffline) *site {
	t.Helper()
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	s := newSite(t, func(p *plan) {
		p.options.Offline = o
		p.options.Now = func() time.Time { return now }
		p.options.Clock = func() identity.Moment {
			return identity.Moment{Now: now.Add(-time.Hour), Trust: identity.Measured, Off: time.Hour}
		}
	})
	s.launch()
	return s
}

const trusted = "2026-11-22T08:00:00Z"

func TestPINAndBadgeAreHandedOnAndAnswered(t *testing.T) {
	t.Parallel()
	until, err := time.Parse(time.RFC3339, trusted)
	if err != nil {
		t.Fatal(err)
	}
	wrong := login.Decision{Refused: "wrong_pin", Left: 7, RetryAt: until.Add(30 * time.Second)}
	for name, tc := range map[string]struct {
		offline           *fakeOffline
		path, body, heard string
		want              string
	}{
		"a PIN with a job number": {&fakeOffline{}, "pin", `{"job_number":"A007","pin":"482915"}`, "pin A007 482915", `{"result":"ok"}`},
		"a PIN alone":             {&fakeOffline{}, "pin", `{"pin":"482915"}`, "pin  482915", `{"result":"ok"}`},
		// By the clock that «now» in the snapshot is of.
		"a wrong PIN": {&fakeOffline{decision: wrong}, "pin", `{"pin":"000000"}`, "pin  000000",
			`{"result":"refused","reason":"wrong_pin","left":7,"retry_at":"2026-11-22T09:00:30Z"}`},
		"a badge":             {&fakeOffline{}, "badge", `{"badge":"346411"}`, "badge 346411", `{"result":"ok"}`},
		"a revoked badge":     {&fakeOffline{decision: login.Decision{Refused: "revoked"}}, "badge", `{"badge":"346411"}`, "badge 346411", `{"result":"refused","reason":"revoked"}`},
		"a PIN to be set":     {&fakeOffline{}, "enrol", `{"pin":"482915"}`, "enrol 482915", `{"result":"ok"}`},
		"a weak PIN":          {&fakeOffline{refused: "sequence"}, "enrol", `{"pin":"123456"}`, "enrol 123456", `{"result":"refused","reason":"sequence"}`},
		"a PIN to be dropped": {&fakeOffline{}, "revoke", `{}`, "revoke", `{"result":"ok"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := counter(t, tc.offline)
			got := s.post("/api/offline/"+tc.path, tc.body, ours...)
			if got.status != 200 || strings.TrimSpace(got.body) != tc.want || tc.offline.heard() != tc.heard {
				t.Errorf("answered %d %s after %q, want %s after %q", got.status, got.body, tc.offline.heard(), tc.want, tc.heard)
			}
		})
	}
}

// What is no PIN and no badge of our page reaches nobody, and is not repeated.
func TestWhatIsNotFromOurPageIsNotHandedOn(t *testing.T) {
	t.Parallel()
	o := &fakeOffline{}
	s := counter(t, o)
	const pin = "739264"
	for _, path := range []string{"pin", "badge", "enrol", "revoke"} {
		path = "/api/offline/" + path
		body := `{"pin":"` + pin + `"}`
		for name, headers := range map[string][]string{
			"no cookie":       {"Origin: {origin}"},
			"no origin":       {"Cookie: {cookie}"},
			"another origin":  {"Cookie: {cookie}", "Origin: http://127.0.0.1:1"},
			"another site":    {"Cookie: {cookie}", "Origin: {origin}", "Sec-Fetch-Site: same-site"},
			"a wrong referer": {"Origin: null", "Cookie: {cookie}"},
		} {
			if got := s.post(path, body, headers...); got.status != 403 {
				t.Errorf("%s with %s: %d", path, name, got.status)
			}
		}
		if got := s.get(path, ours...); got.status != 405 {
			t.Errorf("GET %s: %d", path, got.status)
		}
		for name, body := range map[string]string{
			"nothing": "", "no JSON": pin, "a number": `{"pin":` + pin + `}`, "half of it": `{"pin":"` + pin, "a list": `["` + pin + `"]`,
			"another field": `{"pin":"` + pin + `","badge":"x","again":1}`, "two values": `{} {"pin":"` + pin + `"}`,
			"too much": `{"` + strings.Repeat(" ", 5000) + `pin":"` + pin + `"}`,
		} {
			got := s.post(path, body, ours...)
			if got.status != 400 || strings.Contains(got.raw, pin) {
				t.Errorf("%s with %s: %s", path, name, got.raw)
			}
		}
	}
	form := s.send(s.fill("POST /api/offline/pin HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/plain\r\n"+strings.Join(ours, "\r\n"))+
		"\r\nConnection: close\r\nContent-Length: 16\r\n\r\n{\"pin\":\"739264\"}", "POST")
	if form.status != 400 {
		t.Errorf("as a form would send it: %d", form.status)
	}
	if o.heard() != "" || strings.Contains(s.logs.String(), pin) {
		t.Errorf("handed on: %q; the log: %s", o.heard(), s.logs.String())
	}
}

func TestWhatCouldNotBeDecidedIsToldByItsCode(t *testing.T) {
	t.Parallel()
	s := counter(t, &fakeOffline{err: login.Fail(login.KeyUnavailable, errors.New("locked"))})
	for path, body := range map[string]string{"pin": `{"pin":"482915"}`, "badge": `{"badge":"1"}`, "enrol": `{"pin":"482915"}`, "revoke": `{}`} {
		got := s.post("/api/offline/"+path, body, ours...)
		if got.status != 503 || !strings.Contains(got.body, `"code":"key_unavailable"`) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

func TestTheScreenIsToldWhatCanBeUsed(t *testing.T) {
	t.Parallel()
	until, err := time.Parse(time.RFC3339, trusted)
	if err != nil {
		t.Fatal(err)
	}
	both := []signlog.Method{signlog.ByPIN, signlog.ByBadge}
	for name, tc := range map[string]struct {
		state login.OfflineState
		want  string
	}{
		"nothing": {login.OfflineState{}, ``},
		"all": {login.OfflineState{Ways: both, Enrolled: both[:1], CanEnrol: true, Lock: &login.OfflineLock{Until: until, Left: 7}},
			`{"ways":["pin","badge"],"enrolled":["pin"],"can_enrol":true,"lock":{"until":"2026-11-22T09:00:00Z","left":7}}`},
		"a PIN that is locked": {login.OfflineState{Lock: &login.OfflineLock{Reason: "device_locked"}}, `{"lock":{"reason":"device_locked","left":0}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := counter(t, &fakeOffline{state: tc.state})
			var got struct{ Offline json.RawMessage }
			if err := json.Unmarshal([]byte(s.get("/api/snapshot", ours...).body), &got); err != nil || string(got.Offline) != tc.want {
				t.Errorf("%s, %v; want %s", got.Offline, err, tc.want)
			}
		})
	}
	if s := newSite(t); strings.Contains(s.get("/api/snapshot", ours...).body, "offline") {
		t.Error("something is told where there is no offline sign-in")
	}
}
