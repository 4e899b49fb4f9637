package dingtalk

import (
	"context"
	"errors"

	"github.com/dingpass/dingpass/backend/login"
)

// fail is the one place where DingTalk's words become ours.
func fail(e *Error) error {
	code := e.loginCode()
	return &login.Error{Code: code, Detail: e.detail(code), Err: e}
}

// Answered is what an answer of DingTalk's means: nil when it did what was
// asked for. Answered and Unanswered are for what speaks to DingTalk beside a
// Client, as package stream does, and is to fail as a Client's calls do: with a
// *login.Error around an *Error. endpoint names the call in it.
func Answered(endpoint string, status int, body []byte) error {
	refused := judge(status, body)
	if refused == nil {
		return nil
	}
	refused.Endpoint = endpoint
	return fail(refused)
}

// Unanswered is what net/http's error for a request without an answer means.
func Unanswered(endpoint string, err error) error {
	return fail(&Error{Endpoint: endpoint, Err: reason(err)})
}

// loginCode is what a failure means to the person and the administrator.
func (e *Error) loginCode() login.Code {
	switch {
	case e.Status == 0:
		return e.unreached()
	case e.limited(): // before 403 is taken for a missing permission
		return login.RateLimited
	}
	if _, code, _ := meaning(e.effective()); code != "" {
		return code
	}
	switch {
	case e.forbidden():
		return login.PermissionMissing
	case e.Status >= 500:
		return login.ProviderUnavailable
	case errors.Is(e.Err, errCut):
		return login.Network
	}
	return login.ProviderAnswer
}

// unreached is for requests without an answer.
func (e *Error) unreached() login.Code {
	switch {
	case errors.Is(e.Err, context.Canceled):
		return login.Cancelled
	case e.gated:
		return login.RateLimited
	case certificateOutOfTime(e.Err):
		// DingTalk's certificate is not the one that is out of date.
		return login.ClockWrong
	case errors.Is(e.Err, errPlain), errors.Is(e.Err, errProxySetting):
		return login.AppMisconfigured
	}
	return login.Network
}

// meaning is the table: contract 2.1, 2.2, 3, 4, 6.1 and 7.10. The newer API's
// names are in lower case here. The mend is the case of the login.Code whose
// words in problems.json say what to do, "" for the words of the code itself.
// All are "" for a code that is not in the table; the limits, 90001 to 90020,
// are in Error.limited.
func meaning(code string) (class Class, coded login.Code, mend string) {
	switch code {
	case "invalidparameter.authcode.notfound", // unknown, used, expired or of another app
		"invalidcode", // of the admin console
		"40029", "40078", "40091", "42002", "42003", "42007", "42008":
		return SignInAgain, login.CodeInvalid, ""

	case "40001", "40014", "42001", "invalidauthentication", "accesstoken.expired", "invalidtoken":
		return Token, login.ProviderAnswer, "token" // a fresh token was refused as well

	case "authorization_pending", "slow_down": // nobody has signed in on a device's page; in the end, nobody has in time
		return Retry, login.Expired, ""
	case "expired_token":
		return SignInAgain, login.Expired, ""
	case "access_denied":
		return Refuse, login.Denied, ""

	case "60121", // no such person in the company
		"60111", "invalidparameter.user.notfound":
		return Refuse, login.NotMember, ""
	case "60120":
		return Refuse, login.Disabled, ""
	case "33012", "40003", "40031", "40032", // a userid, or a list of them, that is none
		"40009", "60003", "60019", // a department that is none, is not there, cannot be listed
		"40073", "40104": // no such openid; a mobile number that is none
		return Refuse, login.ProviderAnswer, "not_found" // in a sign-in all of these came from DingTalk

	case "50001":
		return Settings, login.RedirectMisconfigured, ""
	case "853002": // a scan's signature: our clock is more than a minute off
		return Settings, login.ClockWrong, ""

	case "forbidden.accessdenied.accesstokenpermissiondenied",
		"43007", "60011", // the app lacks the API's permission
		"50002", "50004": // outside the app's contact scope
		return Settings, login.PermissionMissing, ""

	case "forbidden.accessdenied.ipnotinwhitelist", "60020":
		return Settings, login.IPNotAllowed, ""

	case "-1", "serviceunavailable", "system.error", "unknownerror", "server.error":
		return Retry, login.ProviderUnavailable, ""

	case "22", "40000", "40035", "40068", "40069", "41001", "41007", "41026", "43001", "43002", "43003", "400002",
		"853001", "authenticationfailed.missingparameter": // our request was wrong
		return Bug, login.Internal, ""
	}
	if mend, listed := misconfigured(code); listed {
		return Settings, login.AppMisconfigured, mend
	}
	return "", "", ""
}

func (e *Error) refusesAddress() bool {
	_, code, _ := meaning(e.effective())
	return code == login.IPNotAllowed
}
