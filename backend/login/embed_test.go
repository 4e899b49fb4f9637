package login_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/dingpass/dingpass/backend/login"
)

// step is a begin and the way that it must choose; then what becomes of the
// code.
type step struct {
	begin login.BeginOptions
	want  login.Embed
	then  func(t *testing.T, s *login.Service)
}

var (
	tried = login.BeginOptions{Tried: true}
	plain = login.BeginOptions{}

	killedPage = login.BeginOptions{Embed: login.Frame, Killed: true}
	askedPage  = login.BeginOptions{Embed: login.Page}
)

func unanswered(*testing.T, *login.Service) {}

func expires(*testing.T, *login.Service) { after(login.DefaultLifetime) }

func cancelled(_ *testing.T, s *login.Service) { s.Cancel() }

func signsIn(t *testing.T, s *login.Service) {
	s.Complete(answer(stateOf(t, s), "code of "+s.Snapshot().AttemptID))
	synctest.Wait()
	wantPhase(t, s, login.SignedIn, "")
}

func refused(t *testing.T, s *login.Service) {
	s.Complete(login.Callback{State: stateOf(t, s), Denied: true})
}

// byPage is a person who leaves the frame for the whole page.
func byPage(t *testing.T, s *login.Service) {
	s.AuthorizeURL(false)
	signsIn(t, s)
}

