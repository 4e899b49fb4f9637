package command_test

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/dingpass/dingpass/backend/canary"
	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/secret"
)

const (
	plantedSecret = "canary-client-secret-7f3a"
	plantedMobile = "13987654321"
	plantedEmail  = "canary.person@planted.example"
)

// wire passes calls on to the sandbox, and remembers the one-time codes and
// tokens in them: what must be found nowhere else.
type wire struct {
	mu    sync.Mutex
	found map[string]bool
	held  <-chan struct{} // until it is closed nothing is passed on; nil: everything is
}

// hold keeps back what comes from here on, until release is called.
func (w *wire) hold() (release func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	held := make(chan struct{})
	w.held = held
	return func() { close(held) }
}

// pass waits until a call may be passed on.
func (w *wire) pass(r *http.Request) {
	w.mu.Lock()
	held := w.held
	w.mu.Unlock()
	if held == nil {
		return
	}
	select {
	case <-held:
	case <-r.Context().Done():
	}
}

var (
	asked    = regexp.MustCompile(`"code"\s*:\s*"([^"]+)"`) // in an answer, it is the name of an error
	answered = regexp.MustCompile(`"(?:accessToken|refreshToken|access_token)"\s*:\s*"([^"]+)"`)
)

func (w *wire) note(pattern *regexp.Regexp, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		w.found[match[1]] = true
	}
}

// tap puts a wire before the sandbox's APIs.
func tap(t *testing.T, to string) (*wire, string) {
	t.Helper()
	w := &wire{found: make(map[string]bool)}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		w.note(asked, string(body))
		w.pass(r)
		req, err := http.NewRequestWithContext(r.Context(), r.Method, to+r.URL.RequestURI(), strings.NewReader(string(body)))
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		req.Header = r.Header.Clone()
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer func() { _ = resp.Body.Close() }() // read to the end, or aborted
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // the sandbox has cut it
		}
		w.note(answered, string(answer))
		rw.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
		rw.WriteHeader(resp.StatusCode)
		_, _ = rw.Write(answer) // the program may be gone
	}))
	t.Cleanup(server.Close)
	return w, server.URL
}

// dws PR #799, Casdoor, oauth2cli: error texts and logs that hold tokens,
// states or whole bodies.
func TestNothingPrivateIsWhereItDoesNotBelong(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(m *machine){
		"signed in":           func(*machine) {},
		"an error of the API": func(m *machine) { m.fault("/v1.0/contact/users/me", sandbox.Fault{Status: 500}) },
		"HTML": func(m *machine) {
			m.fault("/v1.0/oauth2/userAccessToken", sandbox.Fault{Kind: sandbox.FaultHTML})
		},
		"a body that quotes": func(m *machine) {
			m.fault("/topapi/v2/user/get", sandbox.Fault{Body: `{"errcode":40078,"errmsg":"` + plantedMobile + " " + plantedEmail + `"}`})
		},
		"a wrong secret": func(m *machine) { m.sandbox.SetClientSecret(secret.New("another")) },
		"not a member": func(m *machine) {
			p, err := m.sandbox.Person("canary")
			if err != nil {
				m.t.Fatal(err)
			}
			p.Left = true
			if err := m.sandbox.Put(p); err != nil {
				m.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.sandbox.SetClientSecret(secret.New(plantedSecret))
			plant := sandbox.Person{UserID: "canary", Name: "测试", Mobile: plantedMobile, StateCode: "86", Email: plantedEmail,
				Active: true, Corps: []string{m.sandbox.App().CorpID}}
			if err := m.sandbox.Put(plant); err != nil {
				t.Fatal(err)
			}
			wire, api := tap(t, m.sandbox.URL())
			m = m.with("DINGPASS_CLIENT_SECRET", plantedSecret, "DINGPASS_API_URL", api, "DINGPASS_OAPI_URL", api, "DINGPASS_LOG", "debug")
			spoil(m)
			searchSignIn(t, m, wire)
		})
	}
}

