package command_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// goodPIN is weak by no rule.
const goodPIN = "482915"

// ruling is the answer to a PIN or a badge.
type ruling struct {
	Result  string    `json:"result"`
	Reason  string    `json:"reason"`
	Left    int       `json:"left"`
	RetryAt time.Time `json:"retry_at"`
}

// ask does what our page does with what was typed.
func (a *app) ask(path string, body any) ruling {
	a.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		a.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.site+"/api/offline/"+path, strings.NewReader(string(text)))
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Origin", a.site)
	req.Header.Set("Content-Type", "application/json")
	resp, err := a.client.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }() // read to the end
	answer, err := io.ReadAll(resp.Body)
	var got ruling
	if err != nil || resp.StatusCode != http.StatusOK || json.Unmarshal(answer, &got) != nil {
		a.t.Fatalf("%s: %s %s, %v", path, resp.Status, answer, err)
	}
	return got
}

func (a *app) pin(jobNumber, pin string) ruling {
	a.t.Helper()
	return a.ask("pin", map[string]string{"job_number": jobNumber, "pin": pin})
}

// want wants somebody refused for a reason, or let in with none.
func (r ruling) want(t *testing.T, reason string) {
	t.Helper()
	if r.Reason != reason || (r.Result == "ok") != (reason == "") {
		t.Fatalf("answered %+v, want %q", r, reason)
	}
}

// enrol signs somebody in with DingTalk in the app, has them set a PIN, and
// signs them out again.
func (m *machine) enrol(userID string) {
	m.t.Helper()
	a := m.app()
	if a.snapshot(a.site).Phase != "waiting" {
		a.post(a.site, "/api/login")
	}
	if _, err := a.answer(a.code(a.site), "confirm", userID); err != nil {
		m.t.Fatal(err)
	}
	a.follows(a.site, `"phase":"signed_in".*"can_enrol":true`)
	a.ask("enrol", map[string]string{"pin": "123456"}).want(m.t, "sequence")
	a.ask("enrol", map[string]string{"pin": goodPIN}).want(m.t, "")
	a.follows(a.site, `"offline":\{"ways":\["pin"\],"enrolled":\["pin"\],"can_enrol":true`)
	a.post(a.site, "/api/logout")
	a.ask("enrol", map[string]string{"pin": "739264"}).want(m.t, "not_now")
	a.end()
}

// gone is the same machine with DingTalk out of reach.
func (m *machine) gone() *machine { return m.behind(closedPort(m.t)) }

// offlineApp starts the app with DingTalk out of reach, and waits until that is
// known.
func (m *machine) offlineApp() *app {
	m.t.Helper()
	a := m.gone().app()
	a.follows(a.site, `"network":\{"state":"offline"`)
	return a
}

func TestAPINSignsInWithoutDingTalk(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	a := m.offlineApp()
	a.follows(a.site, `"offline":\{"ways":\["pin"\]\}`)
	a.wantShown("failed", "") // the code that could not be shown
	a.pin("", goodPIN).want(t, "not_enrolled")
	if r := a.pin("A001", "482916"); r.Reason != "wrong_pin" || r.Left != 9 || !r.RetryAt.IsZero() {
		t.Errorf("a wrong PIN: %+v", r)
	}
	a.pin("A001", goodPIN).want(t, "")
	a.wantShown("signed_in", "张三")
	a.follows(a.site, `"source":"cache".*"verdict":"allow","reason":"fresh","uses_left":19`)
	a.end()
}
