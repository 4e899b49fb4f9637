package command_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/command"
)

// app is the app under way, and somebody with its page open.
type app struct {
	*person
	site   string
	stderr *watched
	stop   context.CancelFunc
	done   <-chan int // the exit code, once
}

// app starts the app, or the demonstration, and opens the link that it tells.
func (m *machine) app(args ...string) *app {
	m.t.Helper()
	a := m.start(args...)
	a.launch(a.stderr.waitFor(m.t, `http://\S+/open/\S+`))
	return a
}

// start starts the app, with its page still to be opened.
func (m *machine) start(args ...string) *app {
	m.t.Helper()
	ctx, stop := context.WithCancel(m.t.Context())
	done, ended := make(chan int, 1), make(chan struct{})
	a := &app{person: newPerson(m.t), stderr: newWatched(), stop: stop, done: done}
	program := m.program(&transcript{}, a.stderr)
	go func() {
		defer close(ended)
		done <- program.Run(ctx, args)
	}()
	m.t.Cleanup(func() { // before its folder is removed
		stop()
		select {
		case <-ended:
		case <-time.After(generous):
		}
	})
	return a
}

// launch opens the page by its launch link.
func (a *app) launch(link string) {
	a.t.Helper()
	a.site, _, _ = strings.Cut(link, "/open/")
	if page := a.get(link); page != indexPage {
		a.t.Fatalf("the launch link leads to %q", page)
	}
}

// end closes the app and wants it to end well.
func (a *app) end() {
	a.t.Helper()
	a.stop()
	a.wantEnd()
}

// wantEnd wants the app to have ended by itself, and well.
func (a *app) wantEnd() {
	a.t.Helper()
	select {
	case code := <-a.done:
		if code != 0 {
			a.t.Errorf("the app ended with exit code %d: %s", code, a.stderr)
		}
	case <-time.After(generous):
		a.t.Fatalf("the app does not end: %s", a.stderr)
	}
}

// shown is what the tests read of a snapshot.
type shown struct {
	Phase, Attempt, Embed string
	Person                *struct{ Name string }
}

// snapshot asks what is to be shown.
func (p *person) snapshot(site string) shown {
	p.t.Helper()
	var got shown
	if err := json.Unmarshal([]byte(p.get(site+"/api/snapshot")), &got); err != nil {
		p.t.Fatal(err)
	}
	return got
}

// wantShown wants this phase and this person, "" for nobody.
func (a *app) wantShown(phase, name string) {
	a.t.Helper()
	got, who := a.snapshot(a.site), ""
	if got.Person != nil {
		who = got.Person.Name
	}
	if got.Phase != phase || who != name {
		a.t.Errorf("the app shows %s, %q; want %s, %q", got.Phase, who, phase, name)
	}
}

// post presses a button of our page.
func (p *person) post(site, path string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, site+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Origin", site)
	resp, err := p.client.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	if _ = resp.Body.Close(); resp.StatusCode != http.StatusAccepted {
		p.t.Fatalf("POST %s: %s", path, resp.Status)
	}
}

// The app and «dingpass login» may have one data folder: what one of them does,
// the other shows, and nobody signs out whom they do not see.
func TestTheAppShowsWhoWasSignedInAndOutElsewhere(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	a := m.offlineApp() // it looks when it is asked, and not at what DingTalk says meanwhile
	a.wantShown("signed_in", "张三")

	m.signIn("li02")
	a.wantShown("signed_in", "李思")

	m.signIn("zhang01") // and the app has not looked since
	a.post(a.site, "/api/logout")
	if got := m.run("whoami", "--json"); got.code != 0 || !strings.Contains(got.stdout, `"user_id":"zhang01"`) {
		t.Errorf("who was not shown is signed out: %+v", got)
	}
	a.wantShown("signed_in", "张三")

	if got := m.run("logout"); got.code != 0 {
		t.Errorf("logout: %+v", got)
	}
	a.wantShown("idle", "")
	a.end()
}

// Whom the cache may not speak for is not welcomed: the app asks for a sign-in.
func TestTheAppWelcomesOnlyWhomTheCacheMayTell(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ variable, value, phase string }{
		"an hour is within three days": {"DINGPASS_OFFLINE_FOR", "72h", "signed_in"},
		"an hour is too long":          {"DINGPASS_OFFLINE_FOR", "1s", "waiting"},
		"nothing offline":              {"DINGPASS_OFFLINE", "deny", "waiting"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t).with(c.variable, c.value)
			m.signIn("zhang01")
			m.age(time.Hour)
			a := m.app()
			if got := a.snapshot(a.site); got.Phase != c.phase {
				t.Errorf("the app begins in phase %s, want %s", got.Phase, c.phase)
			}
			a.end()
		})
	}
}

// age makes the last sign-in older.
func (m *machine) age(by time.Duration) {
	m.t.Helper()
	db, err := command.OpenSealed(m.t.Context(), m.data, filepath.Join(m.home, "key"))
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // what it acknowledged is kept
	rec, err := db.Current(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	rec.VerifiedAt = rec.VerifiedAt.Add(-by)
	if err := db.Keep(m.t.Context(), rec); err != nil {
		m.t.Fatal(err)
	}
}

func TestSecondStartSaysThatItIsRunningAlready(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "demo"} {
		t.Run("dingpass "+name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			a := m.app(strings.Fields(name)...)
			typed{name + " --language en", 1, "", `dingpass is already running\. Please use the window`}.check(t, m)
			typed{name + " --language zh-CN", 1, "", `dingpass 已在运行。请使用已打开的窗口`}.check(t, m)
			if got := a.snapshot(a.site); got.Phase != "waiting" {
				t.Errorf("the first is in phase %s", got.Phase)
			}
			a.end()
			m.app(strings.Fields(name)...).end() // its folder is free again
		})
	}
}

