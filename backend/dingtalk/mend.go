package dingtalk

import (
	"errors"
	"strings"
	"time"

	"github.com/dingpass/dingpass/backend/login"
)

// misconfigured is the part of the table for login.AppMisconfigured, which has
// the most mends.
func misconfigured(code string) (mend string, listed bool) {
	switch code {
	case "invalidclientidorsecret", "invalid.client", "unauthorized.client", "unsupported.grant.type",
		"authfailed",     // the Stream gateway's word for the first: zfanswer/dify-on-dingtalk#28
		"invalid_client", // RFC 6749's, on a device
		"40086", "40088", "40089", "40096",
		"853003", "853004": // a scan's signature: no such accessKey, the wrong secret
		return "", true
	case "33001", "40013":
		return "corp_id", true
	case "50005", "70001": // disabled, gone
		return "company", true
	case "40079", "40084": // no such authorization, or its persistent code is none
		return "authorization", true
	case "50003":
		return "app_disabled", true
	case "71006", "71007", "71008": // a callback's address exists already, does not exist, has a tag that is none
		return "callback", true
	case "71012", "71013": // it is out of reach or redirects, it is blocked
		return "callback_address", true
	case "71009", // its answer was not success, and what was wrong with it: see callback.Code
		"900001", "900002", "900003", "900004", "900005", "900006", "900007", "900008", "900009", "900010":
		return "callback_answer", true
	}
	return "", false
}

// detail is the fact that an administrator can act on. Where a code has several
// mends it begins with the name of the one, as package words wants it.
func (e *Error) detail(code login.Code) string {
	switch code {
	case login.IPNotAllowed:
		return e.Address
	case login.PermissionMissing:
		return e.lacking()
	case login.RateLimited:
		return e.limit()
	case login.AppMisconfigured, login.ProviderAnswer:
		return e.mend()
	}
	return ""
}

// lacking is the permission that the app lacks.
func (e *Error) lacking() string {
	switch {
	case len(e.RequiredScopes) > 0:
		return strings.Join(e.RequiredScopes, ", ")
	case e.effective() == "50002" || e.effective() == "50004":
		return "通讯录权限范围 (contact scope)" // as the console names it
	}
	return e.permission
}

// limit tells the limits that do not pass within a minute.
func (e *Error) limit() string {
	switch {
	case e.Banned:
		return "ban: " + e.RetryAfter.Round(time.Second).String()
	case e.spent():
		return "quota: " + e.said()
	}
	return ""
}

// mend is the table's, with DingTalk's code, which its documentation explains.
func (e *Error) mend() string {
	switch {
	case errors.Is(e.Err, errPlain):
		return "address: " + errPlain.Error()
	case errors.Is(e.Err, errProxySetting):
		return "proxy: " + errProxySetting.Error()
	}
	if _, _, mend := meaning(e.effective()); mend != "" {
		return mend + ": " + e.said()
	}
	return ""
}
