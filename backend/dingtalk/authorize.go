package dingtalk

import (
	"net/url"
	"strings"

	"github.com/dingpass/dingpass/backend/login"
)

// AuthorizeURL is DingTalk's sign-in page for one attempt, or with r.Frame its
// QR alone for a frame of ours. The framing page must be of the same origin as
// r.RedirectURI, or a scan has no visible effect.
//
// scope is always "openid corpid", which makes DingTalk name the company: half
// of a person's key.
//
// corpId preselects the company; for the framed QR DingTalk's pages call it
// mandatory, so that a frame needs a CorpID. They say the same of org_type,
// but its one known value, management, offers only the companies that the
// person manages and would shut everybody else out; DingTalk's own tool signs
// people in without it, and so do we.
//
// prompt=consent is mandatory by the documentation, and pages without it have
// ended in «参数错误» (jeecgboot).
func (c *Client) AuthorizeURL(r login.AuthorizeRequest) string {
	query := url.Values{
		"client_id":     {c.ClientID},
		"redirect_uri":  {r.RedirectURI},
		"response_type": {"code"},
		"scope":         {"openid corpid"},
		"prompt":        {"consent"},
		"state":         {r.State},
	}
	if c.CorpID != "" {
		query.Set("corpId", c.CorpID)
	}
	if r.Frame {
		query.Set("iframe", "true")
	}
	// Encode writes a space as +, which not every decoder of a query
	// understands; a literal + is %2B by now, so that none is mistaken.
	return c.address(pages, "/oauth2/auth") + "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
}

// join puts a path behind a base that may have a path of its own.
func join(base, fallback, path string) string {
	if base == "" {
		base = fallback
	}
	return strings.TrimRight(base, "/") + path
}
