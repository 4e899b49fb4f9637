//go:build e2e

package e2e_test

import (
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// Where no window can be, the browser is tried, then the link is printed; each
// step is told to the person.

func TestNoDisplayAtAllPrintsTheLink(t *testing.T) {
	t.Parallel()
	s := newStage(t, "640x480") // which dingpass is not told of
	p := s.startIn(s.withoutDisplay(), "login", "--json", "--ui", "window")
	p.phase("waiting")
	until(t, "the link on standard error", func() bool { return strings.Contains(p.err.String(), "/open/") })
	p.saysInOrder("window: ", "going on with: browser", "browser: ", "going on with: link", "http://127.0.0.1:")
	p.signal(syscall.SIGTERM)
	p.failed("cancelled")
	p.exit(4)
	s.clean()
}

func TestNoDisplayButABrowserOpensIt(t *testing.T) {
	t.Parallel()
	s := newStage(t, "640x480") // as above
	bin := t.TempDir()
	asked := filepath.Join(bin, "asked")
	if err := syscall.Mkfifo(asked, 0o600); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\nprintf '%s' \"$1\" >" + asked + "\n"
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	environ := append(s.withoutDisplay(), "BROWSER=some-browser", "PATH="+bin+":"+os.Getenv("PATH"))
	p := s.startIn(environ, "login", "--json", "--ui", "window")
	link, err := os.ReadFile(asked) // waits for the script
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: patience}
	page, err := browser.Get(string(link))
	if err != nil {
		t.Fatalf("open what the browser was given: %v", err)
	}
	_ = page.Body.Close() // the status tells
	if page.StatusCode != http.StatusOK {
		t.Errorf("the browser was given a link that answers %s", page.Status)
	}
	until(t, "the browser on standard error", func() bool { return strings.Contains(p.err.String(), "going on with: browser") })
	p.saysInOrder("window: ", "going on with: browser")
	if strings.Contains(p.err.String(), "going on with: link") {
		t.Errorf("the link is printed although a browser has it: %s", p.err.String())
	}
	p.signal(syscall.SIGTERM)
	p.failed("cancelled")
	p.exit(4)
	s.clean()
}

// withoutDisplay is the environment of a session without a screen.
func (s *stage) withoutDisplay() []string {
	return slices.DeleteFunc(s.environ(), func(entry string) bool { return strings.HasPrefix(entry, "DISPLAY=") })
}

// saysInOrder checks that standard error has the parts, one after the other.
func (p *session) saysInOrder(parts ...string) {
	p.t.Helper()
	rest := p.err.String()
	for _, part := range parts {
		_, after, found := strings.Cut(rest, part)
		if !found {
			p.t.Errorf("standard error lacks %q in its place: %s", part, p.err.String())
			return
		}
		rest = after
	}
}
