package dingtalk_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

const (
	scanPath       = "/sns/getuserinfo_bycode"
	scanTokenPath  = "/sns/gettoken"
	persistentPath = "/sns/get_persistent_code"
	snsTokenPath   = "/sns/get_sns_token"
	scanInfoPath   = "/sns/getuserinfo"
)

const goodScan = `{"errcode":0,"errmsg":"ok","user_info":{"nick":"阿明","unionid":"uXyZ34iEiE","dingId":"$:LWCP_v1:$x","openid":"oA1","main_org_auth_high_level":true}}`

func newScan(t *testing.T, script map[string]http.HandlerFunc) (*fake, *dingtalk.SNS) {
	t.Helper()
	all := map[string]http.HandlerFunc{
		scanPath:       says(200, goodScan),
		scanTokenPath:  says(200, `{"errcode":0,"errmsg":"ok","access_token":"canary-scan-token"}`),
		persistentPath: says(200, `{"errcode":0,"errmsg":"ok","openid":"oA1","unionid":"uXyZ34iEiE","persistent_code":"canary-persistent"}`),
		snsTokenPath:   says(200, `{"errcode":0,"errmsg":"ok","sns_token":"canary-sns-token","expires_in":7200}`),
		scanInfoPath:   says(200, goodScan),
	}
	maps.Copy(all, script)
	f := newFake(t, all)
	return f, &dingtalk.SNS{Client: f.client(), AppID: "dingoa1", AppSecret: secret.New("testappSecret")}
}

// Contract 6.1; all were computed again with openssl.
func TestSignaturesAreThoseOfTheVectors(t *testing.T) {
	t.Parallel()
	for _, v := range []struct{ key, message, want string }{
		{"SHA-256", "1562325753000 ", "mLTZEMqIlpAA3xtJ43KcRT0EDLwgSamFe/Nis5lq9ik="},
		{"testappSecret", "1546084445901", "HCbG3xNE3vzhO+u7qCUL1jS5hsu2n5r2cFhnTrtyDAE="},
		{"secret", "1636725918388\nticket", "LOZmXJzlQYpIu5emP6/1OF4hE3qlMzY/6y4FbDjXPbU="},
	} {
		if got := dingtalk.Sign(secret.New(v.key), v.message); got != v.want {
			t.Errorf("%q under %q = %s, want %s", v.message, v.key, got, v.want)
		}
	}
}

func TestTheOldPagesAreWhatDingTalkDocuments(t *testing.T) {
	t.Parallel()
	request := login.AuthorizeRequest{State: "u3 Xk0", RedirectURI: "http://127.0.0.1:18765/callback"}
	s := &dingtalk.SNS{Client: &dingtalk.Client{ClientID: "dingabc123"}}
	for got, want := range map[string]string{
		s.AuthorizeURL(request):                    "https://oapi.dingtalk.com/connect/qrconnect?appid=dingabc123&redirect_uri=http%3A%2F%2F127.0.0.1%3A18765%2Fcallback&response_type=code&scope=snsapi_login&state=u3%20Xk0",
		s.AccountURL(request, secret.Text{}):       "https://oapi.dingtalk.com/connect/oauth2/sns_authorize?appid=dingabc123&redirect_uri=http%3A%2F%2F127.0.0.1%3A18765%2Fcallback&response_type=code&scope=snsapi_login&state=u3%20Xk0",
		s.AccountURL(request, secret.New("a+b&c")): "https://oapi.dingtalk.com/connect/oauth2/sns_authorize?appid=dingabc123&loginTmpCode=a%2Bb%26c&redirect_uri=http%3A%2F%2F127.0.0.1%3A18765%2Fcallback&response_type=code&scope=snsapi_login&state=u3%20Xk0",
		s.InsideURL(request):                       "https://oapi.dingtalk.com/connect/oauth2/sns_authorize?appid=dingabc123&redirect_uri=http%3A%2F%2F127.0.0.1%3A18765%2Fcallback&response_type=code&scope=snsapi_auth&state=u3%20Xk0",
	} {
		if got != want {
			t.Errorf("url  = %s\nwant   %s", got, want)
		}
	}
	s.AppID = "dingoa1"
	if u, err := url.Parse(s.AuthorizeURL(request)); err != nil || u.Query().Get("appid") != "dingoa1" {
		t.Errorf("another app's page is %v, %v", u, err)
	}
}

func TestAScanIsAskedAboutInOneSignedCall(t *testing.T) {
	t.Parallel()
	f, s := newScan(t, nil)
	s.Client.Now = func() time.Time { return time.UnixMilli(1546084445901) }
	me, err := s.Profile(t.Context(), secret.New(oneTimeCode))
	if want := (dingtalk.Profile{UnionID: "uXyZ34iEiE", OpenID: "oA1", Nick: "阿明"}); err != nil || me != want {
		t.Errorf("profile = %+v, %v", me, err)
	}
	req := f.requests("")
	want := url.Values{"accessKey": {"dingoa1"}, "timestamp": {"1546084445901"}, "signature": {"HCbG3xNE3vzhO+u7qCUL1jS5hsu2n5r2cFhnTrtyDAE="}}
	if len(req) != 1 || req[0].method != http.MethodPost || req[0].query.Encode() != want.Encode() ||
		!maps.Equal(object(t, req[0].body), map[string]any{"tmp_auth_code": oneTimeCode}) {
		t.Errorf("requests = %+v", req)
	}
}

