package loopback

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// maxCallbackQuery bounds the redirect's query. DingTalk's is some two hundred
// bytes.
const maxCallbackQuery = 8 << 10

// callback answers DingTalk's redirect (RFC 6749, 4.1.2). Whatever does not
// carry the running attempt's state is told so and forgotten: «any hit ends
// the login» is how six of six peers can be stopped by a stray request
// (MSAL Go #365, CVE-2026-42073).
//
// The answer is a 303 without the query, so that no code stays in the address
// bar, the history or a referrer.
func (s *Server) callback(w http.ResponseWriter, r *http.Request) {
	cb, err := parseCallback(r.URL.RawQuery)
	if err != nil {
		s.log.Info("callback refused", "error", err)
		s.page(w, r, http.StatusBadRequest, pageStray)
		return
	}
	if leads(r) {
		s.pages.redirected() // before the answer: it may be the end of the attempt at once
	}
	switch s.opts.Service.Complete(cb) {
	case login.Accepted, login.Repeated:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	case login.Conflict:
		s.pages.misdirected()
		s.log.Warn("callback refused", "error", "another code for an answered attempt")
		s.page(w, r, http.StatusConflict, pageStray)
	default:
		s.pages.misdirected()
		s.log.Info("callback refused", "error", "no running attempt has this state")
		s.page(w, r, http.StatusBadRequest, pageStray)
	}
}

// leads reports whether the answer will lead whoever asks to our page. A page of
// ours that hands on what DingTalk's frame told it stays where it is (Fetch
// Metadata, Sec-Fetch-Mode).
func leads(r *http.Request) bool {
	mode := r.Header.Get("Sec-Fetch-Mode")
	return mode == "" || mode == "navigate"
}

// errors of parseCallback say which rule was broken, never with what value.
var (
	errQueryTooLong  = errors.New("query is too long")
	errQueryBroken   = errors.New("query cannot be read")
	errRepeatedParam = errors.New("a parameter stands there twice")
	errNoState       = errors.New("no state")
	errNoAnswer      = errors.New("neither code nor error")
	errTwoCodes      = errors.New("authCode and code differ")
)

// parseCallback reads state and answer. DingTalk sends the code as authCode and
// as code, older pages as one of the two; both with different values is no
// answer of DingTalk's. The words in error and error_description are
// undocumented, so that they are there is all that counts.
func parseCallback(rawQuery string) (login.Callback, error) {
	if len(rawQuery) > maxCallbackQuery {
		return login.Callback{}, errQueryTooLong
	}
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return login.Callback{}, errQueryBroken // err would quote the query
	}
	for _, name := range []string{"state", "authCode", "code", "error"} {
		if len(query[name]) > 1 {
			return login.Callback{}, errRepeatedParam // RFC 6749, 3.1
		}
	}
	cb := login.Callback{State: query.Get("state")}
	if cb.State == "" {
		return login.Callback{}, errNoState
	}
	authCode, code := query.Get("authCode"), query.Get("code")
	switch {
	case authCode != "" && code != "" && authCode != code:
		return login.Callback{}, errTwoCodes
	case authCode != "":
		cb.Code = secret.New(authCode)
	case code != "":
		cb.Code = secret.New(code)
	case query.Has("error"):
		cb.Denied = true
	default:
		return login.Callback{}, errNoAnswer
	}
	return cb, nil
}
