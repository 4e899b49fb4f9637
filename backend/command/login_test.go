package command_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/command"
	"github.com/dingpass/dingpass/backend/sandbox"
)

func TestLoginTellsItsCourseInLinesOfJSON(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	s := m.spawn()
	newPerson(t).confirm(s.link(), "zhang01")
	last, code := s.end()
	if last.Event != "signed_in" || code != 0 {
		t.Fatalf("ended with %+v and exit code %d", last, code)
	}
	if got, want := s.phases(), []string{"waiting", "working", "signed_in"}; !slices.Equal(got, want) {
		t.Errorf("phases are %q, want %q", got, want)
	}
	if s.stderr.String() != "" {
		t.Errorf("standard error: %s", s.stderr)
	}
	wantKeys(t, s.raw[0], "event", "url")
	wantKeys(t, s.raw[1], "event", "phase")
	wantKeys(t, s.raw[len(s.raw)-1], "event", "identity", "source", "verified_at", "offline_until")
	if last.Source != "online" {
		t.Errorf("source is %q", last.Source)
	}
	if got := last.OfflineUntil.Sub(last.VerifiedAt); got != 72*time.Hour {
		t.Errorf("offline for %v, want the default of 72h", got)
	}
	wantKeys(t, string(last.Identity), "corp_id", "user_id", "union_id", "open_id", "name", "nick", "avatar_url", "mobile",
		"state_code", "email", "org_email", "job_number", "title", "departments", "admin", "boss", "active")
}

// An employee of whom DingTalk tells next to nothing: strings are left out,
// departments are an array all the same.
func TestUnknownFieldsAreLeftOutAndDepartmentsAreNeverNull(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	s := m.login()
	newPerson(t).confirm(s.link(), "aygul10")
	last, _ := s.end()
	wantKeys(t, string(last.Identity), "corp_id", "user_id", "union_id", "open_id", "name", "nick", "departments", "admin", "boss", "active")
	if strings.Contains(string(last.Identity), "null") {
		t.Errorf("null in %s", last.Identity)
	}
}

// dws #436: told to be signed in by one command, and not by the next.
func TestWhoamiTellsTheSameWithoutTheNetwork(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	s := m.spawn()
	newPerson(t).confirm(s.link(), "zhang01")
	signedIn, _ := s.end()
	if err := m.sandbox.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := m.with("HTTP_PROXY", "http://127.0.0.1:1", "HTTPS_PROXY", "http://127.0.0.1:1").command("whoami", "--json", "--offline")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("whoami: %v", err)
	}
	wantKeys(t, string(out), "identity", "verdict", "reason", "source", "verified_at", "offline_until", "uses_left")
	var told struct {
		event
		Verdict, Reason string
		UsesLeft        int `json:"uses_left"`
	}
	if err := json.Unmarshal(out, &told); err != nil {
		t.Fatal(err)
	}
	if string(told.Identity) != string(signedIn.Identity) {
		t.Errorf("login told %s\nwhoami tells %s", signedIn.Identity, told.Identity)
	}
	if !told.VerifiedAt.Equal(signedIn.VerifiedAt) || !told.OfflineUntil.Equal(signedIn.OfflineUntil) {
		t.Errorf("whoami tells other times: %+v", told)
	}
	if told.Verdict != "allow" || told.Reason != "fresh" || told.Source != "cache" || told.UsesLeft != 20 {
		t.Errorf("whoami judges %+v", told)
	}

	if got := m.run("logout"); got.code != 0 || got.stdout != "" {
		t.Errorf("logout: %+v", got)
	}
	got := m.run("whoami", "--json")
	if got.code != 3 {
		t.Errorf("whoami after logout: exit code %d, want 3", got.code)
	}
	wantKeys(t, got.stdout, "error")
	var refused struct{ Error json.RawMessage }
	if err := json.Unmarshal([]byte(got.stdout), &refused); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, string(refused.Error), "code", "message")
	if !strings.Contains(got.stdout, `"code":"not_signed_in"`) || got.stderr != "" {
		t.Errorf("whoami after logout: %+v", got)
	}
	if got := m.run("logout"); got.code != 0 {
		t.Errorf("logout of nobody: %+v", got)
	}
}