func TestTheWayToShowDingTalkIsChosenByWhatHappened(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		setting    login.Embed
		remembered string
		steps      []step
		remembers  string // at the end; "" = nothing
	}{
		{"auto starts with the frame", "", "", []step{{plain, login.Frame, unanswered}}, ""},
		{"and says so when asked for auto by name", login.Auto, "", []step{{login.BeginOptions{Embed: login.Auto}, login.Frame, unanswered}}, ""},
		{"a frame that was tried in vain gives way to the page", "", "", []step{
			{plain, login.Frame, unanswered}, {tried, login.Page, unanswered},
		}, ""},
		{"also when its code expired first", "", "", []step{
			{plain, login.Frame, expires}, {tried, login.Page, unanswered},
		}, ""},
		{"a frame that nobody tried stays", "", "", []step{
			{plain, login.Frame, expires}, {plain, login.Frame, unanswered}, {plain, login.Frame, unanswered},
		}, ""},
		{"a frame that brought an answer stays, whatever the answer", "", "", []step{
			{plain, login.Frame, refused}, {tried, login.Frame, unanswered},
		}, ""},
		{"a frame that was cancelled stays", "", "", []step{
			{plain, login.Frame, cancelled}, {tried, login.Frame, unanswered},
		}, ""},
		{"a frame that has worked here before has a second chance", "", "frame", []step{
			{plain, login.Frame, unanswered}, {tried, login.Frame, unanswered}, {tried, login.Page, unanswered},
		}, "frame"},
		{"also when it worked in this run", "", "", []step{
			{plain, login.Frame, signsIn}, {plain, login.Frame, unanswered}, {tried, login.Frame, unanswered}, {tried, login.Page, unanswered},
		}, "frame"},
		{"a sign-in wipes the slate clean", "", "frame", []step{
			{plain, login.Frame, unanswered}, {tried, login.Frame, signsIn}, {plain, login.Frame, unanswered}, {tried, login.Frame, unanswered},
		}, "frame"},
		{"the page is kept to once it has worked", "", "", []step{
			{plain, login.Frame, unanswered}, {tried, login.Page, signsIn}, {plain, login.Page, unanswered}, {plain, login.Page, unanswered},
		}, "page"},
		{"the page is remembered over a restart", "", "page", []step{{plain, login.Page, unanswered}}, "page"},
		{"a remembered word that means nothing is no way", "", "window", []step{{plain, login.Frame, unanswered}}, "window"},
		{"leaving the frame for the page is remembered as the page", "", "", []step{
			{plain, login.Frame, byPage}, {plain, login.Page, unanswered},
		}, "page"},
		{"what the person asks for wins once", "", "", []step{
			{login.BeginOptions{Embed: login.Page}, login.Page, unanswered}, {plain, login.Frame, unanswered},
		}, ""},
		{"the setting frame wins over what happened", login.Frame, "page", []step{
			{plain, login.Frame, unanswered}, {tried, login.Frame, unanswered}, {tried, login.Frame, unanswered},
		}, "page"},
		{"the setting page wins over what is remembered", login.Page, "frame", []step{{plain, login.Page, unanswered}}, "frame"},
		{"the setting browser stays browser by whatever route", login.Browser, "", []step{
			{plain, login.Browser, byPage}, {tried, login.Browser, unanswered},
		}, "browser"},
		// wails #5405: a page that posts an object ends the web view on Windows.
		{"a page that killed its window is not gone to again, though it is set", login.Page, "", []step{
			{plain, login.Page, unanswered}, {killedPage, login.Frame, unanswered}, {plain, login.Frame, unanswered}, {tried, login.Frame, unanswered},
		}, ""},
		{"nor where it is remembered, and what works then is", "", "page", []step{
			{plain, login.Page, unanswered}, {killedPage, login.Frame, unanswered}, {plain, login.Frame, signsIn}, {plain, login.Frame, unanswered},
		}, "frame"},
		{"nor where the frame was tried in vain", "", "", []step{
			{plain, login.Frame, unanswered}, {tried, login.Page, unanswered}, {killedPage, login.Frame, unanswered}, {tried, login.Frame, unanswered},
		}, ""},
		{"what stood in for it stands in again", login.Page, "", []step{
			{plain, login.Page, unanswered}, {login.BeginOptions{Embed: login.Browser, Killed: true}, login.Browser, unanswered}, {plain, login.Browser, unanswered},
		}, ""},
		{"but the person may ask for it, and once it works it is the way again", login.Page, "", []step{
			{plain, login.Page, unanswered}, {killedPage, login.Frame, unanswered}, {askedPage, login.Page, signsIn}, {plain, login.Page, unanswered},
		}, "page"},
		{"the person wins over the setting", login.Frame, "", []step{
			{login.BeginOptions{Embed: login.Page}, login.Page, unanswered}, {plain, login.Frame, unanswered},
		}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				st := &fakeStore{}
				if test.remembered != "" {
					st.facts = map[string]string{"embed": test.remembered}
				}
				s := open(t, &fakeProvider{}, st, func(o *login.Options) { o.Embed = test.setting })
				for i, step := range test.steps {
					if err := s.Begin(t.Context(), step.begin); err != nil {
						t.Fatal("begin:", err)
					}
					if got := s.Snapshot().Embed; got != step.want {
						t.Fatalf("attempt %d is shown by %q, want %q", i+1, got, step.want)
					}
					step.then(t, s)
				}
				if got := st.facts["embed"]; got != test.remembers {
					t.Errorf("remembered %q, want %q", got, test.remembers)
				}
			})
		})
	}
}

func TestChangingTheWayWhileWaitingIsToldAndKeepsTheAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, &fakeProvider{}, &fakeStore{})
		state := begin(t, s)
		before := s.Snapshot()
		link, _ := s.AuthorizeURL(false)
		snap := s.Snapshot()
		if snap.Embed != login.Page || snap.Seq != before.Seq+1 || snap.AttemptID != before.AttemptID {
			t.Errorf("snapshot %+v, want the same attempt by page, one change later than %+v", snap, before)
		}
		if got := query(t, link).Get("state"); got != state {
			t.Error("the page has another state than the frame")
		}
		s.AuthorizeURL(false)
		if got := s.Snapshot(); got != snap {
			t.Errorf("asking again changed the snapshot to %+v", got)
		}
	})
}

func TestASignInStandsThoughTheWayCouldNotBeRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st := &fakeStore{noMemory: errors.New("disk is full")}
		s := open(t, &fakeProvider{}, st)
		begin(t, s)
		signsIn(t, s)
		wantKept(t, st, 1)
	})
}
