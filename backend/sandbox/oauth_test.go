package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/sandbox"
)

const (
	exchangePath = "/v1.0/oauth2/userAccessToken"
	appTokenPath = "/v1.0/oauth2/accessToken"
	unionPath    = "/topapi/user/getbyunionid"
	userPath     = "/topapi/v2/user/get"
)

// isRestError checks the new API's envelope, requestid in lower case included.
func isRestError(t *testing.T, res reply, status int, code string) {
	t.Helper()
	body := res.json(t)
	if res.status != status || body["code"] != code {
		t.Errorf("got %d %v, want %d %s", res.status, body, status, code)
	}
	if id, _ := body["requestid"].(string); id == "" || body["message"] == "" {
		t.Errorf("envelope: %v", body)
	}
}

func TestTheExchangeRefusesWhatDingTalkRefuses(t *testing.T) {
	t.Parallel()
	k := start(t)
	app := k.App()
	good := func() map[string]any {
		return map[string]any{
			"clientId": app.ClientID, "clientSecret": app.ClientSecret.Reveal(), "code": k.code("zhang01"), "grantType": "authorization_code",
		}
	}
	for name, c := range map[string]struct {
		key   string
		value any
		code  string
	}{
		"the secret is wrong":         {"clientSecret", "guess", "invalidClientIdOrSecret"},
		"the client is unknown":       {"clientId", "dingother", "invalidClientIdOrSecret"},
		"the code is unknown":         {"code", "guess", "invalidParameter.authCode.notFound"},
		"the code is missing":         {"code", "", "Missingcode"},
		"the client is missing":       {"clientId", "", "MissingclientId"},
		"the grant type is missing":   {"grantType", "", "MissinggrantType"},
		"the grant type is another's": {"grantType", "client_credentials", "invalidParameter.grantType"},
		"a field is no string":        {"code", 7, "invalidParameter.body"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := k.in(t)
			body := good()
			body[c.key] = c.value
			isRestError(t, k.post(exchangePath, body), http.StatusBadRequest, c.code)
		})
	}
	t.Run("a field name has another case", func(t *testing.T) {
		t.Parallel()
		k := k.in(t)
		body := good()
		body["clientid"] = body["clientId"]
		delete(body, "clientId")
		isRestError(t, k.post(exchangePath, body), http.StatusBadRequest, "MissingclientId")
	})
	t.Run("the body is a form", func(t *testing.T) {
		t.Parallel()
		k := k.in(t)
		res := k.do(http.MethodPost, exchangePath, "clientId=a", "Content-Type", "application/x-www-form-urlencoded")
		isRestError(t, res, http.StatusBadRequest, "invalidParameter.body")
	})
	t.Run("the method is GET", func(t *testing.T) {
		t.Parallel()
		k := k.in(t)
		if res := k.do(http.MethodGet, exchangePath, ""); res.status != http.StatusNotFound {
			t.Errorf("got %d", res.status)
		}
	})
	t.Run("the address is not in the white list", func(t *testing.T) {
		t.Parallel()
		k := start(t)
		code := k.code("zhang01")
		k.change(func(s *sandbox.Settings) { s.AllowedIPs = []string{"203.0.113.7"} })
		isRestError(t, k.exchange(code), http.StatusForbidden, "Forbidden.AccessDenied.IpNotInWhiteList")
		k.change(func(s *sandbox.Settings) { s.AllowedIPs = []string{"127.0.0.1"} })
		if res := k.exchange(code); res.status != http.StatusOK {
			t.Errorf("allowed: %d", res.status)
		}
	})
}

func TestAOneTimeCodeWorksOnceAndNotForLong(t *testing.T) {
	t.Parallel()
	k := start(t, func(o *sandbox.Options) { o.AuthCodeLifetime = time.Minute })
	used, late, ended := k.code("zhang01"), k.code("zhang01"), k.code("zhang01")
	if res := k.exchange(used); res.status != http.StatusOK {
		t.Fatalf("first: %d %s", res.status, res.body)
	}
	isRestError(t, k.exchange(used), http.StatusBadRequest, "invalidParameter.authCode.notFound")
	k.ExpireCodes()
	isRestError(t, k.exchange(ended), http.StatusBadRequest, "invalidParameter.authCode.notFound")
	k.clock.pass(time.Minute)
	isRestError(t, k.exchange(late), http.StatusBadRequest, "invalidParameter.authCode.notFound")
	kept := k.code("zhang01")
	k.clock.pass(time.Minute - time.Second)
	if res := k.exchange(kept); res.status != http.StatusOK {
		t.Errorf("in its last second: %d", res.status)
	}
}

func TestARefreshTokenIsReplacedEachTime(t *testing.T) {
	t.Parallel()
	k := start(t)
	app := k.App()
	first := k.exchange(k.code("zhang01")).json(t)
	renew := func(token any) reply {
		return k.post(exchangePath, map[string]any{
			"clientId": app.ClientID, "clientSecret": app.ClientSecret.Reveal(), "refreshToken": token, "grantType": "refresh_token",
		})
	}
	second := renew(first["refreshToken"]).json(t)
	if second["accessToken"] == first["accessToken"] || second["refreshToken"] == first["refreshToken"] || second["corpId"] != app.CorpID {
		t.Errorf("renewed: %v", second)
	}
	token, _ := second["accessToken"].(string)
	if me := k.me(token).json(t); me["nick"] != "阿明" {
		t.Errorf("me: %v", me)
	}
	isRestError(t, renew(first["refreshToken"]), http.StatusBadRequest, "invalidParameter.authCode.notFound")
	k.clock.pass(30 * 24 * time.Hour)
	isRestError(t, renew(second["refreshToken"]), http.StatusBadRequest, "invalidParameter.authCode.notFound")
}

