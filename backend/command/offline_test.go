package command_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/command"
	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/sandbox"
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
func (a *app) ask(path string, body any) (got ruling) {
	a.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		a.t.Fatal(err)
	}
	status, answer := a.send(path, string(text))
	if status != http.StatusOK || json.Unmarshal([]byte(answer), &got) != nil {
		a.t.Fatalf("%s: %d %s", path, status, answer)
	}
	return got
}

// send posts a body as our page would.
func (a *app) send(path, body string) (status int, answer string) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.site+"/api/offline/"+path, strings.NewReader(body))
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
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
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
func (m *machine) gone() *machine { return m.behind(closedPort) }

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
	a.follows(a.site, `"phase":"failed"`) // the code that could not be shown
	a.pin("", goodPIN).want(t, "not_enrolled")
	if r := a.pin("A001", "482916"); r.Reason != "wrong_pin" || r.Left != 9 || !r.RetryAt.IsZero() {
		t.Errorf("a wrong PIN: %+v", r)
	}
	a.pin("A001", goodPIN).want(t, "")
	a.wantShown("signed_in", "张三")
	a.follows(a.site, `"source":"cache".*"verdict":"allow","reason":"fresh","uses_left":19`)
	a.end()
}

// zhang is who zhang01 is in the database.
func (m *machine) zhang() identity.Who {
	return identity.Who{CorpID: m.sandbox.App().CorpID, UserID: "zhang01"}
}

// badge issues a badge, and tells its id and what is in its QR.
func (m *machine) badge(who identity.Who) (id, text string) {
	m.t.Helper()
	id, sealed, err := command.IssueBadge(m.t.Context(), m.data, filepath.Join(m.home, "key"), who)
	if err != nil {
		m.t.Fatal(err)
	}
	return id, sealed.Reveal()
}

// wait lets the time pass that a lock takes: the last try is longer ago.
func (m *machine) wait(who identity.Who) {
	m.t.Helper()
	db, err := command.OpenSealed(m.t.Context(), m.data, filepath.Join(m.home, "key"))
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // what it acknowledged is kept
	err = db.Offline().Tries(m.t.Context(), offline.Subject{Who: who}, func(t *offline.Tallies) { t.Person.Last = t.Person.Last.Add(-24 * time.Hour) })
	if err != nil {
		m.t.Fatal(err)
	}
}

func TestWrongPINsTakeLongerAndLongerAndEnd(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	a := m.offlineApp()
	for left := 9; left > 0; left-- {
		r := a.pin("A001", "739264")
		if r.want(t, "wrong_pin"); r.Left != left || r.RetryAt.IsZero() != (left > 7) {
			t.Fatalf("a wrong PIN: %+v, want %d left", r, left)
		}
		if left > 7 {
			continue
		}
		if r = a.pin("A001", goodPIN); r.Reason != "locked" || r.Left != left || r.RetryAt.IsZero() {
			t.Fatalf("while it is locked: %+v", r)
		}
		m.wait(m.zhang())
	}
	a.pin("A001", "739264").want(t, "wrong_pin") // the tenth
	a.pin("A001", goodPIN).want(t, "hard_locked")
	a.end()

	a = m.offlineApp() // a restart opens nothing, nor does time
	m.wait(m.zhang())
	a.pin("A001", goodPIN).want(t, "hard_locked")
	a.end()
	m.signIn("zhang01") // and DingTalk does
	a = m.offlineApp()
	a.pin("A001", goodPIN).want(t, "")
	a.end()
	events, _ := m.exported()
	count := func(event string) (n int) {
		for _, e := range events {
			if strings.HasPrefix(e, event+" ") {
				n++
			}
		}
		return n
	}
	if count("pin_failed") != 10 || count("locked") != 8 || count("enrolled") != 1 || !slices.Contains(events, "enrolled  张三") {
		t.Errorf("the log tells %q", events)
	}
}

// Who was told no by DingTalk is told no by their PIN and their badge.
func TestWhoWasRefusedStaysRefusedOffline(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	_, badge := m.badge(m.zhang())
	p := m.personal("zhang01")
	p.Left = true
	m.put(p)
	s := m.login()
	newPerson(t).confirm(s.link(), "zhang01")
	s.wantFailed("not_member", 3)
	for range 2 {
		a := m.offlineApp()
		a.pin("A001", goodPIN).want(t, "gone")
		a.ask("badge", map[string]string{"badge": badge}).want(t, "gone")
		a.follows(a.site, `"phase":"failed"`)
		a.end()
	}
}

