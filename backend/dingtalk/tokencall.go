package dingtalk

import (
	"net/http"
	"net/url"
)

// TokenCall chooses one of DingTalk's three ways to an app token. All give the
// same kind of token; the documents of an app may name any of them.
//
// None falls back to another: where one is refused, for a wrong secret or a
// missing address, so would be the next, with a second error to explain.
type TokenCall string

// The calls.
const (
	TokenByApp   TokenCall = ""         // POST /v1.0/oauth2/accessToken
	TokenByCorp  TokenCall = "corp"     // POST /v1.0/oauth2/{corpId}/token; needs the client's CorpID
	TokenByQuery TokenCall = "gettoken" // GET /gettoken of the older API: the secret stands in the URL, where proxies log it
)

func (c *Client) tokenCall() call {
	switch c.TokenCall {
	case TokenByCorp:
		return call{
			api:    newer,
			method: http.MethodPost,
			path:   "/v1.0/oauth2/" + url.PathEscape(c.CorpID) + "/token",
			body: map[string]string{
				"client_id":     c.ClientID,
				"client_secret": c.ClientSecret.Reveal(),
				"grant_type":    "client_credentials",
			},
		}
	case TokenByQuery:
		return get("/gettoken", url.Values{"appkey": {c.ClientID}, "appsecret": {c.ClientSecret.Reveal()}})
	}
	return call{
		api:    newer,
		method: http.MethodPost,
		path:   "/v1.0/oauth2/accessToken",
		body:   map[string]string{"appKey": c.ClientID, "appSecret": c.ClientSecret.Reveal()},
	}
}