func TestWhoAmIRefusesWhatDingTalkRefuses(t *testing.T) {
	t.Parallel()
	k := start(t)
	token := k.userToken("zhang01")
	t.Run("no token", func(t *testing.T) {
		k := k.in(t)
		isRestError(t, k.do(http.MethodGet, "/v1.0/contact/users/me", ""), http.StatusBadRequest, "AuthenticationFailed.MissingParameter")
	})
	t.Run("the token is a bearer", func(t *testing.T) {
		k := k.in(t)
		res := k.do(http.MethodGet, "/v1.0/contact/users/me", "", "Authorization", "Bearer "+token)
		isRestError(t, res, http.StatusBadRequest, "AuthenticationFailed.MissingParameter")
	})
	t.Run("the token is in the query", func(t *testing.T) {
		k := k.in(t)
		res := k.do(http.MethodGet, "/v1.0/contact/users/me?access_token="+token, "")
		isRestError(t, res, http.StatusBadRequest, "AuthenticationFailed.MissingParameter")
	})
	t.Run("the token is unknown", func(t *testing.T) {
		k := k.in(t)
		isRestError(t, k.me("guess"), http.StatusBadRequest, "InvalidAuthentication")
	})
	t.Run("the token is the app's", func(t *testing.T) {
		k := k.in(t)
		isRestError(t, k.me(k.appToken()), http.StatusForbidden, "Forbidden.AccessDenied.AccessTokenPermissionDenied")
	})
	t.Run("the unionid is nobody's", func(t *testing.T) {
		k := k.in(t)
		res := k.do(http.MethodGet, "/v1.0/contact/users/nobody", "", "x-acs-dingtalk-access-token", token)
		isRestError(t, res, http.StatusNotFound, "invalidParameter.user.notFound")
	})
	t.Run("the unionid is one's own", func(t *testing.T) {
		k := k.in(t)
		p, err := k.Person("zhang01")
		if err != nil {
			t.Fatal(err)
		}
		res := k.do(http.MethodGet, "/v1.0/contact/users/"+p.UnionID, "", "x-acs-dingtalk-access-token", token)
		if res.json(t)["unionId"] != p.UnionID {
			t.Errorf("got %s", res.body)
		}
	})
	t.Run("the token has expired", func(t *testing.T) {
		k := k.in(t)
		k.clock.pass(2 * time.Hour)
		isRestError(t, k.me(token), http.StatusBadRequest, "accesstoken.expired")
	})
	t.Run("the token was rotated away", func(t *testing.T) {
		k := k.in(t)
		token := k.userToken("zhang01")
		k.RotateTokens()
		isRestError(t, k.me(token), http.StatusBadRequest, "InvalidAuthentication")
	})
}

func TestPermissionsDecideWhatIsTold(t *testing.T) {
	t.Parallel()
	without := func(permission string) func(*sandbox.Settings) {
		return func(s *sandbox.Settings) {
			kept := s.Permissions[:0]
			for _, p := range s.Permissions {
				if p != permission {
					kept = append(kept, p)
				}
			}
			s.Permissions = kept
		}
	}
	t.Run("Contact.User.Read: no profile, and the name of the permission", func(t *testing.T) {
		t.Parallel()
		k := start(t)
		token := k.userToken("zhang01")
		k.change(without(sandbox.PermitReadSelf))
		res := k.me(token)
		isRestError(t, res, http.StatusForbidden, "Forbidden.AccessDenied.AccessTokenPermissionDenied")
		if !strings.Contains(res.body, `"accessdenieddetail":{"requiredScopes":["Contact.User.Read"]}`) {
			t.Errorf("got %s", res.body)
		}
	})
	t.Run("a permission that came after the consent does not count", func(t *testing.T) {
		t.Parallel()
		k := start(t)
		all := k.Settings()
		k.change(without(sandbox.PermitReadSelf))
		token := k.userToken("zhang01")
		k.change(func(s *sandbox.Settings) { *s = all })
		isRestError(t, k.me(token), http.StatusForbidden, "Forbidden.AccessDenied.AccessTokenPermissionDenied")
	})
	t.Run("Contact.User.mobile: no number", func(t *testing.T) {
		t.Parallel()
		k := start(t)
		k.change(without(sandbox.PermitReadMobile))
		me := k.me(k.userToken("zhang01")).json(t)
		if me["mobile"] != nil || me["stateCode"] != nil || me["nick"] != "阿明" {
			t.Errorf("got %v", me)
		}
	})
	t.Run("qyapi_get_member: 60011 behind 88", func(t *testing.T) {
		t.Parallel()
		k := start(t)
		k.change(without(sandbox.PermitMember))
		isTopError(t, k.top(userPath, k.appToken(), map[string]any{"userid": "zhang01"}), 88, "60011")
	})
	t.Run("the field permissions: the fields are absent", func(t *testing.T) {
		t.Parallel()
		k := start(t)
		k.change(without(sandbox.PermitMobile))
		k.change(without(sandbox.PermitEmail))
		record := k.top(userPath, k.appToken(), map[string]any{"userid": "zhang01"})
		result, _ := record["result"].(map[string]any)
		for _, field := range []string{"mobile", "state_code", "email", "org_email"} {
			if _, there := result[field]; there {
				t.Errorf("%s is there", field)
			}
		}
		if record["errcode"] != 0.0 {
			t.Errorf("got %v", record)
		}
	})
}
