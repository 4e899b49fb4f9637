package sandbox_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/secret"
)

// isTopError checks the old API's envelope; sub is "" for an error that is not
// the gateway's.
func isTopError(t *testing.T, body map[string]any, code float64, sub string) {
	t.Helper()
	got, _ := body["sub_code"].(string)
	if body["errcode"] != code || got != sub || body["result"] != nil || body["request_id"] == "" {
		t.Errorf("got %v, want errcode %v sub_code %q", body, code, sub)
	}
}

func TestTheAppToken(t *testing.T) {
	t.Parallel()
	k := start(t)
	app := k.App()
	secretText := app.ClientSecret.Reveal()
	get := func(query string) map[string]any { return k.do(http.MethodGet, "/gettoken"+query, "").json(t) }

	first := k.appToken()
	old := get("?appkey=" + app.ClientID + "&appsecret=" + secretText)
	if old["errcode"] != 0.0 || old["access_token"] != first || old["expires_in"] != 7200.0 {
		t.Errorf("gettoken: %v", old)
	}
	k.clock.pass(time.Hour)
	if k.appToken() != first {
		t.Error("another token within the validity")
	}
	k.clock.pass(2*time.Hour - time.Second) // the call above extended it
	if got := k.top(unionPath, first, map[string]any{"unionid": "x"}); got["errcode"] != 60121.0 {
		t.Errorf("extended token: %v", got)
	}
	k.clock.pass(time.Second)
	isTopError(t, k.top(unionPath, first, map[string]any{"unionid": "x"}), 88, "42001")
	if k.appToken() == first {
		t.Error("the same token after its validity")
	}

	isTopError(t, get("?appkey="+app.ClientID+"&appsecret=guess"), 40096, "")
	isTopError(t, get(""), 40035, "")
	isTopError(t, k.do(http.MethodPost, "/gettoken", "appkey="+app.ClientID, "Content-Type", "application/x-www-form-urlencoded").json(t), 40035, "")
	isRestError(t, k.post(appTokenPath, map[string]any{"appKey": app.ClientID, "appSecret": "guess"}), http.StatusBadRequest, "invalidClientIdOrSecret")
	isRestError(t, k.post(appTokenPath, map[string]any{"appSecret": secretText}), http.StatusBadRequest, "MissingappKey")
	if res := k.do(http.MethodGet, appTokenPath, ""); res.status != http.StatusNotFound {
		t.Errorf("GET: %d", res.status)
	}

	k.SetClientSecret(secret.New("changed"))
	isTopError(t, get("?appkey="+app.ClientID+"&appsecret="+secretText), 40096, "")
	if got := get("?appkey=" + app.ClientID + "&appsecret=changed"); got["errcode"] != 0.0 {
		t.Errorf("the new secret: %v", got)
	}
	k.change(func(s *sandbox.Settings) { s.AllowedIPs = []string{"203.0.113.7"} })
	isTopError(t, get("?appkey="+app.ClientID+"&appsecret=changed"), 60020, "")
}

func TestTheOldGatewayWrapsItsErrors(t *testing.T) {
	t.Parallel()
	k := start(t)
	app := k.appToken()
	body := map[string]any{"userid": "zhang01"}

	isTopError(t, k.top(userPath, "guess", body), 88, "40014")
	isTopError(t, k.top(userPath, k.userToken("zhang01"), body), 88, "40014")
	isTopError(t, k.post(userPath, body, "x-acs-dingtalk-access-token", app).json(t), 88, "40000")
	isTopError(t, k.do(http.MethodGet, userPath+"?access_token="+app, "").json(t), 88, "43002")
	isTopError(t, k.top("/topapi/nothing", app, body), 88, "22")
	if got := k.top(userPath, "guess", body); got["errmsg"] != "ding talk error[subcode=40014,submsg=不合法的access_token]" {
		t.Errorf("errmsg %v", got["errmsg"])
	}
	form := k.do(http.MethodPost, userPath+"?access_token="+app, "userid=zhang01", "Content-Type", "application/x-www-form-urlencoded")
	if form.json(t)["errcode"] != 0.0 {
		t.Errorf("a form is taken too: %s", form.body)
	}
	k.RotateTokens()
	isTopError(t, k.top(userPath, app, body), 88, "40014")
	app = k.appToken()
	k.ExpireTokens()
	isTopError(t, k.top(userPath, app, body), 88, "42001")
	app = k.appToken()
	k.change(func(s *sandbox.Settings) { s.AllowedIPs = []string{"203.0.113.7"} })
	refused := k.post(userPath+"?access_token="+app, body).json(t)
	isTopError(t, refused, 88, "60020")
	if message, _ := refused["sub_msg"].(string); !strings.Contains(message, "127.0.0.1") {
		t.Errorf("the refusal does not name the address: %q", message)
	}
}

