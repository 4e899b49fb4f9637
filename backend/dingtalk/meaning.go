package dingtalk

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/dingpass/dingpass/backend/login"
)

// fail is the one place where DingTalk's words become ours.
func fail(e *Error) error {
	code := e.loginCode()
	return &login.Error{Code: code, Detail: e.detail(code), Err: e}
}

// loginCode is what a failure means to the person and the administrator.
func (e *Error) loginCode() login.Code {
	switch {
	case e.Status == 0:
		return e.unreached()
	case e.limited(): // before 403 is taken for a missing permission
		return login.RateLimited
	}
	if code := meaning(e.effective()); code != "" {
		return code
	}
	switch {
	case strings.HasPrefix(e.effective(), "forbidden.accessdenied"), len(e.RequiredScopes) > 0:
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
	case certificateOutOfTime(e.Err):
		// DingTalk's certificate is not the one that is out of date.
		return login.ClockWrong
	case errors.Is(e.Err, errPlain), errors.Is(e.Err, errProxySetting):
		return login.AppMisconfigured
	}
	return login.Network
}

// meaning is the table: contract 2.1, 2.2, 3, 4 and 7.10, as far as the calls
// of a sign-in can meet it. The newer API's names are in lower case here. ""
// is a code that is not in it.
func meaning(code string) login.Code {
	switch code {
	case "invalidparameter.authcode.notfound", // unknown, used, expired or of another app
		"40029", "40078", "40091", "42002", "42003", "42007", "42008":
		return login.CodeInvalid

	case "60121", // no such person in the company
		"invalidparameter.user.notfound":
		return login.NotMember
	case "60120":
		return login.Disabled

	case "invalidclientidorsecret", "invalid.client", "unauthorized.client", "unsupported.grant.type",
		"33001", "40013", "40079", "40084", "40086", "40088", "40089", "40096",
		"50003", "50005", "70001", // app disabled, company disabled, company gone
		"71006", "71007", "71008", // a callback's address exists already, does not exist, has a tag that is none
		"71009", "71012", "71013", // its answer was not success, it is out of reach or redirects, it is blocked
		"900001", "900002", "900003", "900004", "900005", // and what was wrong with its answer: see callback.Code
		"900006", "900007", "900008", "900009", "900010":
		return login.AppMisconfigured
	case "50001":
		return login.RedirectMisconfigured

	case "forbidden.accessdenied.accesstokenpermissiondenied",
		"43007", "60011", // the app lacks the API's permission
		"50002", "50004": // outside the app's contact scope
		return login.PermissionMissing

	case "forbidden.accessdenied.ipnotinwhitelist", "60020":
		return login.IPNotAllowed

	case "-1", "serviceunavailable", "system.error", "unknownerror", "server.error":
		return login.ProviderUnavailable

	case "22", "40000", "40035", "41001", "43001", "43002", "43003", "400002",
		"authenticationfailed.missingparameter": // our request was wrong
		return login.Internal
	}
	return ""
}

// detail is the fact that an administrator can act on.
func (e *Error) detail(code login.Code) string {
	switch {
	case code == login.IPNotAllowed:
		return e.Address
	case code != login.PermissionMissing:
		return ""
	case len(e.RequiredScopes) > 0:
		return strings.Join(e.RequiredScopes, ", ")
	case e.effective() == "50002" || e.effective() == "50004":
		return "通讯录权限范围 (contact scope)" // as the console names it
	}
	return e.permission
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
	return err == nil && n >= 90001 && n <= 90020 || e.Status == 429 || e.Banned
}

// transient reports whether the same read may succeed in a second or two. A
// monthly quota and a ban do not pass so soon, and asking on lengthens a ban.
func (e *Error) transient() bool {
	code := e.effective()
	if e.Banned || code == "90020" || strings.Contains(code, "apicountlimit") {
		return false
	}
	return e.limited() || code == "-1" || code == "serviceunavailable"
}

// refusesToken reports whether DingTalk no longer takes the token, though it
// may be young: another program may have rotated it. Contract 3.4.
func (e *Error) refusesToken() bool {
	switch e.effective() {
	case "40001", "40014", "42001", "invalidauthentication", "accesstoken.expired":
		return true
	}
	return false
}

func (e *Error) refusesAddress() bool { return meaning(e.effective()) == login.IPNotAllowed }
