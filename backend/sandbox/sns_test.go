package sandbox_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/sandbox"
)

const (
	qrconnect    = "/connect/qrconnect"
	snsAuthorize = "/connect/oauth2/sns_authorize"
	byCodePath   = "/sns/getuserinfo_bycode"
)

func (k *kit) snsQuery(pairs ...string) string {
	q := url.Values{
		"appid": {k.App().ClientID}, "response_type": {"code"}, "scope": {"snsapi_login"},
		"state": {"S+/ 1"}, "redirect_uri": {redirect},
	}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return "?" + q.Encode()
}

// scanned opens a legacy page, lets the person confirm, and returns the page.
func (k *kit) scanned(target, userID string) shown {
	k.t.Helper()
	res := k.do(http.MethodGet, target, "")
	if res.status != http.StatusOK {
		k.t.Fatalf("login page: %d %s", res.status, res.body)
	}
	s := shown{data(res.body, "scan"), data(res.body, "watch"), data(res.body, "continue"), data(res.body, "target"), res.body}
	if res := k.phone(s, "userid", userID, "action", "confirm"); res.status != http.StatusOK {
		k.t.Fatalf("phone: %d %s", res.status, res.body)
	}
	return s
}

func (k *kit) snsCode(userID string) string {
	k.t.Helper()
	return k.landed(k.scanned(qrconnect+k.snsQuery(), userID)).Query().Get("code")
}

// byCode asks with a good signature, some parameters replaced.
func (k *kit) byCode(code string, pairs ...string) map[string]any {
	k.t.Helper()
	app := k.App()
	stamp := strconv.FormatInt(k.Now().UnixMilli(), 10)
	q := url.Values{"accessKey": {app.ClientID}, "timestamp": {stamp}, "signature": {sandbox.Sign(stamp, app.ClientSecret.Reveal())}}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return k.post(byCodePath+"?"+q.Encode(), map[string]any{"tmp_auth_code": code}).json(k.t)
}

func TestTheLegacyScanTellsWhoScanned(t *testing.T) {
	t.Parallel()
	k := start(t)
	to := k.landed(k.scanned(qrconnect+k.snsQuery(), "zhang01"))
	if to.Query().Get("state") != "S+/ 1" || to.Query().Has("authCode") || !strings.HasPrefix(to.String(), redirect) {
		t.Errorf("redirect %v", to)
	}
	got := k.byCode(to.Query().Get("code"))
	info, _ := got["user_info"].(map[string]any)
	if got["errcode"] != 0.0 || info["unionid"] != k.unionID("zhang01") || info["nick"] != "阿明" || info["main_org_auth_high_level"] != true {
		t.Errorf("getuserinfo_bycode: %v", got)
	}
	isTopError(t, k.byCode(to.Query().Get("code")), 40078, "") // used
}

func TestTheLegacyFramePostsAPlainStringThatTheRedirectNeeds(t *testing.T) {
	t.Parallel()
	k := start(t)
	target := k.URL() + snsAuthorize + k.snsQuery()
	s := k.scanned("/login/qrcode.htm?goto="+url.QueryEscape(target), "li02")
	if s.target != "*" {
		t.Errorf("the frame talks to %q", s.target)
	}
	answer := k.watch(s, "waiting")
	tmp, _ := answer["loginTmpCode"].(string)
	if tmp == "" || answer["redirectUrl"] != nil {
		t.Fatalf("the frame hears %v", answer)
	}
	res := k.do(http.MethodGet, target+"&loginTmpCode="+tmp, "")
	to, err := url.Parse(res.header.Get("Location"))
	if err != nil || res.status != http.StatusFound || to.Query().Get("state") != "S+/ 1" {
		t.Fatalf("sns_authorize: %d to %v", res.status, to)
	}
	info, _ := k.byCode(to.Query().Get("code"))["user_info"].(map[string]any)
	if info["nick"] != "Sissi" {
		t.Errorf("the code is of %v", info)
	}
	if res := k.do(http.MethodGet, target+"&loginTmpCode="+tmp, ""); res.status != http.StatusBadRequest {
		t.Errorf("a used loginTmpCode: %d", res.status)
	}
	if script := k.do(http.MethodGet, "/oauth2/assets/login.js", "").body; !strings.Contains(script, "parent.postMessage(loginTmpCode,") {
		t.Error("the frame does not post the plain code")
	}
}

func TestTheLegacyPagesRefuse(t *testing.T) {
	t.Parallel()
	k := start(t)
	for name, target := range map[string]string{
		"an unknown app":             qrconnect + k.snsQuery("appid", "dingother"),
		"another response type":      qrconnect + k.snsQuery("response_type", "token"),
		"the new scope":              qrconnect + k.snsQuery("scope", "openid"),
		"the scope of the client":    qrconnect + k.snsQuery("scope", "snsapi_auth"),
		"an unregistered address":    qrconnect + k.snsQuery("redirect_uri", "http://example.com/"),
		"a frame that goes nowhere":  "/login/qrcode.htm?goto=http%3A%2F%2Fexample.com%2F",
		"a loginTmpCode of nobody's": snsAuthorize + k.snsQuery("loginTmpCode", "guess"),
	} {
		if res := k.do(http.MethodGet, target, ""); res.status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, res.status)
		}
	}
	if res := k.do(http.MethodGet, snsAuthorize+k.snsQuery("scope", "snsapi_auth"), ""); res.status != http.StatusOK {
		t.Errorf("snsapi_auth: %d", res.status)
	}
}

