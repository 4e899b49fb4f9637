package dingtalk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
)

// meanings is the whole table of contract 7.10, with 6.1 and 7.9.
var meanings = []struct {
	codes []int
	class dingtalk.Class
	code  login.Code
}{
	{[]int{-1}, dingtalk.Retry, login.ProviderUnavailable},
	{[]int{22, 40000, 40035, 400002, 40068, 40069, 41001, 41007, 41026, 43001, 43002, 43003, 853001}, dingtalk.Bug, login.Internal},
	{[]int{33001, 40013, 40079, 40084, 40086, 40088, 40089, 40096, 50003, 50005, 70001}, dingtalk.Settings, login.AppMisconfigured},
	{[]int{71006, 71007, 71008, 71009, 71012, 71013, 853003, 853004}, dingtalk.Settings, login.AppMisconfigured},
	{[]int{900001, 900002, 900003, 900004, 900005, 900006, 900007, 900008, 900009, 900010}, dingtalk.Settings, login.AppMisconfigured},
	{[]int{33012, 40003, 40009, 40031, 40032, 40073, 40104, 60003, 60019}, dingtalk.Refuse, login.ProviderAnswer},
	{[]int{40001, 40014, 42001}, dingtalk.Token, login.ProviderAnswer},
	{[]int{40029, 40078, 40091, 42002, 42003, 42007, 42008}, dingtalk.SignInAgain, login.CodeInvalid},
	{[]int{43007, 50002, 50004, 60011}, dingtalk.Settings, login.PermissionMissing},
	{[]int{50001}, dingtalk.Settings, login.RedirectMisconfigured},
	{[]int{60020}, dingtalk.Settings, login.IPNotAllowed},
	{[]int{60111, 60121}, dingtalk.Refuse, login.NotMember},
	{[]int{60120}, dingtalk.Refuse, login.Disabled},
	{[]int{853002}, dingtalk.Settings, login.ClockWrong},
	{[]int{90001, 90002, 90003, 90004, 90005, 90006, 90007, 90008, 90009, 90010, 90011, 90012, 90013, 90014, 90015, 90016, 90017, 90018, 90019, 90020},
		dingtalk.Retry, login.RateLimited},
	{[]int{90000, 90021, 404, 123456}, dingtalk.Bug, login.ProviderAnswer}, // in no table
}

// A code means the same alone, quoted, and inside 88, through a call that is
// made once.
func TestEveryCodeOfTheTableHasAClassAndACode(t *testing.T) {
	t.Parallel()
	for _, row := range meanings {
		for _, errcode := range row.codes {
			for form, body := range map[string]string{
				"alone":     `{"errcode":%d,"errmsg":"系统繁忙"}`,
				"quoted":    `{"errcode":"%d"}`,
				"inside 88": `{"errcode":88,"sub_code":"%d","sub_msg":"系统繁忙"}`,
			} {
				t.Run(strconv.Itoa(errcode)+" "+form, func(t *testing.T) {
					t.Parallel()
					f := newFake(t, map[string]http.HandlerFunc{exchangePath: says(200, fmt.Sprintf(body, errcode))})
					classed(t, ask(t.Context(), f.client(), exchangePath), row.class, row.code)
				})
			}
		}
	}
}

