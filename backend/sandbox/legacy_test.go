package sandbox_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/sandbox"
)

// flat calls the old API outside /topapi/ with GET and the app token.
func (k *kit) flat(path string, pairs ...string) map[string]any {
	k.t.Helper()
	q := url.Values{"access_token": {k.appToken()}}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	res := k.do(http.MethodGet, path+"?"+q.Encode(), "")
	if res.status != http.StatusOK {
		k.t.Fatalf("%s: HTTP %d; the old API answers 200", path, res.status)
	}
	return res.json(k.t)
}

func TestTheLegacyMembershipGate(t *testing.T) {
	t.Parallel()
	k := start(t)
	got := k.flat("/user/getUseridByUnionid", "unionid", k.unionID("wang03"))
	if got["errcode"] != 0.0 || got["userid"] != "wang03" || got["contactType"] != 1.0 {
		t.Errorf("external contact: %v", got)
	}
	isTopError(t, k.flat("/user/getUseridByUnionid", "unionid", k.unionID("wu08")), 60121, "")
	isTopError(t, k.flat("/user/getUseridByUnionid"), 400002, "")
}

func TestTheLegacyRecordHasItsOddShapes(t *testing.T) {
	t.Parallel()
	k := start(t)
	body := k.do(http.MethodGet, "/user/get?userid=zhang01&lang=zh_CN&access_token="+k.appToken(), "").body
	for what, pattern := range map[string]string{
		"the reply is flat":          `"errcode":0`,
		"orders are a map in text":   `"orderInDepts":"\{88001:176200000000000001\}"`,
		"leaders are a map in text":  `"isLeaderInDepts":"\{1:false,88001:false\}"`,
		"departments are an array":   `"department":\[1,88001\]`,
		"the number is jobnumber":    `"jobnumber":"A001"`,
		"the title is position":      `"position":"工程师"`,
		"the manager's id is joined": `"managerUserid":"li02"`,
		"extattr is an object":       `"extattr":\{\}`,
	} {
		if !regexp.MustCompile(pattern).MatchString(body) {
			t.Errorf("%s: %s", what, body)
		}
	}
	isTopError(t, k.flat("/user/get", "userid", "nobody"), 60121, "")
	isTopError(t, k.flat("/user/get", "userid", "sun06"), 60120, "")
	isTopError(t, k.flat("/user/get", "userid", "zhang01", "lang", "fr_FR"), 40035, "")
}

func TestTheLegacyAPIHasNoWrapper(t *testing.T) {
	t.Parallel()
	k := start(t)
	get := func(query string) map[string]any { return k.do(http.MethodGet, "/user/get"+query, "").json(t) }
	isTopError(t, get("?userid=zhang01"), 41001, "")
	isTopError(t, get("?userid=zhang01&access_token=guess"), 40014, "")
	isTopError(t, k.post("/user/get?access_token="+k.appToken(), map[string]any{}).json(t), 43001, "")
	token := k.appToken()
	k.ExpireTokens()
	isTopError(t, get("?userid=zhang01&access_token="+token), 42001, "")
	k.change(func(s *sandbox.Settings) { s.Permissions = nil })
	isTopError(t, k.flat("/user/get", "userid", "zhang01"), 60011, "")
}

const userInfoPath = "/topapi/v2/user/getuserinfo"

func (k *kit) noLogin(userID string) string {
	k.t.Helper()
	code, err := k.NoLoginCode(userID)
	if err != nil {
		k.t.Fatal(err)
	}
	return code
}

func TestANoLoginCodeTellsWhoOpenedThePage(t *testing.T) {
	t.Parallel()
	k := start(t)
	app := k.appToken()
	code := k.noLogin("li02")
	got := k.top(userInfoPath, app, map[string]any{"code": code})
	result, _ := got["result"].(map[string]any)
	if result["userid"] != "li02" || result["unionid"] != k.unionID("li02") || result["sys"] != true || result["sys_level"] != 1.0 {
		t.Errorf("getuserinfo: %v", got)
	}
	isTopError(t, k.top(userInfoPath, app, map[string]any{"code": code}), 40078, "") // used
	old := k.flat("/user/getuserinfo", "code", k.noLogin("zhang01"))
	if old["userid"] != "zhang01" || old["is_sys"] != false || old["sys_level"] != 0.0 || old["deviceId"] == nil {
		t.Errorf("legacy: %v", old)
	}
}

func TestANoLoginCodeIsOfItsOwnKind(t *testing.T) {
	t.Parallel()
	k := start(t)
	app := k.appToken()
	ask := func(code string) map[string]any { return k.top(userInfoPath, app, map[string]any{"code": code}) }
	isTopError(t, ask(k.code("zhang01")), 40078, "") // an authCode of the browser
	isTopError(t, ask(""), 41026, "")
	isRestError(t, k.exchange(k.noLogin("zhang01")), http.StatusBadRequest, "invalidParameter.authCode.notFound")

	old := k.noLogin("zhang01")
	k.Advance(5*time.Minute - time.Second)
	if got := ask(old); got["errcode"] != 0.0 {
		t.Errorf("within five minutes: %v", got)
	}
	old = k.noLogin("zhang01")
	k.Advance(5 * time.Minute)
	isTopError(t, ask(old), 40078, "")

	spoilt := k.noLogin("zhang01")
	k.ExpireCodes()
	isTopError(t, ask(spoilt), 40078, "")
	k.change(func(s *sandbox.Settings) { s.Permissions = []string{sandbox.PermitMember} })
	isTopError(t, ask(k.noLogin("zhang01")), 88, "60011")
}

func TestTheControlMakesNoLoginCodes(t *testing.T) {
	t.Parallel()
	k := start(t)
	code, _ := k.control(http.MethodPost, "codes", `{"action":"no_login","userid":"zhang01"}`).json(t)["code"].(string)
	if got := k.flat("/user/getuserinfo", "code", code); got["userid"] != "zhang01" {
		t.Errorf("got %v", got)
	}
	if res := k.control(http.MethodPost, "codes", `{"action":"no_login","userid":"nobody"}`); res.status != http.StatusNotFound {
		t.Errorf("nobody: %d", res.status)
	}
	if res := k.control(http.MethodPost, "codes", `{"action":"no_login","userid":"wu08"}`); res.status != http.StatusBadRequest {
		t.Errorf("no member: %d", res.status)
	}
}
