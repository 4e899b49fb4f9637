package dingtalk_test

import (
	"maps"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

func TestTheExchangeSendsWhatDingTalkDocuments(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	grant, err := f.client().ExchangeCode(t.Context(), secret.New(oneTimeCode))
	if err != nil {
		t.Fatal(err)
	}
	if grant.AccessToken.Reveal() != userToken || grant.RefreshToken.Reveal() != refreshToken ||
		grant.ExpiresIn != 2*time.Hour || grant.CorpID != "ding0a1b" {
		t.Errorf("grant = %+v, or another token", grant)
	}
	req := f.requests(exchangePath)[0]
	wantBody := map[string]any{"clientId": "dingabc123", "clientSecret": appSecret, "code": oneTimeCode, "grantType": "authorization_code"}
	if body := object(t, req.body); !maps.Equal(body, wantBody) {
		t.Errorf("body = %v", body)
	}
	if req.method != http.MethodPost || len(req.query) != 0 || req.header.Get("Content-Type") != "application/json" {
		t.Errorf("request = %s, query %v, content type %q", req.method, req.query, req.header.Get("Content-Type"))
	}
	if _, sent := req.header[http.CanonicalHeaderKey("x-acs-dingtalk-access-token")]; sent {
		t.Error("the exchange takes no token header")
	}
}

func TestARefreshSendsWhatDingTalkDocuments(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	grant, err := f.client().Refresh(t.Context(), secret.New("r-111"))
	if err != nil || grant.RefreshToken.Reveal() != refreshToken || grant.AccessToken.Reveal() != userToken {
		t.Errorf("grant = %+v, or another token; %v", grant, err)
	}
	wantBody := map[string]any{"clientId": "dingabc123", "clientSecret": appSecret, "refreshToken": "r-111", "grantType": "refresh_token"}
	if body := object(t, f.requests(exchangePath)[0].body); !maps.Equal(body, wantBody) {
		t.Errorf("body = %v", body)
	}
}

func TestARefreshIsNeverRepeated(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{"lost": drops, "busy": newError(503, "ServiceUnavailable"), "limited": says(429, ``)} {
		f := newFake(t, map[string]http.HandlerFunc{exchangePath: answer})
		if _, err := f.client().Refresh(t.Context(), secret.New("r-111")); err == nil {
			t.Errorf("%s: no error", name)
		}
		if n := len(f.requests(exchangePath)); n != 1 {
			t.Errorf("%s: sent %d times", name, n)
		}
	}
}

func TestTheNewerApiTakesTheTokenInAHeader(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	me, err := f.client().Me(t.Context(), secret.New(userToken))
	if err != nil {
		t.Fatal(err)
	}
	want := dingtalk.Profile{UnionID: "uXyZ34iEiE", OpenID: "oAbC12", Nick: "阿明", Mobile: mobile, State: "86",
		Avatar: "https://static-legacy.dingtalk.com/media/me.jpg", Email: "a@example.com"}
	if me != want {
		t.Errorf("profile = %+v, want %+v", me, want)
	}
	req := f.requests(mePath)[0]
	if req.method != http.MethodGet || len(req.query) != 0 || req.body != "" || req.header.Get("Content-Type") != "" {
		t.Errorf("request = %s, query %v, body %q", req.method, req.query, req.body)
	}
	if got := req.header.Get("x-acs-dingtalk-access-token"); got != userToken {
		t.Errorf("token header = %q", got)
	}
	if req.header.Get("Authorization") != "" {
		t.Error("DingTalk refuses Authorization headers")
	}
}

func TestTheOlderApiTakesTheTokenInTheQuery(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	c := f.client()
	member, err := c.UserIDByUnionID(t.Context(), "uXyZ34iEiE")
	if err != nil || member != (dingtalk.Member{UserID: "zhang01"}) {
		t.Errorf("member = %+v, %v", member, err)
	}
	if _, err := c.User(t.Context(), "zhang01"); err != nil {
		t.Error(err)
	}
	for path, body := range map[string]map[string]any{memberPath: {"unionid": "uXyZ34iEiE"}, userPath: {"userid": "zhang01"}} {
		req := f.requests(path)[0]
		if req.method != http.MethodPost || req.query.Encode() != "access_token="+appToken || !maps.Equal(object(t, req.body), body) {
			t.Errorf("%s: request = %s, query %v, body %s", path, req.method, req.query, req.body)
		}
		if req.header.Get("x-acs-dingtalk-access-token") != "" {
			t.Errorf("%s: the older API ignores the header; do not send it", path)
		}
	}
	token := f.requests(tokenPath)
	if len(token) != 1 || !maps.Equal(object(t, token[0].body), map[string]any{"appKey": "dingabc123", "appSecret": appSecret}) {
		t.Errorf("token requests = %+v", token)
	}
}

func TestTheWholeRecordIsRead(t *testing.T) {
	t.Parallel()
	got, err := newFake(t, nil).client().User(t.Context(), "zhang01")
	if err != nil {
		t.Fatal(err)
	}
	want := dingtalk.User{
		UserID: "zhang01", UnionID: "uXyZ34iEiE", Name: "张三", Mobile: mobile, State: "86", Email: "z@example.com",
		OrgEmail: "z@corp.example", JobNumber: "A007", Title: "工程师", Departments: []int64{1, 88001},
		Orders: []dingtalk.DeptOrder{{DeptID: 88001, Order: 176200000000000001}}, Active: true, Boss: true,
		RealAuthed: true, Roles: []dingtalk.Role{{ID: 1507, Name: "财务", Group: "职务"}}, Extra: map[string]string{"爱好": "跑步"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("user = %+v\nwant   %+v", got, want)
	}
}

func TestARecordIsReadHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		record string
		want   dingtalk.User
	}{
		"fields left out": {
			`{"userid":"zhang01"}`,
			dingtalk.User{Active: true},
		},
		"fields null": {
			`{"userid":"zhang01","name":null,"active":null,"disable_status":null,"dept_id_list":null,"dept_order_list":null,"admin":null}`,
			dingtalk.User{Active: true},
		},
		"numbers and bools quoted, as the documentation shows them": {
			`{"userid":"zhang01","active":"true","admin":"true","boss":"false","disable_status":"false","dept_id_list":["1","88001"],"dept_order_list":[{"dept_id":"88001","order":"176200000000000001"}]}`,
			dingtalk.User{Active: true, Admin: true, Departments: []int64{1, 88001}, Orders: []dingtalk.DeptOrder{{DeptID: 88001, Order: 176200000000000001}}},
		},
		"an object in place of an array, and an array in a string": {
			`{"userid":"zhang01","active":1,"dept_id_list":"[2,3,4]","dept_order_list":{"dept_id":2,"order":999999999999999999}}`,
			dingtalk.User{Active: true, Departments: []int64{2, 3, 4}, Orders: []dingtalk.DeptOrder{{DeptID: 2, Order: 999999999999999999}}},
		},
		"a single department, not in an array": {
			`{"userid":"zhang01","active":true,"dept_id_list":5}`,
			dingtalk.User{Active: true, Departments: []int64{5}},
		},
		"a job number that is a number": {
			`{"userid":"zhang01","active":true,"job_number":7,"title":{"zh":"工程师"}}`,
			dingtalk.User{Active: true, JobNumber: "7"},
		},
		"labels that cannot be read are left out": {
			`{"userid":"zhang01","active":true,"name":["x"],"dept_id_list":[1,"x",{},2.5,3],"dept_order_list":["x",{"dept_id":1,"order":1e99}],"role_list":7}`,
			dingtalk.User{Active: true, Departments: []int64{1, 3}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, map[string]http.HandlerFunc{userPath: says(200, `{"errcode":"0","result":`+tc.record+`}`)})
			got, err := f.client().User(t.Context(), "zhang01")
			if err != nil {
				t.Fatal(err)
			}
			tc.want.UserID = "zhang01"
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("user = %+v\nwant   %+v", got, tc.want)
			}
		})
	}
}

