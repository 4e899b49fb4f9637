package dingtalk

import (
	"context"
	"net/url"
	"sync"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// SNS is the scan as it was before OAuth 2. DingTalk has deprecated it; it is
// for apps that were made for it. It ends at the same membership gate: the
// scan names a union id, and the client's directory the employee. Set the
// fields, then use it by pointer from any number of goroutines.
//
// DingTalk names no company here, so that the client needs a CorpID.
type SNS struct {
	Client *Client // of the company's app; its hosts, transport, clock and log are used

	// The app that the QR belongs to, where it is one of its own
	// (扫码登录应用); both empty for the client's.
	AppID     string
	AppSecret secret.Text

	// Chain asks who scanned in the four calls of the oldest documents
	// (gettoken, get_persistent_code, get_sns_token, getuserinfo), which
	// today's no longer have, in the place of one signed call.
	Chain bool
}

var _ login.Provider = (*SNS)(nil)

// AuthorizeURL is the page with the QR. There is none for a frame of this
// product: r.Frame is ignored, and the page has to be shown whole. What the
// old embedded QR (ddLogin.js) needs is AccountURL's.
func (s *SNS) AuthorizeURL(r login.AuthorizeRequest) string {
	return s.page("/connect/qrconnect", "snsapi_login", r, nil)
}

// AccountURL is the page that signs in by account and password, and what
// ddLogin.js is given as its goto. The code that it posts after a scan
// (loginTmpCode; event.data is that text alone) makes the same page redirect
// at once, with the one-time code; it is empty before.
func (s *SNS) AccountURL(r login.AuthorizeRequest, loginTmpCode secret.Text) string {
	extra := url.Values{}
	if !loginTmpCode.Empty() {
		extra.Set("loginTmpCode", loginTmpCode.Reveal())
	}
	return s.page("/connect/oauth2/sns_authorize", "snsapi_login", r, extra)
}

// InsideURL is the page for somebody who is inside the DingTalk app already. It
// redirects without a scan.
func (s *SNS) InsideURL(r login.AuthorizeRequest) string {
	return s.page("/connect/oauth2/sns_authorize", "snsapi_auth", r, nil)
}

func (s *SNS) page(path, scope string, r login.AuthorizeRequest, query url.Values) string {
	if query == nil {
		query = url.Values{}
	}
	query.Set("appid", s.appID())
	query.Set("response_type", "code")
	query.Set("scope", scope)
	query.Set("state", r.State)
	query.Set("redirect_uri", r.RedirectURI)
	return join(s.Client.OAPIURL, DefaultOAPIURL, path) + "?" + encode(query)
}

// Warm makes ready what a scan will need, as [Client.Warm] does.
func (s *SNS) Warm(ctx context.Context) error { return s.Client.Warm(ctx) }

// Identify spends the one-time code and tells who came, if they may, as
// [Client.Identify] does.
func (s *SNS) Identify(ctx context.Context, code secret.Text, known login.Known) (identity.Identity, error) {
	if err := s.Client.needCompany(); err != nil {
		return identity.Identity{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var ahead sync.WaitGroup
	defer ahead.Wait()
	defer cancel()
	ahead.Go(func() { _, _ = s.Client.AppToken(ctx) }) // an error is met again below

	me, err := s.Profile(ctx, code)
	if err != nil {
		return identity.Identity{}, err
	}
	return s.Client.member(ctx, s.Client.CorpID, me, known)
}

// Profile spends the one-time code and tells whose account it is. It is sent
// once, for the reasons of [Client.ExchangeCode]. The machine's clock must be
// right to the minute, unless with Chain: else the error is clock_wrong.
func (s *SNS) Profile(ctx context.Context, code secret.Text) (Profile, error) {
	if s.Chain {
		return s.profileByChain(ctx, code)
	}
	return s.profileByCode(ctx, code)
}

func (s *SNS) appID() string {
	if s.AppID == "" {
		return s.Client.ClientID
	}
	return s.AppID
}

func (s *SNS) appSecret() secret.Text {
	if s.AppID == "" {
		return s.Client.ClientSecret
	}
	return s.AppSecret
}
