package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// phonePage is what the phone's templates show.
type phonePage struct {
	page
	Path   string
	Text   string // what was searched for
	People []Person
	Total  int
	As     *Person // who holds the phone; nil: still to be picked
	Corps  []string
	CorpID string // the company to offer first
	Done   Stage
	Said   string // what went wrong, or ""
}

// phoneList is how many people the phone shows at once.
const phoneList = 50

// scan is opening the QR's address: it counts as scanning, and shows a list of
// people to be, or with ?as= the question to one of them.
func (s *Sandbox) scan(w http.ResponseWriter, r *http.Request) {
	t, ok := s.scannable(w, r)
	if !ok {
		return
	}
	if r.Method == http.MethodHead || r.Header.Get("Sec-Purpose") != "" { // a link preview or a prefetch is nobody's eye
		w.WriteHeader(http.StatusNoContent)
		return
	}
	s.board.move(t, Scanned, outcome{})
	shown := s.phone(r)
	shown.Text = r.URL.Query().Get("q")
	shown.People, shown.Total = s.people.search(shown.Text, 0, phoneList), s.people.size()
	if p, ok := s.people.byUserID(r.URL.Query().Get("as")); ok {
		if !t.ask.admits(p) {
			s.phoneSays(w, r, http.StatusBadRequest, "no_enterprise")
			return
		}
		shown.As = &p
		if !t.ask.SNS {
			shown.Corps, shown.CorpID = t.ask.companies(p), s.offered(t.ask, p)
		}
	}
	if wantsJSON(r) {
		writeJSON(w, http.StatusOK, map[string]any{"stage": Scanned})
		return
	}
	s.show(w, r, http.StatusOK, "phone.html", shown)
}

// decide is the phone's answer.
func (s *Sandbox) decide(w http.ResponseWriter, r *http.Request) {
	t, ok := s.scannable(w, r)
	if !ok {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	to, with, said := s.answer(t.ask, r.PostFormValue("action"), r.PostFormValue("userid"), r.PostFormValue("corp"))
	switch {
	case said != "":
		s.phoneSays(w, r, http.StatusBadRequest, said)
	case !s.board.move(t, to, with):
		s.phoneSays(w, r, http.StatusGone, "used")
	case wantsJSON(r):
		writeJSON(w, http.StatusOK, map[string]any{"stage": to})
	default:
		shown := s.phone(r)
		shown.Done = to
		s.show(w, r, http.StatusOK, "phone.html", shown)
	}
}

// answer turns what the phone sent into the page's outcome, or says what is
// wrong with it: one of the words that phoneSays knows.
func (s *Sandbox) answer(a ask, action, userID, corp string) (to Stage, with outcome, said string) {
	settings := s.Settings()
	switch action {
	case "refuse":
		if a.Device { // it hears of every outcome when it asks
			return Refused, with, ""
		}
		switch settings.Refusal {
		case RefusalRedirect:
			if a.SNS && a.Frame { // it can post a code and nothing else
				break
			}
			with.RedirectURL = a.failure(settings.RefusalError)
		case RefusalMessage:
			with.ErrorMsg = settings.RefusalError
		}
		return Refused, with, ""
	case "confirm":
	default:
		return "", with, "bad_action"
	}
	p, ok := s.people.byUserID(userID)
	if !ok {
		return "", with, "no_person"
	}
	if a.SNS {
		return Confirmed, s.confirmSNS(a, p), ""
	}
	if !a.admits(p) {
		return "", with, "no_enterprise"
	}
	if corp == "" {
		corp = s.offered(a, p)
	}
	if corp != "" && !slices.Contains(a.companies(p), corp) || a.Managed && !p.Admin {
		return "", with, "no_corp"
	}
	g := grant{UserID: userID, Permissions: settings.Permissions}
	if a.Corp {
		g.CorpID = corp
	}
	code := s.mint.issue(&s.mint.codes, g, settings.AuthCodeLifetime)
	if a.Device {
		with.DeviceCode = code
	} else {
		with.RedirectURL = a.success(code)
	}
	return Confirmed, with, ""
}

// offered is the company that the phone shows first: the one asked for where
// the person belongs to it, else the app's own, else any.
//
// DingTalk lets only members of its own company into an internal app, but does
// not say where it stops the others; the sandbox lets them through, so that the
// client's own check is what is tested.
func (s *Sandbox) offered(a ask, p Person) string {
	corps := a.companies(p)
	for _, corp := range []string{a.CorpID, s.App().CorpID} {
		if slices.Contains(corps, corp) {
			return corp
		}
	}
	if len(corps) > 0 {
		return corps[0]
	}
	return ""
}

// scannable finds the QR of the request, or answers why it cannot be scanned.
func (s *Sandbox) scannable(w http.ResponseWriter, r *http.Request) (*ticket, bool) {
	t, stage, ok := s.board.find(r.PathValue("id"))
	switch {
	case !ok:
		s.phoneSays(w, r, http.StatusNotFound, "unknown")
	case stage == Expired:
		s.phoneSays(w, r, http.StatusGone, "expired")
	case stage.final():
		s.phoneSays(w, r, http.StatusGone, "used")
	default:
		return t, true
	}
	return nil, false
}

func (s *Sandbox) phone(r *http.Request) phonePage {
	shown := phonePage{page: newPage(r), Path: r.URL.Path}
	shown.frameAncestors = "http://127.0.0.1:* http://localhost:*" // the login page can show the phone inside itself
	return shown
}

// phoneSays answers with one sentence: JSON for a script, a screen for a
// person.
func (s *Sandbox) phoneSays(w http.ResponseWriter, r *http.Request, status int, reason string) {
	shown := s.phone(r)
	shown.Said = shown.Words.Problem(reason)
	if wantsJSON(r) {
		writeJSON(w, status, map[string]string{"error": reason, "message": shown.Said})
		return
	}
	s.show(w, r, status, "phone.html", shown)
}

func wantsJSON(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "application/json")
}
