package official_test

import (
	"testing"
	"time"

	oauth "github.com/alibabacloud-go/dingtalk/oauth2_1_0"
	"github.com/alibabacloud-go/tea/tea"

	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/secret"
)

func (k *kit) oauth() *oauth.Client {
	k.t.Helper()
	client, err := oauth.NewClient(k.config())
	if err != nil {
		k.t.Fatal(err)
	}
	return client
}

// appToken fetches an app token.
func (k *kit) appToken() string {
	k.t.Helper()
	app := k.App()
	got, err := k.oauth().GetAccessToken(&oauth.GetAccessTokenRequest{
		AppKey: tea.String(app.ClientID), AppSecret: tea.String(app.ClientSecret.Reveal()),
	})
	if err != nil {
		k.t.Fatal(err)
	}
	if tea.Int64Value(got.Body.ExpireIn) != 7200 || tea.StringValue(got.Body.AccessToken) == "" {
		k.t.Fatalf("got %v", got.Body)
	}
	return tea.StringValue(got.Body.AccessToken)
}

// grant asks for a person's token, with a code or with a refresh token.
func (k *kit) grant(grantType, with string) (*oauth.GetUserTokenResponseBody, error) {
	k.t.Helper()
	app := k.App()
	request := &oauth.GetUserTokenRequest{
		ClientId: tea.String(app.ClientID), ClientSecret: tea.String(app.ClientSecret.Reveal()), GrantType: tea.String(grantType),
	}
	if grantType == "refresh_token" {
		request.RefreshToken = tea.String(with)
	} else {
		request.Code = tea.String(with)
	}
	got, err := k.oauth().GetUserToken(request)
	if err != nil {
		return nil, err
	}
	return got.Body, nil
}

// userToken signs a person in.
func (k *kit) userToken(userID string) string {
	k.t.Helper()
	got, err := k.grant("authorization_code", k.code(userID))
	if err != nil {
		k.t.Fatal(err)
	}
	return tea.StringValue(got.AccessToken)
}

func TestAnAppTokenIsTheSameUntilItEnds(t *testing.T) {
	t.Parallel()
	k := start(t)
	first := k.appToken()
	if k.appToken() != first {
		t.Error("another token within the validity")
	}
	k.Advance(2*time.Hour + time.Second)
	if k.appToken() == first {
		t.Error("the same token after its end")
	}
}

func TestTheTokenOfACompany(t *testing.T) {
	t.Parallel()
	k := start(t)
	app := k.App()
	request := func() *oauth.GetTokenRequest {
		return &oauth.GetTokenRequest{
			ClientId: tea.String(app.ClientID), ClientSecret: tea.String(app.ClientSecret.Reveal()), GrantType: tea.String("client_credentials"),
		}
	}
	got, err := k.oauth().GetToken(tea.String(app.CorpID), request())
	if err != nil {
		t.Fatal(err)
	}
	if tea.StringValue(got.Body.AccessToken) != k.appToken() || tea.Int32Value(got.Body.ExpiresIn) != 7200 {
		t.Errorf("got %v", got.Body)
	}
	for name, c := range map[string]struct {
		corp   string
		spoil  func(*oauth.GetTokenRequest)
		status int
		code   string
	}{
		"a wrong secret":       {app.CorpID, func(r *oauth.GetTokenRequest) { r.ClientSecret = tea.String("guess") }, 400, "invalid.client"},
		"another grant":        {app.CorpID, func(r *oauth.GetTokenRequest) { r.GrantType = tea.String("password") }, 400, "unsupported.grant.type"},
		"another company":      {sandbox.OtherCorpID, func(*oauth.GetTokenRequest) {}, 401, "unauthorized.client"},
		"a company of nobody":  {"dingnobody", func(*oauth.GetTokenRequest) {}, 500, "unknownError"},
		"no client id at all":  {app.CorpID, func(r *oauth.GetTokenRequest) { r.ClientId = nil }, 400, "invalid.client"},
		"another app's client": {app.CorpID, func(r *oauth.GetTokenRequest) { r.ClientId = tea.String("dingother") }, 400, "invalid.client"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request()
			c.spoil(r)
			_, err := k.oauth().GetToken(tea.String(c.corp), r)
			isRefused(t, err, c.status, c.code)
		})
	}
}

