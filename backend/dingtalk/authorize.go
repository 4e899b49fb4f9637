package dingtalk

import (
	"net/url"
	"strings"

	"github.com/dingpass/dingpass/backend/login"
)

// SignInPage is what an app may change of DingTalk's sign-in page. The zero
// value is right for nearly all.
type SignInPage struct {
	// WithoutCompany asks for the scope openid alone. The person then chooses
	// no company, and is looked up in the client's.
	WithoutCompany bool

	// Managed offers only the companies that the person manages
	// (org_type=management). It has no effect with WithoutCompany.
	Managed bool

	// Enterprise lets in only enterprise accounts (企业账号), whose people type
	// their company's code; EnterpriseCorpID saves them from that, and the
	// framed page cannot do without it.
	Enterprise       bool
	EnterpriseCorpID string

	// Challenge takes the person straight to the QR, at a page that many use
	// and that DingTalk does not document (/oauth2/challenge.htm).
	Challenge bool
}

// AuthorizeURL is DingTalk's sign-in page for one attempt, or with r.Frame its
// QR alone for a frame of ours. The framing page must be of the same origin as
// r.RedirectURI, or a scan has no visible effect.
//
// scope is "openid corpid" unless Page says otherwise, which makes DingTalk
// name the company: half of a person's key.
//
// corpId preselects the company; for the framed QR DingTalk's pages call it
// mandatory, so that a frame needs a CorpID. They say the same of org_type,
// but its one known value, management, offers only the companies that the
// person manages and would shut everybody else out; DingTalk's own tool signs
// people in without it, and so do we unless asked.
//
// prompt=consent is mandatory by the documentation, and pages without it have
// ended in «参数错误» (jeecgboot).
func (c *Client) AuthorizeURL(r login.AuthorizeRequest) string {
	query := url.Values{
		"client_id":     {c.ClientID},
		"redirect_uri":  {r.RedirectURI},
		"response_type": {"code"},
		"prompt":        {"consent"},
		"state":         {r.State},
	}
	c.Page.fill(query, c.CorpID)
	if r.Frame {
		query.Set("iframe", "true")
	}
	path := "/oauth2/auth"
	if c.Page.Challenge {
		path = "/oauth2/challenge.htm"
	}
	return c.address(pages, path) + "?" + encode(query)
}

// fill writes the page's own parameters. corpId and org_type belong to the
// scope corpid.
func (p SignInPage) fill(query url.Values, corpID string) {
	query.Set("scope", "openid")
	if !p.WithoutCompany {
		query.Set("scope", "openid corpid")
		if corpID != "" {
			query.Set("corpId", corpID)
		}
		if p.Managed {
			query.Set("org_type", "management")
		}
	}
	if !p.Enterprise {
		return
	}
	query.Set("exclusiveLogin", "true")
	if p.EnterpriseCorpID != "" {
		query.Set("exclusiveCorpId", p.EnterpriseCorpID)
	}
}

// encode writes a query. url.Values writes a space as +, which not every
// decoder of a query understands; a literal + is %2B by then, so that none is
// mistaken.
func encode(query url.Values) string { return strings.ReplaceAll(query.Encode(), "+", "%20") }

// join puts a path behind a base that may have a path of its own.
func join(base, fallback, path string) string {
	if base == "" {
		base = fallback
	}
	return strings.TrimRight(base, "/") + path
}