// The page that the person stands before must be there when they come back
// from DingTalk, and hear how it ended, before the program goes: it was the
// program that sent them there.
func TestThePageHearsHowItEndedBeforeTheProgramGoes(t *testing.T) {
	t.Parallel()
	for userID, result := range map[string]string{"zhang01": "signed_in", "wu08": "failed"} {
		t.Run(result, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t).tuned(patient)
			s := m.login()
			p, link := newPerson(t), s.link()
			site, _, _ := strings.Cut(link, "/open/")
			p.client.CheckRedirect = stopAt("/") // the browser is slow to come back
			onDingTalk := p.open(link)
			p.look(site) // as our page does before it goes there
			if _, err := p.answer(onDingTalk, "confirm", userID); err != nil {
				t.Fatal(err)
			}
			s.until(result)
			s.next() // the result: nothing more is to be done here
			if page := p.get(site + "/"); page != indexPage {
				t.Errorf("back from DingTalk is %q", page)
			}
			if events := p.get(site + "/api/events"); !strings.Contains(events, `"phase":"`+result+`"`) {
				t.Errorf("ended as %s, and the page heard %q", result, events)
			}
			s.end()
		})
	}
}

// A caller that keeps cookies, follows redirects and knows no events has come
// back when it has asked for our page: nothing more is to be waited for.
func TestCallerWithoutEventsIsNotWaitedForOnceItIsBack(t *testing.T) {
	t.Parallel()
	m := newMachine(t).tuned(patient)
	s, p := m.login(), newPerson(t)
	if page, err := p.answer(p.open(s.link()), "confirm", "zhang01"); err != nil || page != indexPage {
		t.Fatalf("back from DingTalk is %q, %v", page, err)
	}
	if last, code := s.end(); last.Event != "signed_in" || code != 0 { // or it waits for ever
		t.Errorf("ended with %+v", last)
	}
}

// patient waits for pages as long as a test may run.
func patient(p *command.Program) {
	p.SetPace(command.Pace{ReadName: time.Nanosecond, ReadProblem: time.Hour, ShownWithin: time.Hour, DesertedAfter: time.Hour})
}

// It once went on from «cancelled» to «idle», and never ended.
func TestSigningOutWhileTheCodeIsUpCancels(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"", "li02"} {
		t.Run("signed in before: "+before, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			if before != "" {
				m.signIn(before)
			}
			s, p := m.login(), newPerson(t)
			link := s.link()
			p.get(link)
			site, _, _ := strings.Cut(link, "/open/")
			p.post(site, "/api/logout")
			s.wantFailed("cancelled", 4)
			if got, want := s.phases(), []string{"waiting", "cancelled"}; !slices.Equal(got, want) {
				t.Errorf("phases are %q, want %q", got, want)
			}
			m.wantNobody()
		})
	}
}

// With --ui none all is the caller's to show: a browser would come up on a
// machine that nobody sits at.
func TestWithoutInterfaceNoBrowserIsOpened(t *testing.T) {
	t.Parallel()
	m := newMachine(t).with("DINGPASS_EMBED", "browser", "DISPLAY", ":none").tuned(func(p *command.Program) {
		p.Browse = func(address string) error { t.Error("a browser is opened"); return nil }
	})
	m.signIn("zhang01")
}

// stopAt does not follow a redirect to this path.
func stopAt(path string) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		if next.URL.Path == path && len(via) > 1 {
			return http.ErrUseLastResponse
		}
		return nil
	}
}

// An attempt that is over at once has waited all the same: programs count on
// each change being told.
func TestNoPhaseIsSkipped(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for range 20 {
		s := m.login("--timeout", "1ns")
		s.wantFailed("expired", 4)
		if got, want := s.phases(), []string{"waiting", "expired"}; !slices.Equal(got, want) {
			t.Fatalf("phases are %q, want %q", got, want)
		}
	}
}

func TestSomeoneElseWhoWasSignedInIsNoPhase(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	s := m.login()
	newPerson(t).confirm(s.link(), "zhang01")
	s.end()

	s = m.login()
	newPerson(t).confirm(s.link(), "li02")
	last, _ := s.end()
	if got, want := s.phases(), []string{"waiting", "working", "signed_in"}; !slices.Equal(got, want) {
		t.Errorf("phases are %q, want %q", got, want)
	}
	if !strings.Contains(string(last.Identity), `"user_id":"li02"`) {
		t.Errorf("signed in: %s", last.Identity)
	}
}

// A failed sign-in leaves who was signed in.
func TestFailureLeavesWhoWasSignedIn(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	s := m.login()
	newPerson(t).confirm(s.link(), "zhang01")
	s.end()
	s = m.login()
	newPerson(t).confirm(s.link(), "wu08")
	s.wantFailed("not_member", 3)
	if got := m.run("whoami", "--json"); !strings.Contains(got.stdout, `"user_id":"zhang01"`) || got.code != 0 {
		t.Errorf("whoami: %+v", got)
	}
}

