package dingtalk_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// ask makes the one call that path stands for.
func ask(ctx context.Context, c *dingtalk.Client, path string) error {
	var err error
	switch path {
	case exchangePath:
		_, err = c.ExchangeCode(ctx, secret.New(oneTimeCode))
	case mePath:
		_, err = c.Me(ctx, secret.New(userToken))
	case tokenPath:
		_, err = c.AppToken(ctx)
	case memberPath:
		_, err = c.UserIDByUnionID(ctx, "uXyZ34iEiE")
	case userPath:
		_, err = c.User(ctx, "zhang01")
	default:
		panic("no such call: " + path)
	}
	return err
}

func TestEveryRefusalHasItsCode(t *testing.T) {
	t.Parallel()
	const denied = `{"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied","requestid":"R-9","message":"x",`
	for _, tc := range []struct {
		name   string
		path   string
		answer http.HandlerFunc
		code   login.Code
		detail string
	}{
		// Contract 2.1
		{"code unknown, used or expired", exchangePath, newError(400, "invalidParameter.authCode.notFound"), login.CodeInvalid, ""},
		{"wrong client id or secret", exchangePath, newError(400, "invalidClientIdOrSecret"), login.AppMisconfigured, ""},
		{"another parameter is wrong", exchangePath, newError(400, "invalidParameter.grantType"), login.ProviderAnswer, ""},
		{"address not on the app's list", exchangePath, says(403, `{"code":"Forbidden.AccessDenied.IpNotInWhiteList","message":"request ip=203.0.113.7 is not in the list of appKey(dingabc123)"}`), login.IPNotAllowed, "203.0.113.7"},
		{"address refusal without an address", exchangePath, newError(403, "Forbidden.AccessDenied.IpNotInWhiteList"), login.IPNotAllowed, ""},
		{"rate limit of a call that must not be repeated", exchangePath, newError(403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"), login.RateLimited, ""},
		{"monthly quota", exchangePath, newError(403, "Forbidden.AccessDenied.ApiCountLimitForOrg"), login.RateLimited, "quota: Forbidden.AccessDenied.ApiCountLimitForOrg"},
		{"HTTP 429", exchangePath, says(429, `{}`), login.RateLimited, ""},
		{"HTTP 429 in HTML is no JSON, yet a limit", exchangePath, says(429, `<html>`), login.RateLimited, ""},
		{"flood guard", exchangePath, says(200, `{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"0a1b2c3d"}`), login.RateLimited, "ban: 5m0s"},
		{"flood guard with HTTP 403", userPath, says(403, `{"status":"1111","punish":"deny"}`), login.RateLimited, "ban: 5m0s"},
		{"system.error", exchangePath, newError(500, "system.error"), login.ProviderUnavailable, ""},
		{"unknownError", exchangePath, newError(500, "unknownError"), login.ProviderUnavailable, ""},
		{"a name never seen with HTTP 500", exchangePath, newError(500, "whatever"), login.ProviderUnavailable, ""},
		{"an HTML page with HTTP 502", exchangePath, says(502, `<html>Bad Gateway</html>`), login.ProviderUnavailable, ""},
		{"ServiceUnavailable", exchangePath, newError(503, "ServiceUnavailable"), login.ProviderUnavailable, ""},
		{"a name never seen", exchangePath, newError(400, "whatever"), login.ProviderAnswer, ""},
		{"letter case does not matter", exchangePath, newError(400, "InvalidParameter.AuthCode.NotFound"), login.CodeInvalid, ""},

		// Contract 2.2
		{"no permission, naming it", mePath, says(403, denied+`"accessdenieddetail":{"requiredScopes":["Contact.User.Read","Contact.User.mobile"]}}`), login.PermissionMissing, "Contact.User.Read, Contact.User.mobile"},
		{"no permission, in capitals as an SDK prints it", mePath, says(403, `{"Code":"Forbidden.AccessDenied.AccessTokenPermissionDenied","RequestId":"R-9","AccessDeniedDetail":{"requiredScopes":["Contact.User.Read"]}}`), login.PermissionMissing, "Contact.User.Read"},
		{"no permission, naming nothing", mePath, newError(403, "Forbidden.AccessDenied.AccessTokenPermissionDenied"), login.PermissionMissing, "Contact.User.Read"},
		{"no permission, with a detail of another shape", mePath, says(403, denied+`"accessdenieddetail":"?"}`), login.PermissionMissing, "Contact.User.Read"},
		{"no permission, with text in place of a name", mePath, says(403, denied+`"accessdenieddetail":{"requiredScopes":["<b>x</b>"]}}`), login.PermissionMissing, "Contact.User.Read"},
		{"another kind of 403", mePath, newError(403, "Forbidden.AccessDenied.Whatever"), login.PermissionMissing, "Contact.User.Read"},
		{"403 with no name at all", mePath, says(403, `{}`), login.ProviderAnswer, ""},
		{"403 in HTML", mePath, says(403, `<html>blocked</html>`), login.ProviderAnswer, ""},
		{"the person's own token refused", mePath, newError(400, "InvalidAuthentication"), login.ProviderAnswer, "token: InvalidAuthentication"},
		{"our mistake", mePath, newError(400, "AuthenticationFailed.MissingParameter"), login.Internal, ""},
		{"no such person", mePath, newError(404, "invalidParameter.user.notFound"), login.NotMember, ""},
		{"an unknown path answers 200 with an errcode", mePath, says(200, `{"errcode":404,"errmsg":"请求的URI地址不存在"}`), login.ProviderAnswer, ""},

		// Contract 3
		{"wrong secret", tokenPath, newError(400, "invalidClientIdOrSecret"), login.AppMisconfigured, ""},
		{"unauthorized client", tokenPath, newError(401, "unauthorized.client"), login.AppMisconfigured, ""},

		// Contract 4
		{"no member", memberPath, oldError(60121), login.NotMember, ""},
		{"no member, not wrapped", memberPath, says(200, `{"errcode":60121,"errmsg":"找不到该用户"}`), login.NotMember, ""},
		{"no member, quoted", memberPath, says(200, `{"errcode":"60121"}`), login.NotMember, ""},
		{"no member, sub-code as a number", memberPath, says(200, `{"errcode":88,"sub_code":60121}`), login.NotMember, ""},
		{"no member, everything quoted and padded", memberPath, says(200, `{"errcode":"88","sub_code":" 060121 "}`), login.NotMember, ""},
		{"disabled", userPath, oldError(60120), login.Disabled, ""},
		{"outside the contact scope", userPath, oldError(50002), login.PermissionMissing, "通讯录权限范围 (contact scope)"},
		{"department outside the contact scope", userPath, oldError(50004), login.PermissionMissing, "通讯录权限范围 (contact scope)"},
		{"no permission", memberPath, oldError(60011), login.PermissionMissing, "qyapi_get_member"},
		{"insufficient permission", userPath, oldError(43007), login.PermissionMissing, "qyapi_get_member"},
		{"invalid userid", userPath, oldError(33012), login.ProviderAnswer, "not_found: 33012"},
		{"bad parameter", memberPath, oldError(400002), login.Internal, ""},

		// Contract 7.10
		{"address not on the app's list, older API", memberPath, says(200, `{"errcode":88,"sub_code":"60020","sub_msg":"访问ip不在白名单之中,request ip=2001:db8::7 appKey(dingabc123)","errmsg":"x"}`), login.IPNotAllowed, "2001:db8::7"},
		{"address right after a colon", memberPath, says(200, `{"errcode":60020,"errmsg":"访问ip不在白名单之中,ip:198.51.100.20."}`), login.IPNotAllowed, "198.51.100.20"},
		{"bad corp id", memberPath, oldError(40013), login.AppMisconfigured, "corp_id: 40013"},
		{"app disabled", memberPath, oldError(50003), login.AppMisconfigured, "app_disabled: 50003"},
		{"company disabled", memberPath, oldError(50005), login.AppMisconfigured, "company: 50005"},
		{"company gone", memberPath, oldError(70001), login.AppMisconfigured, "company: 70001"},
		{"wrong appkey", memberPath, oldError(40096), login.AppMisconfigured, ""},
		{"redirect address not registered", memberPath, oldError(50001), login.RedirectMisconfigured, ""},
		{"monthly quota, older API", memberPath, oldError(90020), login.RateLimited, "quota: 90020"},
		{"one beyond the rate limits", memberPath, oldError(90021), login.ProviderAnswer, ""},
		{"88 that says nothing", memberPath, says(200, `{"errcode":88}`), login.ProviderAnswer, ""},
		{"a code never seen", memberPath, oldError(123456), login.ProviderAnswer, ""},
		{"a code that is no code", memberPath, says(200, `{"errcode":"<script>"}`), login.ProviderAnswer, ""},
		{"a refusal on an HTTP error", memberPath, says(500, `{"errcode":60121}`), login.NotMember, ""},

		// Contract 0.1
		{"HTML with HTTP 200", memberPath, says(200, `<!DOCTYPE html><html>滑动验证</html>`), login.ProviderAnswer, ""},
		{"nothing with HTTP 200", memberPath, says(200, ``), login.ProviderAnswer, ""},
		{"an array", memberPath, says(200, `[]`), login.ProviderAnswer, ""},
		{"null", memberPath, says(200, `null`), login.ProviderAnswer, ""},
		{"half a JSON text", memberPath, says(200, goodMember[:40]), login.ProviderAnswer, ""},
		{"text after the JSON", memberPath, says(200, goodMember+"<!-- -->"), login.ProviderAnswer, ""},
		{"something nested very deeply", memberPath, says(200, strings.Repeat(`[`, 100_000)), login.ProviderAnswer, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, map[string]http.HandlerFunc{tc.path: tc.answer})
			err := ask(t.Context(), f.client(), tc.path)
			if got := login.CodeOf(err); got != tc.code {
				t.Errorf("code = %q, want %q (%v)", got, tc.code, err)
			}
			if got := login.DetailOf(err); got != tc.detail {
				t.Errorf("detail = %q, want %q", got, tc.detail)
			}
			if n := len(f.requests(tc.path)); n != 1 {
				t.Errorf("asked %d times, want once", n)
			}
		})
	}
}

