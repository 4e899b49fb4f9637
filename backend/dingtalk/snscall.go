package dingtalk

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"

	"github.com/dingpass/dingpass/backend/secret"
)

// wireScan is a person's account in the answers of both ways. They name no
// avatar, mobile number or mail address.
type wireScan struct {
	UserInfo struct {
		Nick    text `json:"nick"`
		UnionID text `json:"unionid"`
		OpenID  text `json:"openid"`
	} `json:"user_info"`
}

func (w wireScan) profile(asked call) (Profile, error) {
	if w.UserInfo.UnionID == "" {
		return Profile{}, asked.wrong(errMissing)
	}
	return Profile{
		UnionID: string(w.UserInfo.UnionID),
		OpenID:  string(w.UserInfo.OpenID),
		Nick:    string(w.UserInfo.Nick),
	}, nil
}

// profileByCode asks in one call, which is signed in the place of a token.
func (s *SNS) profileByCode(ctx context.Context, code secret.Text) (Profile, error) {
	ask := post("/sns/getuserinfo_bycode", map[string]string{"tmp_auth_code": code.Reveal()})
	ask.query = s.Client.signature(s.appID(), s.appSecret(), secret.Text{})
	var got wireScan
	if err := s.Client.do(ctx, ask, &got); err != nil {
		return Profile{}, err
	}
	return got.profile(ask)
}

// sign is base64 of HMAC-SHA256 under the app's secret.
func sign(key secret.Text, message string) string {
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	_, _ = mac.Write([]byte(message)) // a hash takes everything
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// profileByChain asks in four calls. Of these only the second spends something.
// The first one's token is not cached: DingTalk gives the same one for two
// hours, and who needs a fast scan does not use this.
func (s *SNS) profileByChain(ctx context.Context, code secret.Text) (Profile, error) {
	token, err := s.scanToken(ctx)
	if err != nil {
		return Profile{}, err
	}
	lasting, err := s.persistentCode(ctx, token, code)
	if err != nil {
		return Profile{}, err
	}
	personal, err := s.personalToken(ctx, token, lasting)
	if err != nil {
		return Profile{}, err
	}
	ask := get("/sns/getuserinfo", url.Values{"sns_token": {personal.Reveal()}})
	var got wireScan
	if err := s.Client.read(ctx, ask, &got); err != nil {
		return Profile{}, err
	}
	me, err := got.profile(ask)
	if err == nil && lasting.unionID != "" && lasting.unionID != me.UnionID {
		return Profile{}, ask.wrong(errMismatch)
	}
	return me, err
}

// scanToken is the token of the app that the QR belongs to.
func (s *SNS) scanToken(ctx context.Context) (secret.Text, error) {
	fetch := get("/sns/gettoken", url.Values{"appid": {s.appID()}, "appsecret": {s.appSecret().Reveal()}})
	var got tokenAnswer
	asked := s.Client.now()
	if err := s.Client.read(ctx, fetch, &got); err != nil {
		return secret.Text{}, err
	}
	token, err := got.kept(fetch, asked)
	return secret.New(token.Token), err
}

// persistent is what a one-time code is exchanged for.
type persistent struct {
	openID, unionID string
	code            secret.Text
}

func (s *SNS) persistentCode(ctx context.Context, token, code secret.Text) (persistent, error) {
	ask := post("/sns/get_persistent_code", map[string]string{"tmp_auth_code": code.Reveal()})
	ask.token = token
	var got struct {
		OpenID  text `json:"openid"`
		UnionID text `json:"unionid"`
		Code    text `json:"persistent_code"`
	}
	if err := s.Client.do(ctx, ask, &got); err != nil {
		return persistent{}, err
	}
	if got.OpenID == "" || got.Code == "" {
		return persistent{}, ask.wrong(errMissing)
	}
	return persistent{string(got.OpenID), string(got.UnionID), secret.New(string(got.Code))}, nil
}

// personalToken is the person's own token.
func (s *SNS) personalToken(ctx context.Context, token secret.Text, lasting persistent) (secret.Text, error) {
	ask := post("/sns/get_sns_token", map[string]string{"openid": lasting.openID, "persistent_code": lasting.code.Reveal()})
	ask.token = token
	var got struct {
		Token text `json:"sns_token"`
	}
	if err := s.Client.read(ctx, ask, &got); err != nil {
		return secret.Text{}, err
	}
	if got.Token == "" {
		return secret.Text{}, ask.wrong(errMissing)
	}
	return secret.New(string(got.Token)), nil
}