func TestWithoutJSONTheResultIsALineForPeople(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	stdout, stderr, done := &transcript{}, newWatched(), make(chan int, 1)
	go func() { done <- m.program(stdout, stderr).Run(t.Context(), []string{"login"}) }()
	newPerson(t).confirm(stderr.waitFor(t, `http://\S+/open/\S+`), "zhang01")
	if code := <-done; code != 0 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if got := stdout.String(); got != "张三  工程师\n" {
		t.Errorf("standard output is %q", got)
	}
	if !strings.Contains(stderr.String(), "Please scan") {
		t.Errorf("nothing asks to scan: %s", stderr)
	}
}

// dws #226, kubelogin #225: no browser can be opened, over SSH for instance.
func TestWithoutBrowserTheLinkIsTold(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	stdout, stderr, done := &transcript{}, newWatched(), make(chan int, 1)
	go func() { done <- m.program(stdout, stderr).Run(t.Context(), []string{"login", "--ui", "browser"}) }()
	newPerson(t).confirm(stderr.waitFor(t, `http://\S+/open/\S+`), "zhang01")
	if code := <-done; code != 0 || stdout.String() != "张三  工程师\n" {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if !strings.Contains(stderr.String(), "no display") {
		t.Errorf("nothing says why: %s", stderr)
	}
}

// A caller with --json has the link already; a second one on standard error
// would end in a log.
func TestWithJSONTheLinkIsToldOnce(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	s := m.login("--timeout", "1ms")
	s.link()
	s.end()
	if strings.Contains(s.stderr.String(), "/open/") {
		t.Errorf("standard error has a launch link: %s", s.stderr)
	}
}

// Two programs may sign in at the same time, and a third may ask.
func TestTwoLoginsAndAQuestionAtOnce(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	first, second := m.spawn(), m.spawn()
	one, two := first.link(), second.link()
	if got := m.run("whoami", "--json"); got.code != 3 {
		t.Errorf("whoami while two sign in: %+v", got)
	}
	newPerson(t).confirm(two, "li02")
	if last, code := second.end(); last.Event != "signed_in" || code != 0 {
		t.Errorf("the second ended with %+v", last)
	}
	if got := m.run("whoami", "--json"); !strings.Contains(got.stdout, `"user_id":"li02"`) {
		t.Errorf("whoami while one signs in: %+v", got)
	}
	newPerson(t).confirm(one, "zhang01")
	if last, code := first.end(); last.Event != "signed_in" || code != 0 {
		t.Errorf("the first ended with %+v", last)
	}
	if got := m.run("whoami", "--json"); !strings.Contains(got.stdout, `"user_id":"zhang01"`) {
		t.Errorf("whoami in the end: %+v", got)
	}
}

// kubelogin #1330: whatever asks again, one attempt is shown.
func TestTheLaunchLinkWorksOnce(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	s := m.login()
	link := s.link()
	newPerson(t).open(link)
	late := newPerson(t)
	page, err := late.try(link)
	if err != nil {
		t.Fatal(err)
	}
	site, _, _ := strings.Cut(link, "/open/")
	if start := late.get(site + "/login/start"); strings.Contains(start, "data-scan") || strings.Contains(page, "data-scan") {
		t.Error("a used launch link leads to a sign-in")
	}
	s.stop()
	s.wantFailed("cancelled", 4)
}

func TestProviderFaultAfterTheScanSpoilsOneSignInOnly(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.fault("/v1.0/oauth2/userAccessToken", sandbox.Fault{Kind: sandbox.FaultDrop, After: true, Times: 1})
	s := m.login()
	newPerson(t).confirm(s.link(), "zhang01")
	s.wantFailed("network", 5)
	if got := m.run("whoami", "--json"); got.code != 3 {
		t.Errorf("whoami after a failure: %+v", got)
	}
	s = m.login()
	newPerson(t).confirm(s.link(), "zhang01")
	if last, code := s.end(); last.Event != "signed_in" || code != 0 {
		t.Errorf("the next ended with %+v", last)
	}
}

// wantKeys wants a JSON object with these keys and no others.
func wantKeys(t *testing.T, text string, want ...string) {
	t.Helper()
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatalf("no JSON object: %v\n%s", err, text)
	}
	got := slices.Sorted(maps.Keys(object))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("keys are %q, want %q", got, want)
	}
}
