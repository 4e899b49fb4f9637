package sandbox

import (
	"errors"
	"net/http"
	"time"
)

// ssoLifetime is documented, unlike that of the codes.
const ssoLifetime = time.Hour

// ssoShelves are the codes and tokens of administrators who come from
// DingTalk's admin console.
type ssoShelves struct {
	codes  shelf[grant]
	tokens shelf[struct{}]
}

var (
	errSSOCode  = &restError{http.StatusBadRequest, "invalidCode", "无效的code", nil}
	errSSOToken = &restError{http.StatusBadRequest, "invalidToken", "无效的token", nil}
)

// SSOCode makes the code with which DingTalk's admin console opens an app's
// back office. It returns ErrNoPerson, or an error for who is no administrator
// of the app's company.
func (s *Sandbox) SSOCode(userID string) (string, error) {
	p, err := s.Person(userID)
	if err != nil {
		return "", err
	}
	if p.sysLevel() == 0 || !s.member(p) {
		return "", errors.New("this person is no administrator of the app's company")
	}
	return s.mint.issue(&s.mint.sso.codes, grant{UserID: userID, CorpID: s.App().CorpID}, s.Settings().AuthCodeLifetime), nil
}

// ssoAccessToken takes the company and a secret of its own (contract 3.4). What
// a wrong one is answered is not documented.
func (s *Sandbox) ssoAccessToken(r *http.Request) (any, *restError) {
	in, ok := readJSON(r)
	switch {
	case !ok:
		return nil, errBody
	case in.Get("corpid") == "":
		return nil, missing("corpid")
	case in.Get("ssoSecret") == "":
		return nil, missing("ssoSecret")
	case in.Get("corpid") != s.App().CorpID || !same(in.Get("ssoSecret"), s.App().SSOSecret):
		return nil, errCredentials
	}
	return map[string]any{"accessToken": s.mint.another(&s.mint.sso.tokens, ssoLifetime), "expireIn": int(ssoLifetime.Seconds())}, nil
}

// ssoUserInfo tells which administrator came.
func (s *Sandbox) ssoUserInfo(r *http.Request) (any, *restError) {
	token := r.Header.Get("x-acs-dingtalk-access-token")
	switch {
	case token == "":
		return nil, errMissingToken
	case s.mint.isSSOToken(token) != valid:
		return nil, errSSOToken
	}
	g, ok := s.mint.spend(&s.mint.sso.codes, r.URL.Query().Get("code"))
	p, known := s.people.byUserID(g.UserID)
	if !ok || !known {
		return nil, errSSOCode
	}
	return map[string]any{
		"corpId": g.CorpID, "corpName": companyName(g.CorpID), "userId": p.UserID, "userName": p.Name,
		"email": p.Email, "avatar": p.Avatar, "isAdmin": p.sysLevel() > 0,
	}, nil
}

func (m *mint) isSSOToken(token string) standing {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, is := m.sso.tokens.get(token, m.now())
	return is
}