// searchSignIn runs a sign-in to its end, whichever that is, and searches all
// that it leaves.
func searchSignIn(t *testing.T, m *machine, wire *wire) {
	t.Helper()
	release := wire.hold() // a sign-in that fails at once would have ended before it is looked at
	s, p := m.spawn(), newPerson(t)
	link := s.link()
	commandLine := contents(t, filepath.Join("/proc", s.pid(), "cmdline"))
	release()
	if page, err := p.try(link); err == nil && page == indexPage {
		p.attempt(link, "canary")
	}
	last, _ := s.end()

	// Our own pages: the authorization request is DingTalk's by right, and so
	// is what its page answers.
	pages := p.seen.of(strings.Split(link, "/")[2])
	states := regexp.MustCompile(`[?&]state=([^&\s"]+)`).FindAllStringSubmatch(p.seen.String(), -1)
	private := map[string]string{"client secret": plantedSecret, "mobile": plantedMobile, "e-mail": plantedEmail,
		"launch token": link[strings.LastIndex(link, "/")+1:]}
	wire.tell(private)
	for _, state := range states {
		private["state "+state[1][:4]+"…"] = state[1]
	}
	if last.Event == "signed_in" && len(private) < 8 {
		t.Errorf("only %d private values were caught: the search proves nothing", len(private))
	}
	for what, value := range private {
		places := map[string]string{
			"standard error": s.stderr.String(), "the command line": commandLine, "a page": pages,
			"a file's name": names(t, m.home), "standard output": strings.Join(s.raw[1:], "\n"),
		}
		if what == "mobile" || what == "e-mail" {
			places["standard output"] = strings.Join(s.raw[1:len(s.raw)-1], "\n")
			if last.Event != "signed_in" {
				places["standard output"] = strings.Join(s.raw, "\n")
			}
		} else {
			places["a file"] = filesOf(t, m.home)
		}
		wantNoneIn(t, places, map[string]string{what: value})
	}
}

// wantNoneIn wants none of the private values in any of the places.
func wantNoneIn(t *testing.T, places, private map[string]string) {
	t.Helper()
	search, err := canary.For(private)
	if err != nil {
		t.Fatal(err)
	}
	for place, text := range places {
		if found := search.In([]byte(text)); len(found) > 0 {
			t.Errorf("%s has %q", place, found)
		}
	}
}

// names are the names of all files.
func names(t *testing.T, root string) string {
	t.Helper()
	var all strings.Builder
	walk(t, root, func(path string) { all.WriteString(path + "\n") })
	return all.String()
}

// filesOf is what stands in all files.
func filesOf(t *testing.T, root string) string {
	t.Helper()
	var all strings.Builder
	walk(t, root, func(path string) { all.WriteString(contents(t, path)) })
	return all.String()
}

func walk(t *testing.T, root string, visit func(path string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			visit(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The secret is in our environment where the caller put it there. Whatever we
// start, the browser first of all, has no use for it.
func TestBrowserInheritsNoSecret(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	tools := t.TempDir()
	report := filepath.Join(tools, "report")
	if err := syscall.Mkfifo(report, 0o600); err != nil {
		t.Fatal(err)
	}
	environ := make(chan string, 1)
	go func() {
		text, _ := os.ReadFile(report) // until the browser has written it all; an empty text fails the test
		environ <- strings.ReplaceAll(string(text), "\x00", "\n")
	}()
	script := "#!/bin/sh\necho noise\ncat /proc/self/environ >" + report + "\n"
	installScript(t, filepath.Join(tools, "xdg-open"), script)
	m = m.with("DINGPASS_UI", "browser", "DISPLAY", ":none", "PATH", tools+":/usr/bin:/bin", "DINGPASS_CLIENT_SECRET", plantedSecret)
	m.sandbox.SetClientSecret(secret.New(plantedSecret))
	s := m.spawn()
	newPerson(t).confirm(s.link(), "zhang01")
	if last, code := s.end(); last.Event != "signed_in" || code != 0 {
		t.Fatalf("ended with %+v", last)
	}
	text := <-environ
	if strings.Contains(text, plantedSecret) || !strings.Contains(text, "DISPLAY=:none") {
		t.Errorf("the browser's environment:\n%s", text)
	}
}