func TestTheMembershipGate(t *testing.T) {
	t.Parallel()
	k := start(t)
	app := k.appToken()
	for userID, c := range map[string]struct {
		member, kind, record float64 // errcode, contact_type, errcode
	}{
		"zhang01": {0, 0, 0},
		"li02":    {0, 0, 0},
		"wang03":  {0, 1, 60121},
		"zhao04":  {0, 0, 0},
		"qian05":  {0, 0, 0},
		"sun06":   {0, 0, 60120},
		"zhou07":  {60121, 0, 60121},
		"wu08":    {60121, 0, 60121},
		"zheng09": {0, 0, 0},
		"aygul10": {0, 0, 0},
		"chen11":  {60121, 0, 60121},
	} {
		t.Run(userID, func(t *testing.T) {
			t.Parallel()
			k := k.in(t)
			me := k.me(k.userToken(userID)).json(t)
			member := k.top(unionPath, app, map[string]any{"unionid": me["unionId"]})
			if member["errcode"] != c.member {
				t.Fatalf("member: %v", member)
			}
			if result, ok := member["result"].(map[string]any); ok && (result["contact_type"] != c.kind || result["userid"] != userID) {
				t.Errorf("member: %v", member)
			}
			if record := k.top(userPath, app, map[string]any{"userid": userID}); record["errcode"] != c.record {
				t.Errorf("record: %v", record)
			}
		})
	}
}

func TestTheRecordIsWrittenAsCapturedRepliesAre(t *testing.T) {
	t.Parallel()
	k := start(t)
	raw := func(userID string) string {
		return k.post(userPath+"?access_token="+k.appToken(), map[string]any{"userid": userID}).body
	}
	for what, pattern := range map[string]string{
		"departments are an array of numbers": `"dept_id_list":\[1,88001\]`,
		"order has 18 digits":                 `"order":176200000000000001\b`,
		"bools are bools":                     `"active":true`,
		"creation is ISO-8601":                `"create_time":"2024-01-02T03:04:05.000Z"`,
		"union_emp_ext is empty":              `"union_emp_ext":\{\}`,
	} {
		if !regexp.MustCompile(pattern).MatchString(raw("zhang01")) {
			t.Errorf("%s: %s", what, raw("zhang01"))
		}
	}
	bare := raw("aygul10")
	if !strings.Contains(bare, `"avatar":""`) || strings.Contains(bare, `"mobile"`) || strings.Contains(bare, `"title"`) {
		t.Errorf("a person with nothing optional: %s", bare)
	}
	if !strings.Contains(raw("zhao04"), `"active":false`) || !strings.Contains(raw("qian05"), `"disable_status":true`) {
		t.Error("the inactive and the disabled are not told")
	}
	if strings.Contains(raw("zhang01"), "disable_status") {
		t.Error("disable_status is for enterprise accounts")
	}
	if !strings.Contains(raw("li02"), `"admin":true`) {
		t.Error("the administrator is none")
	}
}

func TestBadArgumentsOfTheOldAPI(t *testing.T) {
	t.Parallel()
	k := start(t)
	app := k.appToken()
	isTopError(t, k.top(unionPath, app, map[string]any{}), 400002, "")
	isTopError(t, k.top(userPath, app, map[string]any{}), 400002, "")
	isTopError(t, k.top(userPath, app, map[string]any{"userid": "zhang01", "language": "fr_FR"}), 400002, "")
	isTopError(t, k.top(userPath, app, map[string]any{"userid": 7}), 400002, "")
	isTopError(t, k.top(userPath, app, map[string]any{"userid": "a b"}), 33012, "")
	isTopError(t, k.top(userPath, app, map[string]any{"userid": "nobody"}), 60121, "")
	k.change(func(s *sandbox.Settings) { s.ContactScope = []int64{88005} })
	isTopError(t, k.top(userPath, app, map[string]any{"userid": "zhang01"}), 50002, "")
	if got := k.top(userPath, app, map[string]any{"userid": "li02"}); got["errcode"] != 0.0 {
		t.Errorf("in scope: %v", got)
	}
}

func TestUnknownPathsOfTheNewAPIAnswer200(t *testing.T) {
	t.Parallel()
	k := start(t)
	res := k.do(http.MethodGet, "/v1.0/nothing/here", "")
	if res.status != http.StatusOK || res.json(t)["errcode"] != 404.0 {
		t.Errorf("got %d %s", res.status, res.body)
	}
}

func TestAnotherCompanyCanBeAnswered(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.change(func(s *sandbox.Settings) { s.AnswerCorpID = "dingwrong" })
	if got := k.exchange(k.code("zhang01")).json(t)["corpId"]; got != "dingwrong" {
		t.Errorf("corpId %v", got)
	}
}

func TestTheDateCanBeWrong(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.change(func(s *sandbox.Settings) { s.ClockSkew = -48 * time.Hour })
	if got := k.do(http.MethodHead, "/", "").header.Get("Date"); got != "Thu, 19 Nov 2026 12:00:00 GMT" {
		t.Errorf("Date %q", got)
	}
}