func TestTheSignatureIsChecked(t *testing.T) {
	t.Parallel()
	k := start(t)
	code := k.snsCode("zhang01")
	key := k.App().ClientSecret.Reveal()
	at := func(d time.Duration) []string {
		stamp := strconv.FormatInt(k.Now().Add(d).UnixMilli(), 10)
		return []string{"timestamp", stamp, "signature", sandbox.Sign(stamp, key)}
	}
	now := strconv.FormatInt(k.Now().UnixMilli(), 10)
	isTopError(t, k.byCode(code, "timestamp", "yesterday"), 853001, "")
	isTopError(t, k.byCode(code, at(-61*time.Second)...), 853002, "")
	isTopError(t, k.byCode(code, at(61*time.Second)...), 853002, "")
	isTopError(t, k.byCode(code, "accessKey", "dingother"), 853003, "")
	isTopError(t, k.byCode(code, "signature", sandbox.Sign(now+"\n"+key, key)), 853004, "")
	isTopError(t, k.byCode(""), 41026, "")
	isTopError(t, k.byCode(k.code("zhang01")), 40078, "") // an authCode of the new login
	if got := k.byCode(code, at(-time.Minute)...); got["errcode"] != 0.0 {
		t.Errorf("a minute late: %v", got)
	}
}

// The inputs of the second are DingTalk's, those of the others JustAuth's and
// zhaoyunxing92/dingtalk's.
func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	for _, v := range []struct{ key, message, want string }{
		{"SHA-256", "1562325753000 ", "mLTZEMqIlpAA3xtJ43KcRT0EDLwgSamFe/Nis5lq9ik="},
		{"testappSecret", "1546084445901", "HCbG3xNE3vzhO+u7qCUL1jS5hsu2n5r2cFhnTrtyDAE="},
		{"secret", "1636725918388\nticket", "LOZmXJzlQYpIu5emP6/1OF4hE3qlMzY/6y4FbDjXPbU="},
	} {
		if got := sandbox.Sign(v.message, v.key); got != v.want {
			t.Errorf("sign(%q) = %s", v.message, got)
		}
	}
}

func TestTheOlderChainOfFourCalls(t *testing.T) {
	t.Parallel()
	k := start(t)
	app := k.App()
	get := func(path string, pairs ...string) map[string]any {
		q := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			q.Set(pairs[i], pairs[i+1])
		}
		return k.do(http.MethodGet, path+"?"+q.Encode(), "").json(t)
	}
	token, _ := get("/sns/gettoken", "appid", app.ClientID, "appsecret", app.ClientSecret.Reveal())["access_token"].(string)
	if again := get("/sns/gettoken", "appid", app.ClientID, "appsecret", app.ClientSecret.Reveal()); again["access_token"] != token || token == "" {
		t.Errorf("on repeat: %v", again)
	}
	code := k.snsCode("zhang01")
	lasting := k.top("/sns/get_persistent_code", token, map[string]any{"tmp_auth_code": code})
	if lasting["unionid"] != k.unionID("zhang01") || lasting["persistent_code"] == nil {
		t.Fatalf("get_persistent_code: %v", lasting)
	}
	body := map[string]any{"openid": lasting["openid"], "persistent_code": lasting["persistent_code"]}
	grant := k.top("/sns/get_sns_token", token, body)
	sns, _ := grant["sns_token"].(string)
	info, _ := get("/sns/getuserinfo", "sns_token", sns)["user_info"].(map[string]any)
	if grant["expires_in"] != 7200.0 || info["unionid"] != k.unionID("zhang01") || info["openid"] != lasting["openid"] {
		t.Errorf("getuserinfo: %v %v", grant, info)
	}

	isTopError(t, get("/sns/gettoken", "appid", app.ClientID, "appsecret", "guess"), 40086, "")
	isTopError(t, k.top("/sns/get_persistent_code", token, map[string]any{"tmp_auth_code": code}), 40078, "")
	isTopError(t, k.top("/sns/get_persistent_code", k.appToken(), map[string]any{"tmp_auth_code": k.snsCode("zhang01")}), 40014, "")
	isTopError(t, k.top("/sns/get_sns_token", token, map[string]any{"openid": "x", "persistent_code": "guess"}), 40084, "")
	isTopError(t, k.top("/sns/get_sns_token", token, map[string]any{"openid": "x", "persistent_code": lasting["persistent_code"]}), 40073, "")
	isTopError(t, get("/sns/getuserinfo", "sns_token", "guess"), 40014, "")
	k.Advance(2 * time.Hour)
	isTopError(t, get("/sns/getuserinfo", "sns_token", sns), 42001, "")
	isTopError(t, k.top("/sns/get_persistent_code", token, map[string]any{}), 42001, "")
}
