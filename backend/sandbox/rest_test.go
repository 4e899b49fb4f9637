package sandbox_test

import (
	"net/http"
	"testing"
)

// Contract 0.1: the newer API's calls are JSON, said to be JSON. The older one
// takes a form as well.
func TestTheNewerAPITakesNothingButJSON(t *testing.T) {
	t.Parallel()
	k := start(t)
	token := k.appToken()
	for path, body := range map[string]string{
		"/v1.0/oauth2/accessToken":          `{"appKey":"` + k.App().ClientID + `","appSecret":"` + k.App().ClientSecret.Reveal() + `"}`,
		"/v1.0/contact/users/search":        `{"queryWord":"张三","offset":0,"size":20}`,
		"/v1.0/contact/departments/search":  `{"queryWord":"工程","offset":0,"size":20}`,
		"/v1.0/contact/orgAccounts/signOut": `{"userId":"qian05","reason":"x"}`,
		openPath:                            `{"clientId":"` + k.App().ClientID + `","clientSecret":"` + k.App().ClientSecret.Reveal() + `","subscriptions":[{"type":"EVENT","topic":"*"}]}`,
	} {
		send := func(kind, body string) reply {
			return k.do(http.MethodPost, path, body, "Content-Type", kind, "Accept", "application/json", "x-acs-dingtalk-access-token", token)
		}
		if res := send("application/json; charset=utf-8", body); res.status != http.StatusOK {
			t.Errorf("%s: %d %s", path, res.status, res.body)
		}
		for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded"} {
			isRestError(t, send(kind, body), http.StatusBadRequest, "invalidParameter.body")
		}
		isRestError(t, send("application/json", ""), http.StatusBadRequest, "invalidParameter.body")
	}
}
