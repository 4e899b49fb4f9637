package dingtalk_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

const (
	ssoTokenPath = "/v1.0/oauth2/ssoAccessToken"
	ssoUserPath  = "/v1.0/oauth2/ssoUserInfo"
	goodSSOToken = `{"accessToken":"canary-sso-token","expireIn":3600}`
	goodSSOUser  = `{"corpId":"ding0a1b","corpName":"某公司","userId":"li02","userName":"李思","email":"li@corp.example","avatar":"https://static.dingtalk.com/a.png","isAdmin":true}`
)

func TestAnAdministratorComesFromTheConsole(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{ssoTokenPath: says(200, goodSSOToken), ssoUserPath: says(200, goodSSOUser)})
	s := &dingtalk.SSO{Client: f.client(), Secret: secret.New("canary-sso-secret")}
	got, err := s.User(t.Context(), secret.New(oneTimeCode))
	want := dingtalk.SSOUser{CorpID: "ding0a1b", CorpName: "某公司", UserID: "li02", Name: "李思", Email: "li@corp.example", Avatar: "https://static.dingtalk.com/a.png", Admin: true}
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	token, user := f.requests(ssoTokenPath)[0], f.requests(ssoUserPath)[0]
	if token.method != http.MethodPost || !maps.Equal(object(t, token.body), map[string]any{"corpid": "ding0a1b", "ssoSecret": "canary-sso-secret"}) {
		t.Errorf("asked %+v", token)
	}
	if user.method != http.MethodGet || user.query.Encode() != "code="+oneTimeCode || user.header.Get("x-acs-dingtalk-access-token") != "canary-sso-token" {
		t.Errorf("asked %+v", user)
	}
}

func TestTheConsolesRefusals(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		path   string
		answer http.HandlerFunc
		class  dingtalk.Class
		code   login.Code
	}{
		"a code unknown, used or expired": {ssoUserPath, newError(400, "invalidCode"), dingtalk.SignInAgain, login.CodeInvalid},
		"a token refused":                 {ssoUserPath, newError(400, "invalidToken"), dingtalk.Token, login.ProviderAnswer},
		"a wrong secret":                  {ssoTokenPath, newError(400, "invalidClientIdOrSecret"), dingtalk.Settings, login.AppMisconfigured},
		"nobody":                          {ssoUserPath, says(200, `{"corpId":"ding0a1b"}`), dingtalk.Bug, login.ProviderAnswer},
		"a lost answer":                   {ssoUserPath, drops, dingtalk.Retry, login.Network},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := map[string]http.HandlerFunc{ssoTokenPath: says(200, goodSSOToken), ssoUserPath: says(200, goodSSOUser)}
			script[tc.path] = tc.answer
			f := newFake(t, script)
			_, err := (&dingtalk.SSO{Client: f.client()}).User(t.Context(), secret.New(oneTimeCode))
			classed(t, err, tc.class, tc.code)
			if n := len(f.requests(tc.path)); n != 1 {
				t.Errorf("asked %d times, want once", n)
			}
		})
	}
}

func TestTheConsolesAdministratorIsOfOurCompany(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{ssoTokenPath: says(200, goodSSOToken), ssoUserPath: says(200, goodSSOUser)})
	for corp, want := range map[string]login.Code{"ding0c2d": login.WrongCorp, "": login.AppMisconfigured} {
		c := f.client()
		c.CorpID = corp
		if _, err := (&dingtalk.SSO{Client: c}).User(t.Context(), secret.New(oneTimeCode)); login.CodeOf(err) != want {
			t.Errorf("%q: %v", corp, err)
		}
	}
}