func TestACodeIsExchangedOnce(t *testing.T) {
	t.Parallel()
	k := start(t)
	code := k.code("zhang01")
	got, err := k.grant("authorization_code", code)
	if err != nil {
		t.Fatal(err)
	}
	if tea.StringValue(got.AccessToken) == "" || tea.StringValue(got.RefreshToken) == "" || tea.Int64Value(got.ExpireIn) != 7200 ||
		tea.StringValue(got.CorpId) != k.App().CorpID {
		t.Errorf("got %v", got)
	}
	_, err = k.grant("authorization_code", code)
	isRefused(t, err, 400, "invalidParameter.authCode.notFound")
}

func TestARefreshReplacesBothTokens(t *testing.T) {
	t.Parallel()
	k := start(t)
	first, err := k.grant("authorization_code", k.code("zhang01"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := k.grant("refresh_token", tea.StringValue(first.RefreshToken))
	if err != nil {
		t.Fatal(err)
	}
	if tea.StringValue(second.RefreshToken) == tea.StringValue(first.RefreshToken) || tea.StringValue(second.AccessToken) == tea.StringValue(first.AccessToken) {
		t.Error("the refresh brought what was there")
	}
	if tea.StringValue(second.CorpId) != tea.StringValue(first.CorpId) {
		t.Errorf("the company became %s", tea.StringValue(second.CorpId))
	}
	_, err = k.grant("refresh_token", tea.StringValue(first.RefreshToken))
	isRefused(t, err, 400, "invalidParameter.authCode.notFound")
}

func TestGrantsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil  func(*kit)
		grant  string
		with   string // "": a good code
		status int
		code   string
	}{
		"a code that nobody issued":   {grant: "authorization_code", with: "guess", status: 400, code: "invalidParameter.authCode.notFound"},
		"a code that is too old":      {spoil: func(k *kit) { k.Advance(6 * time.Minute) }, grant: "authorization_code", status: 400, code: "invalidParameter.authCode.notFound"},
		"a refresh token of nobody":   {grant: "refresh_token", with: "guess", status: 400, code: "invalidParameter.authCode.notFound"},
		"a grant that does not exist": {grant: "password", status: 400, code: "invalidParameter.grantType"},
		"an address outside the list": {
			spoil: func(k *kit) { k.change(func(s *sandbox.Settings) { s.AllowedIPs = []string{"192.0.2.1"} }) },
			grant: "authorization_code", status: 403, code: "Forbidden.AccessDenied.IpNotInWhiteList",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := start(t)
			with := c.with
			if with == "" {
				with = k.code("zhang01")
			}
			if c.spoil != nil {
				c.spoil(k)
			}
			_, err := k.grant(c.grant, with)
			isRefused(t, err, c.status, c.code)
		})
	}
}

func TestCredentialsThatAreWrong(t *testing.T) {
	t.Parallel()
	k := start(t)
	app, code := k.App(), k.code("zhang01")
	k.SetClientSecret(secret.New("another"))
	_, err := k.oauth().GetAccessToken(&oauth.GetAccessTokenRequest{
		AppKey: tea.String(app.ClientID), AppSecret: tea.String(app.ClientSecret.Reveal()),
	})
	isRefused(t, err, 400, "invalidClientIdOrSecret")
	_, err = k.oauth().GetUserToken(&oauth.GetUserTokenRequest{
		ClientId: tea.String(app.ClientID), ClientSecret: tea.String(app.ClientSecret.Reveal()),
		GrantType: tea.String("authorization_code"), Code: tea.String(code),
	})
	isRefused(t, err, 400, "invalidClientIdOrSecret")
	if _, err := k.grant("authorization_code", code); err != nil {
		t.Errorf("the wrong secret has spent the code: %v", err)
	}
}