func TestAnErrorTellsProgramsWhatHappened(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{memberPath: oldError(60011), mePath: newError(403, "Forbidden.AccessDenied.AccessTokenPermissionDenied")})
	for path, want := range map[string]string{
		memberPath: "permission_missing (qyapi_get_member): /topapi/user/getbyunionid: HTTP 200, code 88, sub-code 60011, request r9",
		mePath:     "permission_missing (Contact.User.Read): /v1.0/contact/users/me: HTTP 403, code Forbidden.AccessDenied.AccessTokenPermissionDenied, request R-9",
	} {
		err := ask(t.Context(), f.client(), path)
		e, ok := errors.AsType[*dingtalk.Error](err)
		if !ok || e.Endpoint != path || e.Status == 0 || e.Code == "" || e.RequestID == "" {
			t.Errorf("%s: inside is %#v", path, e)
		}
		if err.Error() != want {
			t.Errorf("text = %q\nwant   %q", err, want)
		}
	}
}

func TestCodesAreOfTheClosedList(t *testing.T) {
	t.Parallel()
	closed := map[login.Code]bool{}
	for _, code := range login.Codes() {
		closed[code] = true
	}
	for n := -2; n < 100_000; n++ {
		for _, e := range []*dingtalk.Error{dingtalk.Refusal(n), dingtalk.Wrapped(n)} {
			if code := dingtalk.CodeOf(e); !closed[code] {
				t.Fatalf("errcode %d becomes %q", n, code)
			}
		}
	}
}

// Whoever has mistyped an address is not to look for a wrong client secret.
func TestASettingOfOursThatSpoilsACallIsNamed(t *testing.T) {
	t.Parallel()
	fails := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, dingtalk.ErrProxySetting })}
	for mend, c := range map[string]*dingtalk.Client{
		"address": {APIURL: "http://api.dingtalk.com"},
		"proxy":   {APIURL: "https://api.dingtalk.com", HTTP: fails},
		"corp_id": {TokenCall: dingtalk.TokenBySuite},
	} {
		_, err := c.AppToken(t.Context())
		named, _, _ := strings.Cut(login.DetailOf(err), ":")
		if login.CodeOf(err) != login.AppMisconfigured || named != mend {
			t.Errorf("%s: %v", mend, err)
		}
	}
}
