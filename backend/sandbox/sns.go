package sandbox

import (
	"net/http"
	"net/url"
	"slices"
)

// snsShelves are the codes and tokens of the legacy scan (contract 6).
type snsShelves struct {
	login      shelf[grant] // loginTmpCode, which the legacy frame posts
	codes      shelf[grant] // the code of the redirect: tmp_auth_code
	persistent shelf[grant]
	tokens     shelf[grant] // sns_token
	app        shelf[struct{}]
	current    string // the access_token that is handed out
}

// snsPage shows the legacy QR page, whose redirect has code and state alone.
func (s *Sandbox) snsPage(w http.ResponseWriter, r *http.Request) {
	what, wrong := s.snsAsk(r.URL.Query(), "snsapi_login")
	s.showQR(w, r, what, wrong)
}

// snsAuthorize is DingTalk's page to sign in with an account. The sandbox knows
// no passwords and shows the QR; with the loginTmpCode of the legacy frame it
// redirects at once (contract 1.6).
func (s *Sandbox) snsAuthorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	what, wrong := s.snsAsk(q, "snsapi_login", "snsapi_auth")
	if wrong != nil || !q.Has("loginTmpCode") {
		s.showQR(w, r, what, wrong)
		return
	}
	g, ok := s.mint.spend(&s.mint.sns.login, q.Get("loginTmpCode"))
	if !ok {
		s.showQR(w, r, what, wrongParameter("loginTmpCode is unknown, used or expired"))
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, s.snsRedirect(what, g), http.StatusFound) //nolint:gosec // snsAsk made sure that the address is registered
}

// snsFrame is what ddLogin.js puts into its iframe: goto is the address of
// sns_authorize. The code that it posts is worth nothing without the app's
// redirect address, and whoever frames it may hear it.
func (s *Sandbox) snsFrame(w http.ResponseWriter, r *http.Request) {
	target, err := url.Parse(r.URL.Query().Get("goto"))
	if err != nil || target.Path != "/connect/oauth2/sns_authorize" {
		s.showQR(w, r, ask{}, wrongParameter("goto must be the address of /connect/oauth2/sns_authorize"))
		return
	}
	what, wrong := s.snsAsk(target.Query(), "snsapi_login")
	what.Frame = true
	s.showQR(w, r, what, wrong)
}

// snsAsk checks a legacy authorization request.
func (s *Sandbox) snsAsk(q url.Values, scopes ...string) (ask, *mistake) {
	a := ask{State: q.Get("state"), HasState: q.Has("state"), SNS: true}
	switch {
	case q.Get("appid") != s.App().ClientID:
		return a, &mistake{"应用不存在", "appid is unknown: it is the login app's appId"}
	case q.Get("response_type") != "code":
		return a, wrongParameter("response_type must be code")
	case !slices.Contains(scopes, q.Get("scope")):
		return a, wrongParameter("scope must be snsapi_login")
	}
	var wrong *mistake
	a.Redirect, wrong = redirectOf(q, s.Settings().RegisteredRedirects)
	return a, wrong
}

// confirmSNS is the outcome of a legacy QR.
func (s *Sandbox) confirmSNS(a ask, p Person) outcome {
	g := grant{UserID: p.UserID}
	if a.Frame {
		return outcome{LoginTmpCode: s.mint.issue(&s.mint.sns.login, g, s.Settings().AuthCodeLifetime)}
	}
	return outcome{RedirectURL: s.snsRedirect(a, g)}
}

func (s *Sandbox) snsRedirect(a ask, g grant) string {
	return a.with("code", s.mint.issue(&s.mint.sns.codes, g, s.Settings().AuthCodeLifetime))
}

// listener is who may hear the framed page: the redirect's origin, but for the
// legacy frame, which any page may embed.
func (a ask) listener() string {
	if a.SNS {
		return "*"
	}
	return a.origin()
}
