package dingtalk

import (
	"context"
	"net/http"
	"net/url"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// SSO is the way in for administrators who open an app's back office from
// DingTalk's admin console (应用管理后台免登). It is no sign-in for others. Set
// the fields, then use it by pointer from any number of goroutines.
type SSO struct {
	Client *Client     // of the company's app; its hosts, transport, clock and log are used, and its CorpID is needed
	Secret secret.Text // the company's SSOsecret, which is not the app's
}

// SSOUser is who came from the admin console.
type SSOUser struct {
	CorpID, CorpName string
	UserID           string
	Name             string // the display name in the company
	Email            string
	Avatar           string // URL
	Admin            bool   // an administrator of the company. Ask before anything else: the call itself refuses nobody
}

// User spends the code with which the console opened the back office and tells
// who came. The code is sent once, for the reasons of [Client.ExchangeCode]; one
// that is unknown, used or expired is answered with code_invalid. Somebody of
// another company than the client's is refused with wrong_corp.
//
// The token for it is fetched anew each time: it is good for an hour, and an
// administrator comes now and then.
func (s *SSO) User(ctx context.Context, code secret.Text) (SSOUser, error) {
	token, err := s.token(ctx)
	if err != nil {
		return SSOUser{}, err
	}
	ask := call{
		api: newer, method: http.MethodGet, path: "/v1.0/oauth2/ssoUserInfo",
		query: url.Values{"code": {code.Reveal()}}, token: token, once: true,
	}
	var got struct {
		CorpID   text `json:"corpId"`
		CorpName text `json:"corpName"`
		UserID   text `json:"userId"`
		UserName text `json:"userName"`
		Email    text `json:"email"`
		Avatar   text `json:"avatar"`
		Admin    flag `json:"isAdmin"`
	}
	if err := s.Client.do(ctx, ask, &got); err != nil {
		return SSOUser{}, err
	}
	switch {
	case got.UserID == "" || got.CorpID == "":
		return SSOUser{}, ask.wrong(errMissing)
	case string(got.CorpID) != s.Client.CorpID:
		return SSOUser{}, login.Fail(login.WrongCorp, errOtherCompany)
	}
	return SSOUser{
		CorpID:   string(got.CorpID),
		CorpName: string(got.CorpName),
		UserID:   string(got.UserID),
		Name:     string(got.UserName),
		Email:    string(got.Email),
		Avatar:   string(got.Avatar),
		Admin:    got.Admin.value,
	}, nil
}

func (s *SSO) token(ctx context.Context) (secret.Text, error) {
	if err := s.Client.needCompany(); err != nil {
		return secret.Text{}, err
	}
	fetch := newPost("/v1.0/oauth2/ssoAccessToken", map[string]string{"corpid": s.Client.CorpID, "ssoSecret": s.Secret.Reveal()})
	var got tokenAnswer
	asked := s.Client.now()
	if err := s.Client.read(ctx, fetch, &got); err != nil {
		return secret.Text{}, err
	}
	token, err := got.kept(fetch, asked)
	return secret.New(token.Token), err
}
