package dingtalk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// TokenCall chooses one of DingTalk's ways to an app token. All give the same
// kind of token; the documents of an app may name any of them.
//
// None falls back to another: where one is refused, for a wrong secret or a
// missing address, so would be the next, with a second error to explain.
type TokenCall string

// The calls of a company's own app.
const (
	TokenByApp   TokenCall = ""         // POST /v1.0/oauth2/accessToken
	TokenByCorp  TokenCall = "corp"     // POST /v1.0/oauth2/{corpId}/token; needs the client's CorpID
	TokenByQuery TokenCall = "gettoken" // GET /gettoken of the older API: the secret stands in the URL, where proxies log it
)

// The calls of an app that many companies use (第三方企业应用). The client's
// ClientID and ClientSecret are the suite's key and secret, CorpID is the
// company that has authorized it, and SuiteTicket is needed. Each call gives a
// new token, beside which the older ones stay good.
const (
	TokenBySuite     TokenCall = "suite"          // POST /v1.0/oauth2/corpAccessToken
	TokenBySignature TokenCall = "get_corp_token" // POST /service/get_corp_token of the older API: signed, so that the secret stays here. Needs a clock that is right
)

// tokenRequest is the chosen call, as it is made now. Its errors are settings
// that are missing, or SuiteTicket's.
func (c *Client) tokenRequest(ctx context.Context) (call, error) {
	if !c.forSuite() {
		return c.tokenCall(secret.Text{}), nil
	}
	if err := c.needCompany(); err != nil {
		return call{}, err
	}
	if c.SuiteTicket == nil {
		return call{}, login.Fail(login.AppMisconfigured, errNoTicket)
	}
	ticket, err := c.SuiteTicket(ctx)
	switch {
	case err != nil:
		return call{}, keeping("load suite ticket", err)
	case ticket.Empty():
		return call{}, login.Fail(login.AppMisconfigured, errNoTicket)
	}
	return c.tokenCall(ticket), nil
}

var errNoTicket = errors.New("DingTalk has sent no suite ticket yet")

func (c *Client) forSuite() bool {
	return c.TokenCall == TokenBySuite || c.TokenCall == TokenBySignature
}

// tokenHost is where the chosen call is made.
func (c *Client) tokenHost() api { return c.tokenCall(secret.Text{}).api }

// tokenCall is the chosen call. Only those of a suite need the ticket.
func (c *Client) tokenCall(ticket secret.Text) call {
	switch c.TokenCall {
	case TokenByCorp:
		return newPost("/v1.0/oauth2/"+url.PathEscape(c.CorpID)+"/token", map[string]string{
			"client_id":     c.ClientID,
			"client_secret": c.ClientSecret.Reveal(),
			"grant_type":    "client_credentials",
		})
	case TokenByQuery:
		return get("/gettoken", url.Values{"appkey": {c.ClientID}, "appsecret": {c.ClientSecret.Reveal()}})
	case TokenBySuite:
		return newPost("/v1.0/oauth2/corpAccessToken", map[string]string{
			"suiteKey":    c.ClientID,
			"suiteSecret": c.ClientSecret.Reveal(),
			"authCorpId":  c.CorpID,
			"suiteTicket": ticket.Reveal(),
		})
	case TokenBySignature:
		fetch := post("/service/get_corp_token", map[string]string{"auth_corpid": c.CorpID})
		fetch.query = c.signature(c.ClientID, c.ClientSecret, ticket)
		return fetch
	}
	return newPost("/v1.0/oauth2/accessToken", map[string]string{"appKey": c.ClientID, "appSecret": c.ClientSecret.Reveal()})
}

// newPost is a call of the newer API.
func newPost(path string, body any) call {
	return call{api: newer, method: http.MethodPost, path: path, body: body}
}

// signature is the query of a call that is signed in the place of a token. The
// message is the time alone, in milliseconds; with a suite's ticket that stands
// on a line of its own below it. (One of DingTalk's pages has a line with the
// secret there; working code does not.)
func (c *Client) signature(key string, with, ticket secret.Text) url.Values {
	timestamp := strconv.FormatInt(c.now().UnixMilli(), 10)
	query, message := url.Values{"accessKey": {key}, "timestamp": {timestamp}}, timestamp
	if !ticket.Empty() {
		query.Set("suiteTicket", ticket.Reveal())
		message += "\n" + ticket.Reveal()
	}
	query.Set("signature", sign(with, message))
	return query
}
