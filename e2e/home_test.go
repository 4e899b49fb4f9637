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
	"testing"
)

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
