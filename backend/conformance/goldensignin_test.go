package conformance_test

import (
	"context"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// The calls of the golden answers: about lin07, whatever the answer is.
type question = func(context.Context, *dingtalk.Client) (any, error)

func askGrant(ctx context.Context, c *dingtalk.Client) (any, error) {
	grant, err := c.ExchangeCode(ctx, secret.New("golden-code"))
	return []any{grant.AccessToken.Reveal(), grant.RefreshToken.Reveal(), grant.ExpiresIn, grant.CorpID}, err
}

func askMe(ctx context.Context, c *dingtalk.Client) (any, error) {
	return c.Me(ctx, secret.New("golden-user-token"))
}

func askAppToken(ctx context.Context, c *dingtalk.Client) (any, error) {
	token, err := c.AppToken(ctx)
	return token.Reveal(), err
}

func askMember(ctx context.Context, c *dingtalk.Client) (any, error) {
	return c.UserIDByUnionID(ctx, "uGolden34iEiE")
}

func askVisitor(ctx context.Context, c *dingtalk.Client) (any, error) {
	return c.VisitorByCode(ctx, secret.New("golden-code"))
}

func askScan(chain bool) question {
	return func(ctx context.Context, c *dingtalk.Client) (any, error) {
		return (&dingtalk.SNS{Client: c, Chain: chain}).Profile(ctx, secret.New("golden-code"))
	}
}

func legacy(c *dingtalk.Client) { c.Legacy = true }

func by(way dingtalk.TokenCall) func(*dingtalk.Client) {
	return func(c *dingtalk.Client) { c.TokenCall = way }
}

// goldenEnvelopes are the refusals of section 0.1.
func goldenEnvelopes() []golden {
	const (
		spent  = "invalidParameter.authCode.notFound"
		denied = "Forbidden.AccessDenied.AccessTokenPermissionDenied"
	)
	return []golden{
		{files: "0.1-new-failure.json", status: 400, ask: askGrant,
			fails: &refusal{code: spent, request: "7C2E9A10-55D0-7B1C-9F43-0A1B2C3D4E5F", class: dingtalk.SignInAgain, login: login.CodeInvalid}},
		{files: "0.1-new-failure-camel.json", status: 400, ask: askGrant,
			fails: &refusal{code: spent, request: "7C2E9A10-55D0-7B1C-9F43-0A1B2C3D4E5F", class: dingtalk.SignInAgain, login: login.CodeInvalid}},
		{files: "0.1-denied-lower.json", status: 403, ask: askMe,
			fails: &refusal{code: denied, request: "1B44D0AA-9E21-7F03-8C6D-77AA01BB02CC", scopes: []string{"Contact.User.Read", "Contact.User.mobile"}, class: dingtalk.Settings, login: login.PermissionMissing}},
		{files: "0.1-denied-capitals.json", status: 403, ask: askMe,
			fails: &refusal{code: denied, request: "1B44D0AA-9E21-7F03-8C6D-77AA01BB02CC", scopes: []string{"Contact.User.Read"}, class: dingtalk.Settings, login: login.PermissionMissing}},
		{files: "0.1-unknown-path.json", ask: askMe, fails: &refusal{code: "404", class: dingtalk.Bug, login: login.ProviderAnswer}},
		{files: "0.1-old-wrapped.json", ask: askMember,
			fails: &refusal{code: "88", sub: "60011", request: "16d4q8v1xk2z", class: dingtalk.Settings, login: login.PermissionMissing}},
		{files: "0.1-old-direct.json", client: legacy, ask: askMember, fails: &refusal{code: "60121", class: dingtalk.Refuse, login: login.NotMember}},
		{files: "0.1-old-address.json", ask: askMember,
			fails: &refusal{code: "88", sub: "60020", request: "16d4q8v1xk2z", address: "203.0.113.45", class: dingtalk.Settings, login: login.IPNotAllowed}},
		{files: "0.1-guard.json", ask: askMember, fails: &refusal{banned: true, class: dingtalk.Retry, login: login.RateLimited}},
		{files: "0.1-guard.json", status: 403, ask: askMe, fails: &refusal{banned: true, class: dingtalk.Retry, login: login.RateLimited}},
		{files: "0.1-guard.html", ask: askMember, fails: &refusal{class: dingtalk.Retry, login: login.ProviderAnswer}},
		{files: "0.1-guard.html 0.1-guard.html 0.1-guard.html", status: 503, ask: askMe, fails: &refusal{class: dingtalk.Retry, login: login.ProviderUnavailable}},
		{files: "3.1-gettoken-wrong.json", client: by(dingtalk.TokenByQuery), ask: askAppToken,
			fails: &refusal{code: "40096", class: dingtalk.Settings, login: login.AppMisconfigured}},
	}
}

// goldenSignIn are the answers of sections 2, 3, 4.1, 5 and 6.
func goldenSignIn() []golden {
	scanned := dingtalk.Profile{UnionID: "uGolden34iEiE", OpenID: "oGolden12", Nick: "小满"}
	visitor := dingtalk.Visitor{UserID: "lin07", UnionID: "uGolden34iEiE", Name: "林小满", DeviceID: "d00dfeed"}
	deputy := visitor
	deputy.AssociatedUnion, deputy.SystemAdmin, deputy.Level = "uOther55", true, dingtalk.SubAdmin
	return []golden{
		{files: "2.1-exchange.json", ask: askGrant, want: []any{"golden-user-token", "golden-refresh-token", 2 * time.Hour, "dinggolden00c0"}},
		{files: "2.1-exchange-expiresIn.json", ask: askGrant, want: []any{"golden-user-token", "golden-refresh-token", time.Hour, ""}},
		{files: "2.2-me.json", ask: askMe, want: dingtalk.Profile{
			UnionID: "uGolden34iEiE", OpenID: "oGolden12", Nick: "小满", Avatar: "https://static-legacy.dingtalk.com/media/lADPgolden.jpg",
			Mobile: "13712345678", State: "86", Email: "xiaoman@example.com",
		}},
		{files: "2.2-me-bare.json", ask: askMe, want: scanned},
		{files: "3.1-gettoken.json", client: by(dingtalk.TokenByQuery), ask: askAppToken, want: "golden-app-token"},
		{files: appTokenFile, ask: askAppToken, want: "golden-app-token"},
		{files: "3.3-corp-token.json", client: by(dingtalk.TokenByCorp), ask: askAppToken, want: "golden-app-token"},
		{files: "4.1-member.json", ask: askMember, want: dingtalk.Member{UserID: "lin07"}},
		{files: "4.1-member-external.json", ask: askMember, want: dingtalk.Member{UserID: "ext88", External: true}},
		{files: "4.1-member-quoted.json", ask: askMember, want: dingtalk.Member{UserID: "ext88", External: true}},
		{files: "4.1-member-legacy.json", client: legacy, ask: askMember, want: dingtalk.Member{UserID: "lin07"}},
		{files: "5.2-visitor.json", ask: askVisitor, want: deputy},
		{files: "5.2-visitor-quoted.json", ask: askVisitor, want: visitor},
		{files: "5.2-visitor-legacy.json", client: legacy, ask: askVisitor, want: dingtalk.Visitor{
			UserID: "lin07", Name: "林小满", DeviceID: "d00dfeed", SystemAdmin: true, Level: dingtalk.BossAdmin,
		}},
		{files: "6.1-bycode.json", ask: askScan(false), want: scanned},
		{files: "6-sns-gettoken.json 6-sns-persistent.json 6-sns-personal.json 6-sns-getuserinfo.json", ask: askScan(true), want: scanned},
	}
}
