package conformance_test

import (
	"context"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// askDevice is what a person is shown who signs in on a device.
func askDevice(ctx context.Context, c *dingtalk.Client) (any, error) {
	c.Now = still
	auth, err := c.AuthorizeDevice(ctx)
	return []any{auth.UserCode, auth.Page, auth.PageWithCode, auth.Expires.Sub(still()), auth.Interval}, err
}

// askDeviceCode waits for the one-time code as well.
func askDeviceCode(ctx context.Context, c *dingtalk.Client) (any, error) {
	auth, err := c.AuthorizeDevice(ctx)
	if err != nil {
		return nil, err
	}
	code, err := c.AwaitDevice(ctx, auth)
	return code.Reveal(), err
}

func askAdministrator(ctx context.Context, c *dingtalk.Client) (any, error) {
	return (&dingtalk.SSO{Client: c, Secret: secret.New("golden-sso-secret")}).User(ctx, secret.New("golden-code"))
}

func askSearch(ctx context.Context, c *dingtalk.Client) (any, error) {
	return all(c.SearchUsers(ctx, "样", false))
}

func askDepartmentSearch(ctx context.Context, c *dingtalk.Client) (any, error) {
	return all(c.SearchDepartments(ctx, "部"))
}

func askSignOut(ctx context.Context, c *dingtalk.Client) (any, error) {
	return nil, c.SignOut(ctx, "lin07", "a lost phone", nil)
}

func suite(way dingtalk.TokenCall) func(*dingtalk.Client) {
	return func(c *dingtalk.Client) {
		c.TokenCall = way
		c.SuiteTicket = func(context.Context) (secret.Text, error) { return secret.New("golden-ticket"), nil }
	}
}

// goldenWays are the answers of 1.7, of the rest of 3.4 and 6.1, of the newer
// searches and of 10.
func goldenWays() []golden {
	const page = "https://login.dingtalk.com/oauth2/device"
	return []golden{
		{files: "1.7-device-code.json", ask: askDevice, want: []any{"GLDN-2468", page, page + "?user_code=GLDN-2468", 15 * time.Minute, 2 * time.Second}},
		{files: "1.7-device-code-bare.json", ask: askDevice, want: []any{"GLDN-2468", page, page, 10 * time.Minute, 5 * time.Second}},
		{files: "1.7-device-code.json 1.7-device-approved.json", ask: askDeviceCode, want: "golden-device-code"},
		{files: "1.7-device-code.json 1.7-device-denied.json", ask: askDeviceCode,
			fails: &refusal{code: "access_denied", class: dingtalk.Refuse, login: login.Denied}},
		{files: "1.7-device-code.json 1.7-device-expired.json", ask: askDeviceCode,
			fails: &refusal{code: "expired_token", class: dingtalk.SignInAgain, login: login.Expired}},
		{files: "1.7-device-failed.json", ask: askDevice,
			fails: &refusal{code: "invalid_client", class: dingtalk.Settings, login: login.AppMisconfigured}},
		{files: "3.4-corpAccessToken.json", client: suite(dingtalk.TokenBySuite), ask: askAppToken, want: "golden-app-token"},
		{files: "6.1-suite-token.json", client: suite(dingtalk.TokenBySignature), ask: askAppToken, want: "golden-app-token"},
		{files: "3.4-ssoAccessToken.json 3.4-ssoUserInfo.json", ask: askAdministrator, want: dingtalk.SSOUser{
			CorpID: "dinggolden00c0", CorpName: "金样科技", UserID: "gao01", Name: "高一",
			Email: "gao01@corp.example", Avatar: "https://static-legacy.dingtalk.com/media/lADPgao.jpg", Admin: true,
		}},
		{files: "7-search-users-first.json 7-search-users-last.json", ask: askSearch, want: []string{"lin07", "gao01", "he09"}},
		{files: "7-search-departments.json", ask: askDepartmentSearch, want: []int64{70031, 70032}},
		{files: "10-signOut.json", ask: askSignOut, want: nil},
	}
}
