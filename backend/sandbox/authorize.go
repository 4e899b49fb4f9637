package sandbox

import (
	"crypto/rand"
	"crypto/subtle"
	"html/template"
	"net"
	"net/http"
	"strconv"
	"time"
)

// frameCookie is what the framed page has to get back under FrameNeedsCookie.
// It has no SameSite attribute: None would ask for https.
const frameCookie = "sandbox_frame"

// loginPage is what the login template shows.
type loginPage struct {
	page
	QR       template.HTML
	Frame    bool
	ScanURL  string // absolute, as in the QR
	ScanPath string
	Watch    string
	Continue string
	Target   string // the only origin that may hear the framed page
	Again    string // this page once more, for a new code
}

// authorize shows the QR, or says on this page what is wrong with the request:
// nothing of that reaches the redirect address.
func (s *Sandbox) authorize(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		s.notFound(w, r)
		return
	}
	what, wrong := readAsk(r.URL.Query(), s.App().ClientID, s.Settings().RegisteredRedirects)
	s.showQR(w, r, what, wrong)
}

// showQR opens a ticket for what was asked, and shows its page.
func (s *Sandbox) showQR(w http.ResponseWriter, r *http.Request, what ask, wrong *mistake) {
	settings := s.Settings()
	if wrong != nil {
		s.show(w, r, http.StatusBadRequest, "error.html", errorPage{newPage(r), wrong.Title, wrong.Detail})
		return
	}
	if r.Method == http.MethodHead { // nobody sees the code
		return
	}
	t := s.board.open(rand.Text(), what, settings.CodeLifetime, what.Frame && settings.FrameNeedsCookie)
	shown := loginPage{
		page: newPage(r), Frame: what.Frame, ScanURL: base(r) + "/scan/" + t.id, ScanPath: "/scan/" + t.id,
		Watch: "/oauth2/watch/" + t.key, Continue: "/oauth2/continue/" + t.key,
		Target: what.listener(), Again: r.URL.RequestURI(),
	}
	var err error
	if shown.QR, err = drawQR(shown.ScanURL); err != nil {
		s.log.ErrorContext(r.Context(), "sandbox page", "error", err)
		http.Error(w, "no QR", http.StatusInternalServerError)
		return
	}
	if t.cookie != "" {
		http.SetCookie(w, &http.Cookie{Name: frameCookie, Value: t.cookie, Path: shown.Watch, HttpOnly: true}) //nolint:gosec // see frameCookie
	}
	if !what.Frame {
		// Whether DingTalk lets its full page be framed is not known; a client
		// must not count on it.
		shown.frameAncestors = "'none'"
	}
	s.show(w, r, http.StatusOK, "login.html", shown)
}

// base is the sandbox's own address: that of the socket, not the Host header's
// word, so that a page asked for as localhost still shows 127.0.0.1.
func base(r *http.Request) string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	if addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		return scheme + addr.String()
	}
	return scheme + r.Host
}

// patience is how long a page's question is kept open.
const patience = 20 * time.Second

// watch is the long poll of the login page: it answers as soon as the stage is
// another than ?seen=, or after ?wait= seconds.
func (s *Sandbox) watch(w http.ResponseWriter, r *http.Request) {
	t, ok := s.board.watched(r.PathValue("key"))
	if !ok {
		http.Error(w, "unknown", http.StatusNotFound)
		return
	}
	wait := patience
	if n, err := strconv.Atoi(r.URL.Query().Get("wait")); err == nil && n >= 0 {
		wait = min(time.Duration(n)*time.Second, patience)
	}
	seen := Stage(r.URL.Query().Get("seen"))
	if t.cookie != "" && !holds(r, t.cookie) {
		pause(r, wait)
		seen = Waiting // whatever happened: a deaf page shows the QR for ever
		writeJSON(w, http.StatusOK, watched{Stage: seen})
		return
	}
	stage, result := s.board.follow(r.Context(), t, seen, wait)
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, watched{stage, result})
}

type watched struct {
	Stage Stage `json:"stage"`
	outcome
}

func holds(r *http.Request, value string) bool {
	cookie, err := r.Cookie(frameCookie)
	return err == nil && subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(value)) == 1
}

// proceed waits for the outcome and redirects, for browsers and programs
// without JavaScript.
func (s *Sandbox) proceed(w http.ResponseWriter, r *http.Request) {
	t, ok := s.board.watched(r.PathValue("key"))
	if !ok || t.ask.Frame {
		s.notFound(w, r)
		return
	}
	stage, result := Waiting, outcome{}
	for !stage.final() && r.Context().Err() == nil {
		stage, result = s.board.follow(r.Context(), t, stage, patience)
	}
	if result.RedirectURL != "" {
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, result.RedirectURL, http.StatusFound)
		return
	}
	shown := newPage(r)
	s.show(w, r, http.StatusGone, "error.html", errorPage{shown, shown.Words.Of(stage), ""})
}
