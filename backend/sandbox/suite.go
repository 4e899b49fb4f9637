package sandbox

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"time"

	"github.com/dingpass/dingpass/backend/secret"
)

// The sandbox's app is a suite's as well: its client id and secret are the
// suite's key and secret, and its company has authorized the suite.

// SetSuiteTicket replaces the suite's ticket, as DingTalk does now and then.
// Tokens that were issued stay valid.
func (s *Sandbox) SetSuiteTicket(ticket secret.Text) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.app.SuiteTicket = ticket
}

// corpAccessToken is the app token of a company that authorized the suite
// (contract 3.4). What a wrong ticket is answered is not documented; here it is
// one credential of three.
func (s *Sandbox) corpAccessToken(r *http.Request) (any, *restError) {
	in, err := s.credentials(r, "suiteKey", "suiteSecret")
	switch {
	case err != nil:
		return nil, err
	case in.Get("authCorpId") == "":
		return nil, missing("authCorpId")
	case in.Get("suiteTicket") == "":
		return nil, missing("suiteTicket")
	case !same(in.Get("suiteTicket"), s.App().SuiteTicket):
		return nil, errCredentials
	}
	if err := s.authorized(in.Get("authCorpId")); err != nil {
		return nil, err
	}
	token, seconds := s.suiteToken()
	return map[string]any{"accessToken": token, "expireIn": seconds}, nil
}

// authorized refuses a company that is not the app's. That another one is
// answered unauthorized.client is a guess; unknownError for a company that
// nobody has was seen (contract 3.3).
func (s *Sandbox) authorized(corp string) *restError {
	switch corp {
	case s.App().CorpID:
		return nil
	case OtherCorpID:
		return &restError{http.StatusUnauthorized, "unauthorized.client", "应用未被该企业授权", nil}
	}
	return &restError{http.StatusInternalServerError, "unknownError", "未知错误", nil}
}

// getCorpToken is corpAccessToken's predecessor, signed with the ticket in the
// message (contract 6.1).
func (s *Sandbox) getCorpToken(r *http.Request) (map[string]any, *topError) {
	if r.Method != http.MethodPost {
		return nil, &topError{43002, "需要POST请求", false}
	}
	if err := s.signed(r.URL.Query(), "\n"+s.App().SuiteTicket.Reveal()); err != nil {
		return nil, err
	}
	if ip, allowed := s.allowedIP(r); !allowed {
		return nil, s.errIP(ip, false)
	}
	in, ok := readArguments(r)
	corp, text := in.text("auth_corpid")
	switch {
	case !ok || !text || corp == "":
		return nil, errBadParameter
	case corp == OtherCorpID && corp != s.App().CorpID:
		return nil, &topError{40079, "不存在的授权信息", false}
	case corp != s.App().CorpID:
		return nil, &topError{40013, "不合法的corpid", false}
	}
	token, seconds := s.suiteToken()
	return map[string]any{"access_token": token, "expires_in": seconds}, nil
}

// suiteToken is another app token each time; those before stay good.
func (s *Sandbox) suiteToken() (token string, seconds int) {
	lifetime := s.Settings().TokenLifetime
	return s.mint.another(&s.mint.app, lifetime), int(lifetime.Seconds())
}

// another puts a new token beside those that are there.
func (m *mint) another(on *shelf[struct{}], lifetime time.Duration) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	now, token := m.now(), rand.Text()
	on.put(token, struct{}{}, now.Add(lifetime), now)
	return token
}

func same(sent string, known secret.Text) bool {
	return subtle.ConstantTimeCompare([]byte(sent), []byte(known.Reveal())) == 1
}