// T6: django-bolt #307, cli/cli PR #650: a browser that was made to use https
// shows none of our pages, so that the terminal has to say it.
func TestHTTPSIsToldInTheTerminalOnce(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]string{
		"en":    `open the same address with http:// in place of https://\.\n`,
		"zh-CN": `请把地址开头的 https:// 改成 http:// 再打开。\n`,
	} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			a := newMachine(t).app("--language", language)
			for range 2 {
				a.tryHTTPS()
			}
			a.stderr.waitFor(t, want)
			a.end()
			if told := regexp.MustCompile(want).FindAllString(a.stderr.String(), -1); len(told) != 1 {
				t.Errorf("it is told %d times: %s", len(told), a.stderr)
			}
		})
	}
}

// tryHTTPS says hello in TLS, and waits until that has been refused.
func (a *app) tryHTTPS() {
	a.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(a.t.Context(), "tcp", strings.TrimPrefix(a.site, "http://"))
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // refused
	if _, err := conn.Write([]byte("\x16\x03\x01\x00\xf1\x01\x00\x00\xed\x03\x03\r\n\r\n")); err != nil {
		a.t.Fatal(err)
	}
	_, _ = conn.Read(make([]byte, 1)) // an answer or the end, as the server likes
}

// Nobody tells us that a tab was closed. With a code up, the person may be at
// DingTalk's page; once that is over there is nobody left.
func TestTheAppEndsWhenItsTabWasClosedAndTheCodeIsOver(t *testing.T) {
	t.Parallel()
	a, onDingTalk := appWithClosedTab(t)
	a.client.CheckRedirect = stopAt("/") // nobody is there to come back to
	if _, err := a.answer(onDingTalk, "refuse", "zhang01"); err != nil {
		t.Fatal(err)
	}
	a.wantEnd()
}

// The same app told to end while the code is up: it once looked for its page
// for ever.
func TestTheAppIsToldToEndAfterItsTabWasClosed(t *testing.T) {
	t.Parallel()
	a, _ := appWithClosedTab(t)
	a.end()
}

// appWithClosedTab is an app in the system's browser with a code up, whose page
// was closed and has been looked for in vain.
func appWithClosedTab(t *testing.T) (*app, code) {
	t.Helper()
	links := make(chan string, 1)
	m := newMachine(t).with("DINGPASS_UI", "browser", "DISPLAY", ":none").tuned(func(p *command.Program) {
		p.Browse = func(link string) error { links <- link; return nil }
		p.SetPace(command.Pace{DesertedAfter: time.Millisecond})
	})
	a := m.start()
	a.launch(<-links)
	onDingTalk := a.code(a.site)
	a.look(a.site)
	for range 20 {
		if _, ok := codeOn(a.get(a.site + "/login/start")); !ok {
			t.Fatal("the code is gone with the tab")
		}
	}
	return a, onDingTalk
}

// Over SSH, say: our own page is there all the same, and goes to DingTalk
// itself.
func TestWithoutSystemBrowserTheAttemptGoesOnInOurPage(t *testing.T) {
	t.Parallel()
	m := newMachine(t).with("DINGPASS_UI", "browser", "DINGPASS_EMBED", "browser").tuned(func(p *command.Program) {
		p.Browse = func(string) error { return os.ErrNotExist }
	})
	a := m.app()
	a.follows(a.site, `"phase":"waiting",[^\n]*"embed":"page"`)
	if _, err := a.answer(a.code(a.site), "confirm", "zhang01"); err != nil {
		t.Fatal(err)
	}
	a.follows(a.site, `"phase":"signed_in"`)
	a.wantShown("signed_in", "张三")
	a.end()
}

// What opens a browser may become it, and fail when the browser is closed.
func TestBrowserThatFailsLateBeginsNothing(t *testing.T) {
	t.Parallel()
	opened, closed := make(chan string, 2), make(chan struct{})
	m := newMachine(t).with("DINGPASS_UI", "browser", "DINGPASS_EMBED", "browser", "DISPLAY", ":none").tuned(func(p *command.Program) {
		p.Browse = func(address string) error {
			opened <- address
			if strings.Contains(address, "/open/") {
				return nil
			}
			<-closed
			return os.ErrProcessDone
		}
	})
	a := m.start()
	link, dingtalk := <-opened, <-opened
	if strings.Contains(dingtalk, "/open/") {
		link, dingtalk = dingtalk, link
	}
	a.launch(link)
	onDingTalk, ok := codeOn(a.get(dingtalk))
	if !ok {
		t.Fatalf("the browser was sent to %s", dingtalk)
	}
	if _, err := a.answer(onDingTalk, "confirm", "zhang01"); err != nil {
		t.Fatal(err)
	}
	a.follows(a.site, `"phase":"signed_in"`)
	close(closed)
	a.stderr.waitFor(t, `open the system browser`)
	a.wantShown("signed_in", "张三")
	a.end()
}
