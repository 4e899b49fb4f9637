package sandbox

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/dingpass/dingpass/backend/secret"
)

// rightApp compares credentials with the app's.
func (s *Sandbox) rightApp(id string, text secret.Text) bool {
	app := s.App()
	return id == app.ClientID && same(text.Reveal(), app.ClientSecret)
}

// credentials reads the body and checks the app's credentials in it.
func (s *Sandbox) credentials(r *http.Request, id, text string) (url.Values, *restError) {
	in, ok := readJSON(r)
	switch {
	case !ok:
		return nil, errBody
	case in.Get(id) == "":
		return nil, missing(id)
	case in.Get(text) == "":
		return nil, missing(text)
	case !s.rightApp(in.Get(id), secret.New(in.Get(text))):
		return nil, errCredentials
	}
	return in, nil
}

// userAccessToken is the exchange and the refresh (contract 2.1). A refresh
// token that was used is answered like a code that was, as DingTalk does.
func (s *Sandbox) userAccessToken(r *http.Request) (any, *restError) {
	in, err := s.credentials(r, "clientId", "clientSecret")
	if err != nil {
		return nil, err
	}
	trade, key := s.mint.redeem, "code"
	switch in.Get("grantType") {
	case "authorization_code":
	case "refresh_token":
		trade, key = s.mint.renew, "refreshToken"
	case "":
		return nil, missing("grantType")
	default:
		return nil, &restError{http.StatusBadRequest, "invalidParameter.grantType", "grantType must be authorization_code or refresh_token", nil}
	}
	if in.Get(key) == "" {
		return nil, missing(key)
	}
	settings := s.Settings()
	g, fresh, ok := trade(in.Get(key), settings.lifetimes())
	if !ok {
		return nil, errCode
	}
	return struct {
		AccessToken  string `json:"accessToken"`
		RefreshToken string `json:"refreshToken"`
		ExpireIn     int    `json:"expireIn"`
		CorpID       string `json:"corpId,omitempty"`
	}{fresh.access, fresh.refresh, int(settings.TokenLifetime.Seconds()), cmp.Or(settings.AnswerCorpID, g.CorpID)}, nil
}

// accessToken is the app token (contract 3.2).
func (s *Sandbox) accessToken(r *http.Request) (any, *restError) {
	if _, err := s.credentials(r, "appKey", "appSecret"); err != nil {
		return nil, err
	}
	token, seconds := s.appToken()
	return map[string]any{"accessToken": token, "expireIn": seconds}, nil
}

// appToken is the token of all three calls: within its validity the same
// again, with the validity extended (contract 3.4).
func (s *Sandbox) appToken() (token string, seconds int) {
	lifetime := s.Settings().TokenLifetime
	return s.mint.appToken(lifetime), int(lifetime.Seconds())
}

// corpToken is the app token of one company, in OAuth's own spelling (contract
// 3.3).
func (s *Sandbox) corpToken(r *http.Request) (any, *restError) {
	in, ok := readJSON(r)
	switch {
	case !ok:
		return nil, errBody
	case in.Get("grant_type") != "client_credentials":
		return nil, &restError{http.StatusBadRequest, "unsupported.grant.type", "grant_type must be client_credentials", nil}
	case !s.rightApp(in.Get("client_id"), secret.New(in.Get("client_secret"))):
		return nil, &restError{http.StatusBadRequest, "invalid.client", "无效的client_id或者client_secret", nil}
	}
	if err := s.authorized(r.PathValue("corpId")); err != nil {
		return nil, err
	}
	token, seconds := s.appToken()
	return map[string]any{"access_token": token, "expires_in": seconds}, nil
}

// contactUser is «who am I» (contract 2.2), with me or a unionid.
func (s *Sandbox) contactUser(r *http.Request) (any, *restError) {
	token := r.Header.Get("x-acs-dingtalk-access-token")
	if token == "" {
		return nil, errMissingToken
	}
	settings := s.Settings()
	g, is := s.mint.userToken(token)
	switch {
	case is == expired:
		return nil, errExpiredToken
	case is == unknown && s.mint.isAppToken(token) == valid:
		return nil, denied(PermitReadSelf)
	case is == unknown:
		return nil, errBadToken
	case !settings.permits(PermitReadSelf) || !g.permits(PermitReadSelf):
		return nil, denied(PermitReadSelf)
	}
	p, ok := s.people.byUserID(g.UserID)
	if id := r.PathValue("unionId"); id != "me" {
		p, ok = s.people.byUnionID(id)
	}
	if !ok {
		return nil, errNoUser
	}
	return profileOf(p, settings.permits(PermitReadMobile) && g.permits(PermitReadMobile)), nil
}

func (g grant) permits(permission string) bool {
	return Settings{Permissions: g.Permissions}.permits(permission)
}

// profile is a person as they present themselves. Contact data is absent where
// the person has none or the app may not read it.
type profile struct {
	Nick      string `json:"nick"`
	AvatarURL string `json:"avatarUrl,omitempty"`
	Mobile    string `json:"mobile,omitempty"`
	StateCode string `json:"stateCode,omitempty"`
	OpenID    string `json:"openId"`
	UnionID   string `json:"unionId"`
	Email     string `json:"email,omitempty"`
	Visitor   bool   `json:"visitor"`
}

func profileOf(p Person, mobile bool) profile {
	out := profile{Nick: p.Nick, AvatarURL: p.Avatar, OpenID: p.OpenID, UnionID: p.UnionID, Email: p.Email}
	if mobile {
		out.Mobile, out.StateCode = p.Mobile, p.StateCode
	}
	return out
}