func TestWhatTheGateNeedsMustBeReadable(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]map[string]http.HandlerFunc{
		"active":         {userPath: says(200, `{"errcode":0,"result":{"userid":"zhang01","active":"perhaps"}}`)},
		"disable_status": {userPath: says(200, `{"errcode":0,"result":{"userid":"zhang01","active":true,"disable_status":[]}}`)},
		"contact_type":   {memberPath: says(200, `{"errcode":0,"result":{"userid":"zhang01","contact_type":"x"}}`)},
		"errcode":        {memberPath: says(200, `{"errcode":false,"result":{"userid":"zhang01","contact_type":0}}`)},
		"userid":         {memberPath: says(200, `{"errcode":0,"result":{"userid":["zhang01"],"contact_type":0}}`)},
		"unionid":        {mePath: says(200, `{"unionId":{"x":1}}`)},
		"access token":   {exchangePath: says(200, `{"expireIn":7200}`)},
		"app token":      {tokenPath: says(200, `{}`)},
		"result":         {memberPath: says(200, `{"errcode":0,"errmsg":"ok"}`)},
		"a null record":  {userPath: says(200, `{"errcode":0,"result":null}`)},
		"another's record": {
			userPath: says(200, `{"errcode":0,"result":{"userid":"li02","active":true}}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newFake(t, script).client().Identify(t.Context(), secret.New(oneTimeCode), nil)
			if got := login.CodeOf(err); got != login.ProviderAnswer {
				t.Errorf("code = %q (%v), want provider_answer", got, err)
			}
		})
	}
}

func TestTheLifeOfATokenIsReadInBothSpellings(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]time.Duration{
		`{"accessToken":"x","expireIn":60}`:                    time.Minute,
		`{"accessToken":"x","expiresIn":"60"}`:                 time.Minute,
		`{"accessToken":"x"}`:                                  2 * time.Hour,
		`{"accessToken":"x","expireIn":-5}`:                    2 * time.Hour,
		`{"accessToken":"x","expireIn":9223372036854775807}`:   2 * time.Hour,
		`{"accessToken":"x","expireIn":null,"expiresIn":7200}`: 2 * time.Hour,
	} {
		f := newFake(t, map[string]http.HandlerFunc{exchangePath: says(200, body)})
		grant, err := f.client().ExchangeCode(t.Context(), secret.New(oneTimeCode))
		if err != nil || grant.ExpiresIn != want {
			t.Errorf("%s: %v, %v; want %v", body, grant.ExpiresIn, err, want)
		}
	}
}