func TestAScanIsAskedAboutInAChainOfCalls(t *testing.T) {
	t.Parallel()
	f, s := newScan(t, nil)
	s.Chain = true
	me, err := s.Profile(t.Context(), secret.New(oneTimeCode))
	if want := (dingtalk.Profile{UnionID: "uXyZ34iEiE", OpenID: "oA1", Nick: "阿明"}); err != nil || me != want {
		t.Errorf("profile = %+v, %v", me, err)
	}
	var said []string
	for _, req := range f.requests("") {
		said = append(said, req.method+" "+req.path+"?"+req.query.Encode()+" "+req.body)
	}
	want := []string{
		"GET /sns/gettoken?appid=dingoa1&appsecret=testappSecret ",
		"POST /sns/get_persistent_code?access_token=canary-scan-token " + `{"tmp_auth_code":"` + oneTimeCode + `"}`,
		"POST /sns/get_sns_token?access_token=canary-scan-token " + `{"openid":"oA1","persistent_code":"canary-persistent"}`,
		"GET /sns/getuserinfo?sns_token=canary-sns-token ",
	}
	if got := strings.Join(said, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("calls:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}

func TestAnOldScanPassesTheSameGate(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		path   string
		answer http.HandlerFunc
		code   login.Code
	}{
		"an employee":         {userPath, says(200, goodUser), ""},
		"no member":           {memberPath, oldError(60121), login.NotMember},
		"an external contact": {memberPath, says(200, `{"errcode":0,"result":{"userid":"zhang01","contact_type":1}}`), login.ExternalContact},
		"not activated":       {userPath, says(200, `{"errcode":0,"result":{"userid":"zhang01","active":false}}`), login.InactiveAccount},
		"another's record":    {userPath, says(200, `{"errcode":0,"result":{"userid":"zhang01","unionid":"uOther","active":true}}`), login.ProviderAnswer},
	} {
		for way, chain := range map[string]bool{"signed": false, "chain": true} {
			for who, known := range map[string]login.Known{"new": nil, "known": isZhang} {
				t.Run(strings.Join([]string{name, way, who}, ", "), func(t *testing.T) {
					t.Parallel()
					_, s := newScan(t, map[string]http.HandlerFunc{tc.path: tc.answer})
					s.Chain = chain
					got, err := s.Identify(t.Context(), secret.New(oneTimeCode), known)
					if login.CodeOf(err) != tc.code {
						t.Errorf("err = %v", err)
					}
					if err == nil && (got.UserID != "zhang01" || got.CorpID != "ding0a1b" || got.Nick != "阿明" || got.Name != "张三") {
						t.Errorf("identity = %+v", got)
					}
				})
			}
		}
	}
}

func TestAnOldScansRefusals(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		path   string
		answer http.HandlerFunc
		code   login.Code
	}{
		"timestamp of another form": {scanPath, says(200, `{"errcode":853001}`), login.Internal},
		"clock is off":              {scanPath, says(200, `{"errcode":853002}`), login.ClockWrong},
		"app unknown":               {scanPath, says(200, `{"errcode":853003}`), login.AppMisconfigured},
		"wrong secret":              {scanPath, says(200, `{"errcode":853004}`), login.AppMisconfigured},
		"code used up":              {scanPath, says(200, `{"errcode":40078}`), login.CodeInvalid},
		"nobody named":              {scanPath, says(200, `{"errcode":0,"user_info":{"nick":"x"}}`), login.ProviderAnswer},
		"busy":                      {scanPath, says(200, `{"errcode":-1}`), login.ProviderUnavailable},
		"lost":                      {scanPath, drops, login.Network},
		"chain, wrong secret":       {scanTokenPath, says(200, `{"errcode":40089}`), login.AppMisconfigured},
		"chain, no token":           {scanTokenPath, says(200, `{"errcode":0}`), login.ProviderAnswer},
		"chain, code used up":       {persistentPath, says(200, `{"errcode":40078}`), login.CodeInvalid},
		"chain, code lost":          {persistentPath, drops, login.Network},
		"chain, no lasting code":    {persistentPath, says(200, `{"errcode":0,"openid":"o"}`), login.ProviderAnswer},
		"chain, lasting code bad":   {snsTokenPath, says(200, `{"errcode":40084}`), login.AppMisconfigured},
		"chain, no such openid":     {snsTokenPath, says(200, `{"errcode":40073}`), login.ProviderAnswer},
		"chain, no personal token":  {snsTokenPath, says(200, `{"errcode":0}`), login.ProviderAnswer},
		"chain, another person":     {scanInfoPath, says(200, strings.Replace(goodScan, "uXyZ34iEiE", "uOther", 1)), login.ProviderAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, s := newScan(t, map[string]http.HandlerFunc{tc.path: tc.answer})
			s.Chain = strings.HasPrefix(name, "chain")
			if err := s.Warm(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, err := s.Identify(t.Context(), secret.New(oneTimeCode), nil)
			if login.CodeOf(err) != tc.code {
				t.Errorf("err = %v, want %s", err, tc.code)
			}
			cleanError(t, err)
			if n := len(f.requests(memberPath)); n != 0 {
				t.Errorf("%d calls about a person who is not known", n)
			}
			if n := len(f.requests(scanPath)) + len(f.requests(persistentPath)); n > 1 {
				t.Errorf("the code was sent %d times", n)
			}
		})
	}
}
