package sandbox_test

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"github.com/dingpass/dingpass/backend/sandbox"
)

// corpToken asks for a suite's token, with a good signature over this ticket.
func (k *kit) corpToken(ticket, corp string) reply {
	k.t.Helper()
	app, stamp := k.App(), strconv.FormatInt(k.Now().UnixMilli(), 10)
	q := url.Values{"accessKey": {app.ClientID}, "timestamp": {stamp}, "suiteTicket": {ticket},
		"signature": {sandbox.Sign(stamp+"\n"+ticket, app.ClientSecret.Reveal())}}
	return k.do(http.MethodPost, "/service/get_corp_token?"+q.Encode(), `{"auth_corpid":"`+corp+`"}`)
}

func TestASuitesTokenNeedsItsTicketInTheSignature(t *testing.T) {
	t.Parallel()
	k := start(t)
	app := k.App()
	first, second := k.corpToken(app.SuiteTicket.Reveal(), app.CorpID).json(t), k.corpToken(app.SuiteTicket.Reveal(), app.CorpID).json(t)
	if first["errcode"] != 0.0 || first["expires_in"] != 7200.0 || first["access_token"] == second["access_token"] {
		t.Errorf("got %v, then %v", first, second)
	}
	for name, c := range map[string]struct {
		ticket, corp string
		errcode      float64
	}{
		"another ticket":             {"guess", app.CorpID, 853004},
		"a company that did not ask": {app.SuiteTicket.Reveal(), sandbox.OtherCorpID, 40079},
		"a company that nobody has":  {app.SuiteTicket.Reveal(), "dingnobody", 40013},
		"no company":                 {app.SuiteTicket.Reveal(), "", 40035},
	} {
		if got := k.corpToken(c.ticket, c.corp).json(t); got["errcode"] != c.errcode {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := k.do(http.MethodGet, "/service/get_corp_token", "").json(t); got["errcode"] != 43002.0 {
		t.Errorf("GET: %v", got)
	}
}

func TestTheNewerCallsOfSuitesAndAdministratorsWantTheirFields(t *testing.T) {
	t.Parallel()
	k := start(t)
	app := k.App()
	suite := map[string]any{"suiteKey": app.ClientID, "suiteSecret": app.ClientSecret.Reveal(), "authCorpId": app.CorpID, "suiteTicket": app.SuiteTicket.Reveal()}
	sso := map[string]any{"corpid": app.CorpID, "ssoSecret": app.SSOSecret.Reveal()}
	for path, body := range map[string]map[string]any{"/v1.0/oauth2/corpAccessToken": suite, "/v1.0/oauth2/ssoAccessToken": sso} {
		if res := k.post(path, body); res.status != http.StatusOK || res.json(t)["accessToken"] == "" {
			t.Errorf("%s: %d %s", path, res.status, res.body)
		}
		for field := range body {
			without := map[string]any{}
			for name, value := range body {
				if name != field {
					without[name] = value
				}
			}
			isRestError(t, k.post(path, without), http.StatusBadRequest, "Missing"+field)
		}
	}
	isRestError(t, k.do(http.MethodGet, "/v1.0/oauth2/ssoUserInfo?code=x", ""), http.StatusBadRequest, "AuthenticationFailed.MissingParameter")
	isRestError(t, k.do(http.MethodGet, "/v1.0/oauth2/ssoUserInfo?code=x", "", "x-acs-dingtalk-access-token", "guess"), http.StatusBadRequest, "invalidToken")
}

func TestANewTicketReplacesTheOldOne(t *testing.T) {
	t.Parallel()
	k := start(t)
	before := k.App().SuiteTicket.Reveal()
	if res := k.control(http.MethodPost, "settings", `{"suite_ticket":"next"}`); res.status != http.StatusOK {
		t.Fatalf("%d %s", res.status, res.body)
	}
	if got := k.corpToken(before, k.App().CorpID).json(t); got["errcode"] != 853004.0 {
		t.Errorf("the old one: %v", got)
	}
	if got := k.corpToken("next", k.App().CorpID).json(t); got["errcode"] != 0.0 {
		t.Errorf("the new one: %v", got)
	}
	if res := k.control(http.MethodPost, "settings", `{"suite_ticket":7}`); res.status != http.StatusBadRequest {
		t.Errorf("a number: %d", res.status)
	}
}

func TestADeviceIsToldWhatIsWrong(t *testing.T) {
	t.Parallel()
	k := start(t)
	const form = "application/x-www-form-urlencoded"
	grant := "grant_type=" + url.QueryEscape("urn:ietf:params:oauth:grant-type:device_code") + "&client_id=" + k.App().ClientID
	for body, want := range map[string]string{
		"client_id=dingother&scope=openid+corpid":             "invalid_client",
		"client_id=" + k.App().ClientID + "&scope=everything": "invalid_scope",
	} {
		if got := k.do(http.MethodPost, "/oauth2/device/code.json", body, "Content-Type", form).json(t); got["success"] != false || got["errorCode"] != want {
			t.Errorf("%s: %v", body, got)
		}
	}
	for body, want := range map[string]string{
		"client_id=" + k.App().ClientID: "unsupported_grant_type",
		grant + "x&device_code=y":       "invalid_client",
		grant + "&device_code=guess":    "invalid_grant",
	} {
		if got := k.do(http.MethodPost, "/oauth2/device/token.json", body, "Content-Type", form).json(t); got["success"] != false || got["errorCode"] != want {
			t.Errorf("%s: %v", body, got)
		}
	}
	if res := k.do(http.MethodGet, "/oauth2/device", ""); res.status != http.StatusFound || res.header.Get("Location") != "/" {
		t.Errorf("the page without a code: %d %v", res.status, res.header)
	}
}