func TestEveryNameOfTheNewerApiHasAClassAndACode(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		class  dingtalk.Class
		code   login.Code
	}{
		"invalidParameter.authCode.notFound":      {400, dingtalk.SignInAgain, login.CodeInvalid},
		"invalidClientIdOrSecret":                 {400, dingtalk.Settings, login.AppMisconfigured},
		"invalid.client":                          {400, dingtalk.Settings, login.AppMisconfigured},
		"unsupported.grant.type":                  {400, dingtalk.Settings, login.AppMisconfigured},
		"unauthorized.client":                     {401, dingtalk.Settings, login.AppMisconfigured},
		"authFailed":                              {401, dingtalk.Settings, login.AppMisconfigured}, // zfanswer/dify-on-dingtalk#28
		"invalidParameter.grantType":              {400, dingtalk.Bug, login.ProviderAnswer},
		"InvalidAuthentication":                   {400, dingtalk.Token, login.ProviderAnswer},
		"accesstoken.expired":                     {400, dingtalk.Token, login.ProviderAnswer},
		"authorization_pending":                   {400, dingtalk.Retry, login.Expired},
		"slow_down":                               {400, dingtalk.Retry, login.Expired},
		"expired_token":                           {400, dingtalk.SignInAgain, login.Expired},
		"access_denied":                           {400, dingtalk.Refuse, login.Denied},
		"invalid_client":                          {400, dingtalk.Settings, login.AppMisconfigured},
		"invalidToken":                            {400, dingtalk.Token, login.ProviderAnswer},
		"invalidCode":                             {400, dingtalk.SignInAgain, login.CodeInvalid},
		"AuthenticationFailed.MissingParameter":   {400, dingtalk.Bug, login.Internal},
		"invalidParameter.user.notFound":          {404, dingtalk.Refuse, login.NotMember},
		"Forbidden.AccessDenied.IpNotInWhiteList": {403, dingtalk.Settings, login.IPNotAllowed},
		"Forbidden.AccessDenied.AccessTokenPermissionDenied":     {403, dingtalk.Settings, login.PermissionMissing},
		"Forbidden.AccessDenied.NeverSeen":                       {403, dingtalk.Settings, login.PermissionMissing},
		"Forbidden.AccessDenied.QpsLimitForAppkeyAndApi":         {403, dingtalk.Retry, login.RateLimited},
		"Forbidden.AccessDenied.QpsLimitForApi":                  {403, dingtalk.Retry, login.RateLimited},
		"Forbidden.AccessDenied.QpmLimitForAppkeyAndApi":         {403, dingtalk.Retry, login.RateLimited},
		"Forbidden.AccessDenied.QpsLimitForSuitekeyAndOrgAndApi": {403, dingtalk.Retry, login.RateLimited},
		"Forbidden.AccessDenied.ApiCountLimitForOrg":             {403, dingtalk.Retry, login.RateLimited},
		"system.error":       {500, dingtalk.Retry, login.ProviderUnavailable},
		"unknownError":       {500, dingtalk.Retry, login.ProviderUnavailable},
		"server.error":       {500, dingtalk.Retry, login.ProviderUnavailable},
		"ServiceUnavailable": {503, dingtalk.Retry, login.ProviderUnavailable},
		"neverSeen":          {500, dingtalk.Retry, login.ProviderUnavailable},
		"neverSeenEither":    {400, dingtalk.Bug, login.ProviderAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, map[string]http.HandlerFunc{exchangePath: newError(tc.status, name)})
			classed(t, ask(t.Context(), f.client(), exchangePath), tc.class, tc.code)
		})
	}
}

func TestWhatIsNoAnswerHasAClassToo(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancel(t.Context())
	end()
	for name, tc := range map[string]struct {
		ctx    context.Context
		answer http.HandlerFunc
		apiURL string
		class  dingtalk.Class
		code   login.Code
	}{
		"HTML":                    {t.Context(), says(200, `<html>`), "", dingtalk.Retry, login.ProviderAnswer},
		"a field that is missing": {t.Context(), says(200, `{}`), "", dingtalk.Bug, login.ProviderAnswer},
		"a lost connection":       {t.Context(), drops, "", dingtalk.Retry, login.Network},
		"a flood guard":           {t.Context(), says(200, `{"status":1111,"wait":5,"punish":"deny"}`), "", dingtalk.Retry, login.RateLimited},
		"the caller went away":    {ended, says(200, goodExchange), "", dingtalk.Retry, login.Cancelled},
		"a secret in plain http":  {t.Context(), drops, "http://example.com", dingtalk.Settings, login.AppMisconfigured},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newFake(t, map[string]http.HandlerFunc{exchangePath: tc.answer}).client()
			if tc.apiURL != "" {
				c.APIURL = tc.apiURL
			}
			classed(t, ask(tc.ctx, c, exchangePath), tc.class, tc.code)
		})
	}
}

func classed(t *testing.T, err error, class dingtalk.Class, code login.Code) {
	t.Helper()
	e, ok := errors.AsType[*dingtalk.Error](err)
	if !ok {
		t.Fatalf("nothing inside: %v", err)
	}
	if e.Class() != class || login.CodeOf(err) != code {
		t.Errorf("class and code are %q, %q; want %q, %q (%v)", e.Class(), login.CodeOf(err), class, code, err)
	}
}
