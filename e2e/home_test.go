//go:build e2e

package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// homeView is our page while DingTalk's full page has the attempt.
const homeView = "在钉钉页面上登录"

// foreignView is what a page is called that stands in for DingTalk's.
const foreignView = "foreign page"

// DingTalk's page has no button that leads back, and the attempt may go on for
// minutes.
func TestThePersonComesHomeByAKey(t *testing.T) {
	for _, key := range []string{"Escape", "alt+Left"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "1280x800")
			p, other := s.away("")
			s.view(foreignView)
			s.press(key)
			s.view(homeView)
			s.press(key) // is not for leaving our own page
			s.stays("1-home", homeView)
			if n := other.shown.Load(); n != 1 {
				t.Errorf("DingTalk's page was asked for %d times: who comes home wants to be there", n)
			}
			p.signal(syscall.SIGTERM)
			p.failed("cancelled")
			p.exit(4)
		})
	}
}

// The engine's own error page speaks English, and has no way back either. It
// has no title, so the window keeps the one before.
func TestAPageThatCannotBeHadBringsTheWindowHome(t *testing.T) {
	t.Parallel()
	s := newStage(t, "1280x800")
	// Not from the load itself, which would not have ended before the page is left.
	p, other := s.away(`<script>onload = () => setTimeout(() => { location.href = "/gone" })</script>`)
	s.view(foreignView)
	close(other.seen)
	s.stays("1-home", homeView)
	if n := other.shown.Load(); n != 1 {
		t.Errorf("DingTalk's page was asked for %d times, want 1", n)
	}
	p.signal(syscall.SIGTERM)
	p.failed("cancelled")
	p.exit(4)
}

// foreign is a full page that stands in for DingTalk's.
type foreign struct {
	shown atomic.Int32  // how often it was asked for
	seen  chan struct{} // closed when the page may go: «/gone» is kept waiting until then, and has no answer
}

// away starts a sign-in on such a page.
func (s *stage) away(content string) (*session, *foreign) {
	s.t.Helper()
	other := &foreign{seen: make(chan struct{})}
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/oauth2/auth":
			other.shown.Add(1)
			_, _ = io.WriteString(w, "<!doctype html><title>"+foreignView+"</title>"+content) // a window that is gone cannot be told
		case "/gone":
			select {
			case <-other.seen:
			case <-r.Context().Done():
			}
			panic(http.ErrAbortHandler)
		}
	}))
	s.t.Cleanup(host.Close)
	address := strings.Replace(host.URL, "127.0.0.1", "localhost", 1) // as loginURL
	p := s.startIn(s.environ("DINGPASS_LOGIN_URL="+address), "login", "--json", "--ui", "window", "--embed", "page")
	return p, other
}

// stays waits until the window is called so, and checks that it goes on to be
// for some pictures, the last of which is kept.
func (s *stage) stays(name, title string) {
	s.t.Helper()
	s.view(title)
	for range 10 {
		s.picture(name)
		if titles := s.screen.titles(); !strings.Contains(titles, title) {
			s.t.Fatalf("the windows are called %q, want «%s»", strings.Fields(titles), title)
		}
	}
}

// front stands in for the core's server: it hands out a cookie once and notes
// who asks for what.
type front struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newFront(t *testing.T) *front {
	t.Helper()
	f := &front{}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	known := len(r.CookiesNamed("launch")) > 0
	f.mu.Lock()
	f.asked = append(f.asked, fmt.Sprintf("%s %v", r.URL.Path, known))
	n := len(f.asked)
	f.mu.Unlock()
	if r.URL.Path != "/" {
		http.SetCookie(w, &http.Cookie{Name: "launch", Value: "x", Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	_, _ = fmt.Fprintf(w, "<!doctype html><title>front %d</title>", n) // a window that is gone cannot be told
}

func (f *front) log() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.asked)
}

// A page that sends the window to the link would be another site's, whose
// redirects a cookie with SameSite=Strict stays away from: our page would have
// to be loaded twice.
func TestTheWindowHasItsCookieFromTheFirstPageOn(t *testing.T) {
	t.Parallel()
	s, f := newStage(t, "1280x800"), newFront(t)
	window := s.screen.command(program(t, "dingpass-window"), "-")
	window.Env = append(window.Env, "DBUS_SESSION_BUS_ADDRESS=disabled:", "HOME="+t.TempDir(), "no_proxy=*")
	orders, err := window.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := window.Start(); err != nil {
		t.Fatal(err)
	}
	say := func(line string) {
		if _, err := io.WriteString(orders, line+"\n"); err != nil {
			t.Error(err)
		}
	}
	say(f.URL + "/open/link")
	s.view("front 2")
	say("home")
	s.view("front 3")
	say("quit")
	if err := window.Wait(); err != nil {
		t.Errorf("the window ends with %v", err)
	}
	if got, want := strings.Join(f.log(), ", "), "/open/link false, / true, / true"; got != want {
		t.Errorf("asked for: %s\nwant:      %s (path, and whether with the cookie)", got, want)
	}
}
