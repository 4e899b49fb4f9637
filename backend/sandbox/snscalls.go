package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/dingpass/dingpass/backend/secret"
)

// forGood is the lifetime of what DingTalk lets expire never.
const forGood = 100 * 365 * 24 * time.Hour

// maxSignatureAge is how far a signature's time may be from the server's.
const maxSignatureAge = time.Minute

// snsGetToken is the token of the legacy chain. Which code a wrong secret gets
// is not documented; the sandbox says the same as of a wrong appid.
func (s *Sandbox) snsGetToken(r *http.Request) (map[string]any, *topError) {
	q := r.URL.Query()
	ip, allowed := s.allowedIP(r)
	switch {
	case r.Method != http.MethodGet:
		return nil, &topError{43001, "需要GET请求", false}
	case !s.rightApp(q.Get("appid"), secret.New(q.Get("appsecret"))):
		return nil, &topError{40086, "不合法的第三方应用appid", false}
	case !allowed:
		return nil, s.errIP(ip, false)
	}
	return map[string]any{"access_token": s.mint.snsAppToken(s.Settings().TokenLifetime)}, nil
}

func (m *mint) snsAppToken(lifetime time.Duration) string {
	return m.repeat(&m.sns.app, &m.sns.current, lifetime)
}

// snsPersistentCode turns the redirect's code into one that lasts.
func (s *Sandbox) snsPersistentCode(r *http.Request) (map[string]any, *topError) {
	in, err := s.snsArguments(r)
	if err != nil {
		return nil, err
	}
	p, g, err := s.scannedBy(in)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"openid": p.OpenID, "unionid": p.UnionID,
		"persistent_code": s.mint.issue(&s.mint.sns.persistent, g, forGood),
	}, nil
}

// snsToken turns the lasting code into a token for one person's information.
func (s *Sandbox) snsToken(r *http.Request) (map[string]any, *topError) {
	in, err := s.snsArguments(r)
	if err != nil {
		return nil, err
	}
	openID, _ := in.text("openid")
	code, _ := in.text("persistent_code")
	g, is := s.mint.look(&s.mint.sns.persistent, code)
	p, known := s.people.byUserID(g.UserID)
	switch {
	case is != valid || !known:
		return nil, &topError{40084, "不合法的永久授权码", false}
	case openID != p.OpenID:
		return nil, &topError{40073, "不存在的openid", false}
	}
	lifetime := s.Settings().TokenLifetime
	return map[string]any{"sns_token": s.mint.issue(&s.mint.sns.tokens, g, lifetime), "expires_in": int(lifetime.Seconds())}, nil
}

// snsUserInfo ends the legacy chain.
func (s *Sandbox) snsUserInfo(r *http.Request) (map[string]any, *topError) {
	g, is := s.mint.look(&s.mint.sns.tokens, r.URL.Query().Get("sns_token"))
	p, known := s.people.byUserID(g.UserID)
	switch {
	case r.Method != http.MethodGet:
		return nil, &topError{43001, "需要GET请求", false}
	case is == expired:
		return nil, errPlainExpired
	case is == unknown || !known:
		return nil, errPlainToken
	}
	return map[string]any{"user_info": map[string]any{"nick": p.Nick, "unionid": p.UnionID, "openid": p.OpenID, "dingId": p.dingID()}}, nil
}

// snsUserInfoByCode tells who scanned, to a caller who signs the time with the
// app's secret (contract 6.1).
func (s *Sandbox) snsUserInfoByCode(r *http.Request) (map[string]any, *topError) {
	if r.Method != http.MethodPost {
		return nil, &topError{43002, "需要POST请求", false}
	}
	if err := s.signed(r.URL.Query(), ""); err != nil {
		return nil, err
	}
	if ip, allowed := s.allowedIP(r); !allowed {
		return nil, s.errIP(ip, false)
	}
	in, ok := readArguments(r)
	if !ok {
		return nil, errBadParameter
	}
	p, _, err := s.scannedBy(in)
	if err != nil {
		return nil, err
	}
	return map[string]any{"user_info": map[string]any{
		"nick": p.Nick, "unionid": p.UnionID, "openid": p.OpenID, "dingId": p.dingID(), "main_org_auth_high_level": true,
	}}, nil
}

// signed checks accessKey, timestamp and signature, in the order of their
// error codes but for the key, without which there is no secret. What is signed
// is the timestamp and, for a suite, what follows it.
func (s *Sandbox) signed(q url.Values, more string) *topError {
	stamp := q.Get("timestamp")
	ms, err := strconv.ParseInt(stamp, 10, 64)
	app := s.App()
	age := s.Now().Sub(time.UnixMilli(ms))
	switch {
	case err != nil:
		return &topError{853001, "时间戳格式错误", false}
	case age.Abs() > maxSignatureAge:
		return &topError{853002, "时间戳与服务器时间相差过大", false}
	case q.Get("accessKey") != app.ClientID:
		return &topError{853003, "accessKey不存在", false}
	case !hmac.Equal([]byte(q.Get("signature")), []byte(sign(stamp+more, app.ClientSecret))):
		return &topError{853004, "签名不匹配", false}
	}
	return nil
}

// sign is base64(HMAC-SHA256(secret, message)).
func sign(message string, key secret.Text) string {
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	mac.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// snsArguments checks the chain's own token, which is no app token.
func (s *Sandbox) snsArguments(r *http.Request) (arguments, *topError) {
	if r.Method != http.MethodPost {
		return nil, &topError{43002, "需要POST请求", false}
	}
	switch s.mint.isSNSToken(r.URL.Query().Get("access_token")) {
	case unknown:
		return nil, errPlainToken
	case expired:
		return nil, errPlainExpired
	}
	in, ok := readArguments(r)
	if !ok {
		return nil, errBadParameter
	}
	return in, nil
}

func (m *mint) isSNSToken(token string) standing {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, is := m.sns.app.get(token, m.now())
	return is
}

var (
	errPlainToken   = &topError{40014, "不合法的access_token", false}
	errPlainExpired = &topError{42001, "access_token超时", false}
)

// scannedBy spends the redirect's code.
func (s *Sandbox) scannedBy(in arguments) (Person, grant, *topError) {
	code, ok := in.text("tmp_auth_code")
	if !ok || code == "" {
		return Person{}, grant{}, &topError{41026, "缺少tmp_auth_code参数", false}
	}
	g, ok := s.mint.spend(&s.mint.sns.codes, code)
	p, known := s.people.byUserID(g.UserID)
	if !ok || !known {
		return Person{}, grant{}, errTmpCode
	}
	return p, g, nil
}

// dingID has the form of captured ones.
func (p Person) dingID() string { return "$:LWCP_v1:$" + scramble("ding "+p.UserID) }
