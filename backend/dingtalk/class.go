package dingtalk

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// Class is what a program does about a failed call. The login.Code around the
// *Error is what it says to people.
type Class string

// The classes.
const (
	// Retry: the same call may succeed later. Those that may succeed within
	// seconds were retried already, where a call may be made twice at all; see
	// Error.RetryAfter for the others. A call that its own context ended is of
	// this class too.
	Retry Class = "retry"

	// Token: DingTalk no longer takes the access token. Calls with the app's
	// have fetched another one already; with a person's, see Session.Use.
	Token Class = "token"

	// SignInAgain: the one-time code or refresh token is used up, and only the
	// person can bring another.
	SignInAgain Class = "sign_in_again"

	// Settings: somebody has to change something, in DingTalk's console or on
	// this machine. The login.Code and its detail say what.
	Settings Class = "settings"

	// Refuse: DingTalk has understood, and the answer is no: whom or what the
	// call is about is not there, or not let in.
	Refuse Class = "refuse"

	// Bug: the call or the answer was wrong, and neither waiting nor settings
	// help. Report it, with the RequestID.
	Bug Class = "bug"
)

// Class is the failure's class.
func (e *Error) Class() Class {
	class, _, _ := meaning(e.effective())
	switch {
	case e.Status == 0:
		return e.unreachedClass()
	case e.limited():
		return Retry
	case class != "":
		return class
	case e.forbidden():
		return Settings
	case e.Status >= 500, errors.Is(e.Err, errCut), errors.Is(e.Err, errNotJSON):
		return Retry // HTML in the place of JSON comes from guards and proxies
	}
	return Bug
}

func (e *Error) unreachedClass() Class {
	if certificateOutOfTime(e.Err) || errors.Is(e.Err, errPlain) || errors.Is(e.Err, errProxySetting) {
		return Settings
	}
	return Retry
}

// forbidden reports whether the app lacks a permission, by whatever name.
func (e *Error) forbidden() bool {
	return strings.HasPrefix(e.effective(), "forbidden.accessdenied") || len(e.RequiredScopes) > 0
}

// limited reports whether DingTalk refused because there were too many calls.
// Contract 7.9.
func (e *Error) limited() bool {
	code := e.effective()
	for _, limit := range []string{"qpslimit", "qpmlimit", "apicountlimit"} {
		if strings.Contains(code, limit) {
			return true
		}
	}
	n, err := strconv.Atoi(code)
	return err == nil && n >= 90001 && n <= 90020 || e.Status == http.StatusTooManyRequests || e.Banned
}

// transient reports whether DingTalk did nothing, and the same call may succeed
// in a second or two. A monthly quota and a ban do not pass so soon, and asking
// on lengthens a ban.
func (e *Error) transient() bool {
	code := e.effective()
	if e.Banned || e.spent() {
		return false
	}
	return e.limited() || code == "-1" || code == "serviceunavailable"
}

// doubtful reports whether something failed inside DingTalk, or in front of it,
// that may succeed in a second or two as well. Whether the call has had its
// effect nobody knows, so that only one without any may be made again. Contract
// 2.1. An HTTP 504 has taken so long already that it is left to the caller.
func (e *Error) doubtful() bool {
	switch e.effective() {
	case "system.error", "unknownerror", "server.error":
		return true
	}
	gateway := e.Status == http.StatusBadGateway || e.Status == http.StatusServiceUnavailable
	return gateway && e.Class() == Retry && !e.limited()
}

// spent reports whether the company's quota of the month is used up.
func (e *Error) spent() bool {
	code := e.effective()
	return code == "90020" || strings.Contains(code, "apicountlimit")
}

// refusesToken reports whether DingTalk no longer takes the token, though it
// may be young: another program may have rotated it. Contract 3.4.
func (e *Error) refusesToken() bool { return e.Class() == Token }