func TestABadgeSignsInUntilItIsTakenBack(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	id, badge := m.badge(m.zhang())
	a := m.app()
	a.post(a.site, "/api/logout") // and is still known, because of the badge
	a.end()
	a = m.offlineApp()
	a.follows(a.site, `"offline":\{"ways":\["badge"\]\}`)
	scan := func(text string) ruling { return a.ask("badge", map[string]string{"badge": text}) }
	scan("34641"+strings.Repeat("0", 63)).want(t, "bad_badge")
	scan(badge+"\n").want(t, "")
	a.wantShown("signed_in", "张三")
	a.post(a.site, "/api/logout")
	typed{"badge list", 0, `^` + id + ` +good +zhang01 +张三 +issued .* +expires .*\n$`, ""}.check(t, m)
	typed{"badge revoke " + id, 0, `^revoked: ` + id + `\n$`, ""}.check(t, m)
	scan(badge).want(t, "revoked")
	a.end()
	typed{"badge list --json", 0, `^\{"id":"` + id + `","user_id":"zhang01","name":"张三","state":"revoked","issued_at":"[^"]+","expires_at":"[^"]+","revoked_at":"[^"]+"\}\n$`, ""}.check(t, m)
}

func TestBadgesAreDrawnAndNothingElseTellsThem(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	png, card := filepath.Join(m.home, "zhang.png"), filepath.Join(m.home, "zhang.svg")
	got := m.run("badge", "issue", "zhang01", "--png", png, "--card", card, "--json")
	if got.code != 0 || strings.Contains(got.stdout, "34641") {
		t.Fatalf("badge issue: %+v", got)
	}
	wantKeys(t, got.stdout, "event", "id", "user_id", "name", "state", "issued_at", "expires_at", "files")
	if text := contents(t, png); !strings.HasPrefix(text, "\x89PNG") {
		t.Errorf("no PNG: %.8q", text)
	}
	if text := contents(t, card); !strings.Contains(text, "<svg") || !strings.Contains(text, "张三") {
		t.Errorf("no card: %.80q", text)
	}
	// A file that is there is left alone, and there is no badge for it.
	typed{"badge issue zhang01 --png " + filepath.Join(m.home, "new.png") + " --svg " + card, 2, "", `zhang.svg is there already`}.check(t, m)
	if _, err := os.Stat(filepath.Join(m.home, "new.png")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the other file: %v, want none", err)
	}
	typed{"badge issue zhang01", 2, "", `say where the badge goes`}.check(t, m)
	typed{"badge issue nobody --card " + filepath.Join(m.home, "n.svg"), 2, "", `nobody with the user id "nobody"`}.check(t, m)
	typed{"badge revoke 00", 2, "", `no badge with the id "00"`}.check(t, m)
	if list := m.run("badge", "list"); strings.Count(list.stdout, " good ") != 1 || strings.Count(list.stdout, "\n") != 1 {
		t.Errorf("badge list: %s", list.stdout)
	}
}

func TestATypingMistakeMakesNoDatabase(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	typed{"badge issue zhang01", 2, "", `say where the badge goes`}.check(t, m)
	if made, err := filepath.Glob(filepath.Join(m.data, "*")); len(made) > 0 || err != nil {
		t.Errorf("made %q, error %v; want nothing", made, err)
	}
}

// O1: a clock that was set back ends sign-in without DingTalk, and the screen
// offers none.
func TestAClockThatWasSetBackSuspendsPINs(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	m.mark(time.Now().Add(24 * time.Hour)) // seen from there, this machine's clock is so far back
	a := m.offlineApp()
	a.follows(a.site, `"clock":\{"suspended":true`)
	if page := a.get(a.site + "/api/snapshot"); strings.Contains(page, `"ways"`) {
		t.Errorf("it is offered all the same: %s", page)
	}
	for range 2 {
		a.pin("A001", goodPIN).want(t, "suspended")
	}
	a.end()
	if events, _ := m.exported(); strings.Count(strings.Join(events, "\n"), "time_suspended") != 1 {
		t.Errorf("the log tells %q", events)
	}
}

// A PIN is as good as a scan for whoever waits for the result, and the code on
// the screen is over with it.
func TestAPINEndsALoginThatShowsACode(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	s := m.login()
	a := &app{person: newPerson(t)}
	a.launch(s.link())
	s.until("waiting")
	onDingTalk := a.code(a.site)
	a.pin("A001", goodPIN).want(t, "")
	a.client.CheckRedirect = stopAt("/") // nobody is there to come back to
	_, _ = a.answer(onDingTalk, "confirm", "li02")
	if last, code := s.end(); code != 0 || last.Source != "cache" || !strings.Contains(string(last.Identity), "zhang01") {
		t.Errorf("ended with %+v and %d", last, code)
	}
	if got := m.run("whoami"); !strings.Contains(got.stdout, "张三") {
		t.Errorf("whoami: %+v", got)
	}
}

// The keys of before a rotation stay for as long as something needs them.
func TestAPINOutlivesARotationOfTheKey(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	for range 2 {
		if got := m.run("cache", "rotate"); got.code != 0 {
			t.Fatalf("cache rotate: %+v", got)
		}
		a := m.offlineApp()
		a.pin("A001", goodPIN).want(t, "")
		a.end()
	}
}

