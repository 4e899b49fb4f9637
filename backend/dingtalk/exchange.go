package dingtalk

import (
	"context"
	"net/http"
	"time"

	"github.com/dingpass/dingpass/backend/secret"
)

// Grant is what a one-time code is exchanged for.
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
	exchange := call{
		api:    newer,
		method: http.MethodPost,
		path:   "/v1.0/oauth2/userAccessToken",
		body: map[string]string{
			"clientId":     c.ClientID,
			"clientSecret": c.ClientSecret.Reveal(),
			"code":         code.Reveal(),
			"grantType":    "authorization_code",
		},
	}
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

// lifetime is how long a token is good for. DingTalk writes expireIn, without
// an s; its own tool takes both.
type lifetime struct {
	ExpireIn  number `json:"expireIn"`
	ExpiresIn number `json:"expiresIn"`
}

// duration is the documented two hours where the answer names no sensible
// time: a token that died earlier is refused and fetched again anyway.
func (l lifetime) duration() time.Duration {
	for _, seconds := range []number{l.ExpireIn, l.ExpiresIn} {
		if seconds > 0 && seconds <= 24*60*60 {
			return time.Duration(seconds) * time.Second
		}
	}
	return 2 * time.Hour
}
