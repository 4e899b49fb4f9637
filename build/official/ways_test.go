package official_test

import (
	"testing"

	contact "github.com/alibabacloud-go/dingtalk/contact_1_0"
	oauth "github.com/alibabacloud-go/dingtalk/oauth2_1_0"
	util "github.com/alibabacloud-go/tea-utils/v2/service"
	"github.com/alibabacloud-go/tea/tea"

	"github.com/dingpass/dingpass/backend/sandbox"
)

func TestASuitesTokenIsAnotherEachTime(t *testing.T) {
	t.Parallel()
	k := start(t)
	ask := func(ticket, corp string) (*oauth.GetCorpAccessTokenResponse, error) {
		return k.oauth().GetCorpAccessToken(&oauth.GetCorpAccessTokenRequest{
			SuiteKey: tea.String(k.App().ClientID), SuiteSecret: tea.String(k.App().ClientSecret.Reveal()),
			AuthCorpId: tea.String(corp), SuiteTicket: tea.String(ticket),
		})
	}
	first, err := ask(k.App().SuiteTicket.Reveal(), k.App().CorpID)
	if err != nil {
		t.Fatal(err)
	}
	second, err := ask(k.App().SuiteTicket.Reveal(), k.App().CorpID)
	if err != nil {
		t.Fatal(err)
	}
	if token := tea.StringValue(first.Body.AccessToken); token == "" || token == tea.StringValue(second.Body.AccessToken) || tea.Int64Value(first.Body.ExpireIn) != 7200 {
		t.Errorf("got %v, then %v", first.Body, second.Body)
	}
	if _, err := k.people(tea.StringValue(first.Body.AccessToken), "张三"); err != nil {
		t.Errorf("the first is not good any more: %v", err)
	}
	_, err = ask("the ticket before", k.App().CorpID)
	isRefused(t, err, 400, "invalidClientIdOrSecret")
	_, err = ask(k.App().SuiteTicket.Reveal(), sandbox.OtherCorpID)
	isRefused(t, err, 401, "unauthorized.client")
}

func TestAnAdministratorComesFromTheConsole(t *testing.T) {
	t.Parallel()
	k := start(t)
	token, err := k.oauth().GetSsoAccessToken(&oauth.GetSsoAccessTokenRequest{
		Corpid: tea.String(k.App().CorpID), SsoSecret: tea.String(k.App().SSOSecret.Reveal()),
	})
	if err != nil {
		t.Fatal(err)
	}
	if tea.Int64Value(token.Body.ExpireIn) != 3600 {
		t.Errorf("it is good for %d s", tea.Int64Value(token.Body.ExpireIn))
	}
	who := func(token, code string) (*oauth.GetSsoUserInfoResponse, error) {
		return k.oauth().GetSsoUserInfoWithOptions(&oauth.GetSsoUserInfoRequest{Code: tea.String(code)},
			&oauth.GetSsoUserInfoHeaders{XAcsDingtalkAccessToken: tea.String(token)}, &util.RuntimeOptions{})
	}
	code, err := k.SSOCode("li02")
	if err != nil {
		t.Fatal(err)
	}
	_, err = who("guess", code)
	isRefused(t, err, 400, "invalidToken")
	got, err := who(tea.StringValue(token.Body.AccessToken), code)
	if err != nil {
		t.Fatal(err)
	}
	if b := got.Body; tea.StringValue(b.UserId) != "li02" || tea.StringValue(b.UserName) != "李思" || tea.StringValue(b.CorpId) != k.App().CorpID ||
		tea.StringValue(b.CorpName) == "" || !tea.BoolValue(b.IsAdmin) {
		t.Errorf("got %v", b)
	}
	_, err = who(tea.StringValue(token.Body.AccessToken), code)
	isRefused(t, err, 400, "invalidCode")
}

func TestAnEnterpriseAccountIsSignedOut(t *testing.T) {
	t.Parallel()
	k := start(t)
	token := k.appToken()
	out := func(userID string) (*contact.SignOutResponse, error) {
		return k.contact().SignOutWithOptions(&contact.SignOutRequest{UserId: tea.String(userID), Reason: tea.String("a lost phone")},
			&contact.SignOutHeaders{XAcsDingtalkAccessToken: tea.String(token)}, &util.RuntimeOptions{})
	}
	got, err := out("qian05")
	if err != nil {
		t.Fatal(err)
	}
	if !tea.BoolValue(got.Body.Result) {
		t.Errorf("got %v", got.Body)
	}
	_, err = out("nobody")
	isRefused(t, err, 404, "invalidParameter.user.notFound")
	k.forbid(sandbox.PermitSignOut)
	_, err = out("qian05")
	isRefused(t, err, 403, "Forbidden.AccessDenied.AccessTokenPermissionDenied")
}