// What the demonstration tells people to try: the network goes while the app
// runs, and comes back.
func TestThePINIsOfferedWhenTheNetworkGoes(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	a := m.app()
	a.follows(a.site, `"network":\{"state":"online"`)
	if page := a.get(a.site + "/api/snapshot"); strings.Contains(page, `"ways"`) {
		t.Errorf("a PIN is offered while the code works: %s", page)
	}
	m.fault("*", sandbox.Fault{Kind: sandbox.FaultDrop})
	a.post(a.site, "/api/login")
	a.follows(a.site, `"offline":\{"ways":\["pin"\]\},"network":\{"state":"offline"`)
	a.pin("A001", goodPIN).want(t, "")
	m.sandbox.ClearFaults()
	a.post(a.site, "/api/network/retry")
	a.follows(a.site, `"network":\{"state":"(online|shaky)"`)
	a.wantShown("signed_in", "张三")
	a.end()
}

// O2: an older copy of the database has PINs and counts of then. One sign-in
// with DingTalk makes them of now.
func TestAnOlderCopyOfTheDatabaseLetsNobodyIn(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	file := filepath.Join(m.data, "dingpass.db")
	older := contents(t, file)
	a := m.offlineApp()
	a.pin("A001", "739264").want(t, "wrong_pin")
	a.end()
	if err := os.WriteFile(file, []byte(older), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		a = m.offlineApp()
		a.pin("A001", goodPIN).want(t, "stale")
		a.end()
	}
	// Sign-ins are kept to the second: this one is of a later second.
	if err := m.sandbox.Change(func(s *sandbox.Settings) { s.ClockSkew = 30 * time.Second }); err != nil {
		t.Fatal(err)
	}
	m.signIn("zhang01")
	a = m.offlineApp()
	a.pin("A001", goodPIN).want(t, "")
	a.end()
}

// exec changes the database as another program would.
func (m *machine) exec(statement string) {
	m.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(m.data, "dingpass.db"))
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // what it acknowledged is kept
	if _, err := db.ExecContext(m.t.Context(), statement); err != nil {
		m.t.Fatal(err)
	}
}

// design 5: online, every sign-in re-checks membership with DingTalk.
func TestAPINOfWhoHasLeftOpensNothingWhileDingTalkCanBeAsked(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	_, badge, err := command.IssueBadge(t.Context(), m.data, filepath.Join(m.home, "key"), m.zhang())
	if err != nil {
		t.Fatal(err)
	}
	a := m.app()
	a.follows(a.site, `"network":\{"state":"online"`)
	a.pin("A001", goodPIN).want(t, "") // is still there
	a.post(a.site, "/api/logout")
	p := m.personal("zhang01")
	p.Left = true
	m.put(p)
	a.pin("A001", goodPIN).want(t, "gone")
	a.ask("badge", map[string]string{"badge": badge.Reveal()}).want(t, "gone")
	a.end()
	a = m.offlineApp()
	a.pin("A001", goodPIN).want(t, "gone")
	a.end()
}

// Who signs out is forgotten only where it is certain that they have no way back.
func TestSigningOutKeepsWhoMayReturn(t *testing.T) {
	t.Parallel()
	damage := func(m *machine) { m.exec("UPDATE badges SET body = x'00'") }
	for name, c := range map[string]struct {
		pin     bool
		badgeOf string
		good    time.Duration // for so long the badge is, from now on
		meets   func(m *machine)
		stays   bool
	}{
		"a PIN, beside a damaged badge":       {true, "li02", time.Hour, damage, true},
		"nothing, beside a damaged badge":     {false, "li02", time.Hour, damage, false},
		"a badge that cannot be read":         {false, "zhang01", time.Hour, damage, true},
		"a badge that is good":                {false, "zhang01", time.Hour, func(*machine) {}, true},
		"a badge that has expired":            {false, "zhang01", -time.Hour, func(*machine) {}, false},
		"a badge, by a clock nobody confirms": {false, "zhang01", -time.Hour, func(m *machine) { m.mark(time.Now().Add(-2 * time.Hour)) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			if c.pin {
				m.enrol("zhang01")
			}
			m.signIn("li02")
			m.signIn("zhang01")
			m.keepBadge(c.badgeOf, c.good)
			c.meets(m)
			a := m.offlineApp()
			a.wantShown("signed_in", "张三")
			a.post(a.site, "/api/logout")
			a.wantShown("idle", "")
			if c.pin {
				a.pin("A001", goodPIN).want(t, "")
			}
			a.end()
			if list := m.run("cache", "list"); strings.Contains(list.stdout, "zhang01") != c.stays {
				t.Errorf("kept: %s", list.stdout)
			}
		})
	}
}

// keepBadge puts a badge into the database that nobody has printed.
func (m *machine) keepBadge(userID string, good time.Duration) {
	m.t.Helper()
	db, err := command.OpenSealed(m.t.Context(), m.data, filepath.Join(m.home, "key"))
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // what it acknowledged is kept
	err = db.Offline().KeepBadge(m.t.Context(), offline.Badge{
		ID: "00", Who: identity.Who{CorpID: m.sandbox.App().CorpID, UserID: userID},
		Issued: time.Now().Add(-2 * time.Hour), Expires: time.Now().Add(good),
	})
	if err != nil {
		m.t.Fatal(err)
	}
}
