package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTheClockCanBeMoved(t *testing.T) {
	t.Parallel()
	k := start(t)
	before := k.Now()
	k.Advance(time.Hour)
	res := k.control(http.MethodPost, "clock", `{"advance":"30m"}`)
	if res.status != http.StatusOK || !strings.Contains(res.body, "2026-11-21T13:30:00Z") {
		t.Errorf("control: %d %s", res.status, res.body)
	}
	if got := k.Now().Sub(before); got != 90*time.Minute {
		t.Errorf("moved by %v", got)
	}
	for _, bad := range []string{`{"advance":"soon"}`, `{"move":"1s"}`} {
		if res := k.control(http.MethodPost, "clock", bad); res.status != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, res.status)
		}
	}
}

// A page that waits for its QR hears of the expiry at once, however far away
// it was.
func TestMovingTheClockWakesWhoWaits(t *testing.T) {
	t.Parallel()
	k := start(t)
	s := k.open()
	answer := make(chan string, 1)
	go func() {
		res, err := k.try(http.MethodGet, s.watch+"?wait=20&seen=waiting", "")
		if err != nil {
			res.body = err.Error()
		}
		answer <- res.body
	}()
	for k.Counts()["GET /oauth2/watch/{key}"] == 0 {
		k.control(http.MethodGet, "state", "") // the page has not asked yet
	}
	k.Advance(time.Hour)
	if got := <-answer; !strings.Contains(got, `"expired"`) {
		t.Errorf("the page hears %s", got)
	}
}

func TestTokensLiveAsLongAsTheSettingsSay(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.control(http.MethodPost, "settings", `{"token_lifetime":"10s","refresh_lifetime":"1m"}`)
	grant := k.exchange(k.code("zhang01")).json(t)
	token, _ := grant["accessToken"].(string)
	if grant["expireIn"] != 10.0 || k.me(token).status != http.StatusOK {
		t.Fatalf("grant: %v", grant)
	}
	k.Advance(10 * time.Second)
	isRestError(t, k.me(token), http.StatusBadRequest, "accesstoken.expired")
	refresh := func() reply {
		app := k.App()
		return k.post(exchangePath, map[string]any{
			"clientId": app.ClientID, "clientSecret": app.ClientSecret.Reveal(),
			"refreshToken": grant["refreshToken"], "grantType": "refresh_token",
		})
	}
	k.Advance(50 * time.Second)
	isRestError(t, refresh(), http.StatusBadRequest, "invalidParameter.authCode.notFound")
}

func TestTheTokenOfOneCompany(t *testing.T) {
	t.Parallel()
	k := start(t)
	app := k.App()
	body := func() map[string]any {
		return map[string]any{"client_id": app.ClientID, "client_secret": app.ClientSecret.Reveal(), "grant_type": "client_credentials"}
	}
	path := "/v1.0/oauth2/" + app.CorpID + "/token"
	first := k.post(path, body()).json(t)
	if first["access_token"] != k.appToken() || first["expires_in"] != 7200.0 {
		t.Errorf("token: %v", first)
	}
	k.RotateTokens()
	if second := k.post(path, body()).json(t); second["access_token"] == first["access_token"] {
		t.Error("the same token after a rotation")
	}
	for name, c := range map[string]struct {
		path, key, value string
		status           int
		code             string
	}{
		"the secret is wrong":            {path, "client_secret", "guess", 400, "invalid.client"},
		"the client is unknown":          {path, "client_id", "dingother", 400, "invalid.client"},
		"the grant type is another's":    {path, "grant_type", "password", 400, "unsupported.grant.type"},
		"the company has no such app":    {"/v1.0/oauth2/dingcorpelsewhere0002/token", "", "", 401, "unauthorized.client"},
		"the company is invented (seen)": {"/v1.0/oauth2/dingnobody/token", "", "", 500, "unknownError"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := k.in(t)
			in := body()
			in[c.key] = c.value
			isRestError(t, k.post(c.path, in), c.status, c.code)
		})
	}
}
