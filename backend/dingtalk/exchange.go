package dingtalk

import (
	"context"
	"net/http"
	"time"

	"github.com/dingpass/dingpass/backend/secret"
)

const grantPath = "/v1.0/oauth2/userAccessToken"

// Grant is what a one-time code, or a refresh token, is exchanged for.
type Grant struct {
	AccessToken  secret.Text   // the person's own; good for ExpiresIn
	RefreshToken secret.Text   // good for 30 days, and for one use
	ExpiresIn    time.Duration // 2 h by the documentation
	CorpID       string        // the company that the person chose; "" when DingTalk named none
}

// ExchangeCode spends the one-time code (RFC 6749, 4.1.3). It is never
// repeated: after a lost answer nobody knows whether the code is spent, and
// DingTalk has one answer, code_invalid, for a used code and a wrong one.
// DingTalk takes neither the redirect address nor a PKCE verifier here.
func (c *Client) ExchangeCode(ctx context.Context, code secret.Text) (Grant, error) {
	return c.grant(ctx, map[string]string{"code": code.Reveal(), "grantType": "authorization_code"})
}

// Refresh spends a refresh token (RFC 6749, 6). The grant has a new one, and
// the one that was sent is dead: store the new one before using the grant, and
// let nobody else refresh meanwhile. A [Session] does both. It is never
// repeated, for the same reason as ExchangeCode; a token that is dead is
// answered with code_invalid, and the person has to sign in again.
func (c *Client) Refresh(ctx context.Context, token secret.Text) (Grant, error) {
	return c.grant(ctx, map[string]string{"refreshToken": token.Reveal(), "grantType": "refresh_token"})
}

// grant asks for a person's token with what entitles to it.
func (c *Client) grant(ctx context.Context, with map[string]string) (Grant, error) {
	with["clientId"], with["clientSecret"] = c.ClientID, c.ClientSecret.Reveal()
	exchange := call{api: newer, method: http.MethodPost, path: grantPath, body: with}
	var got struct {
		AccessToken  text `json:"accessToken"`
		RefreshToken text `json:"refreshToken"`
		CorpID       text `json:"corpId"`
		lifetime
	}
	if err := c.do(ctx, exchange, &got); err != nil {
		return Grant{}, err
	}
	if got.AccessToken == "" {
		return Grant{}, exchange.wrong(errMissing)
	}
	return Grant{
		AccessToken:  secret.New(string(got.AccessToken)),
		RefreshToken: secret.New(string(got.RefreshToken)),
		ExpiresIn:    got.duration(),
		CorpID:       string(got.CorpID),
	}, nil
}

// lifetime is how long a token is good for. The calls differ in the spelling:
// expireIn, without an s; expires_in; DingTalk's own tool also takes expiresIn.
type lifetime struct {
	ExpireIn    number `json:"expireIn"`
	ExpiresIn   number `json:"expiresIn"`
	SnakeExpiry number `json:"expires_in"`
}

// duration is the documented two hours where the answer names no sensible
// time: a token that died earlier is refused and fetched again anyway.
func (l lifetime) duration() time.Duration {
	for _, seconds := range []number{l.ExpireIn, l.ExpiresIn, l.SnakeExpiry} {
		if seconds > 0 && seconds <= longestLife/number(time.Second) {
			return time.Duration(seconds) * time.Second
		}
	}
	return 2 * time.Hour
}

// longestLife is more than any token of DingTalk's lives.
const longestLife = number(24 * time.Hour)
