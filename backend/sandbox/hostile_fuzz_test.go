package sandbox_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/sandbox"
)

// A client under test sends anything. Whatever it is, the answer is one of
// DingTalk's, so that the client's author learns what DingTalk would have said.

// FuzzCalls calls DingTalk's APIs. TOKEN and CODE stand for a good app token
// and a good no-login code.
func FuzzCalls(f *testing.F) {
	for _, path := range sandbox.New(sandbox.Options{}).Calls() {
		path = strings.NewReplacer("{corpId}", sandbox.DefaultCorpID, "{unionId}", "me").Replace(path)
		f.Add("POST", path+"?access_token=TOKEN", "application/json", `{}`)
		f.Add("POST", path+"?access_token=TOKEN", "application/json", `{"userid":7,"unionid":[],"dept_id":"1","cursor":-9223372036854775808,"size":"100","code":"CODE","mobile":null,"only_active":1}`)
		f.Add("GET", path+"?access_token=TOKEN&department_id=1&offset=9223372036854775807&size=100&id=1&fetch_child=true&userid=zhang01&unionid=x&code=CODE&deptId=1", "", "")
		f.Add("PUT", path, "text/plain", "\x00")
	}
	f.Add("POST", "/topapi/v2/user/list?access_token=TOKEN", "application/x-www-form-urlencoded", "dept_id=1&cursor=0&size=1&order_field=entry_desc")
	f.Add("POST", "/v1.0/contact/users/search", "application/json", `{"queryWord":"张","offset":9223372036854775807,"size":9223372036854775807,"fullMatchField":1}`)
	f.Add("POST", "/call_back/register_call_back?access_token=TOKEN", "application/json",
		`{"call_back_tag":["user_add_org"],"token":"123456","aes_key":"1234567890123456789012345678901234567890123","url":"http://[::1]:0/%zz"}`)
	f.Add("POST", "/v1.0/gateway/connections/open", "application/json", `{"clientId":"dingsandboxapp0001","clientSecret":"x","subscriptions":[{}]}`)
	f.Add("POST", "/sns/getuserinfo_bycode?accessKey=dingsandboxapp0001&timestamp=-1&signature=%00", "application/json", `{"tmp_auth_code":{}}`)
	for _, page := range []string{
		"/oauth2/auth?client_id=dingsandboxapp0001&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2F&response_type=code&scope=openid+corpid&prompt=consent&state=%00&iframe=true",
		"/oauth2/challenge.htm?redirect_uri=%zz;", "/connect/qrconnect?appid=dingsandboxapp0001&response_type=code&scope=snsapi_login&redirect_uri=http://127.0.0.1/%252",
		"/connect/oauth2/sns_authorize?loginTmpCode=x", "/login/qrcode.htm?goto=%3A%2F%2F", "/oauth2/watch/x?seen=1", "/oauth2/continue/x", "/scan/x", "/connect?ticket=x",
	} {
		f.Add("GET", page, "", "")
		f.Add("POST", page, "application/x-www-form-urlencoded", "action=confirm&userid=zhang01&corp=%zz")
	}
	f.Fuzz(func(t *testing.T, method, target, kind, body string) {
		h := newHostile(t)
		code, err := h.NoLoginCode("zhang01")
		if err != nil {
			t.Fatal(err)
		}
		_, granted := h.ask(t, "GET", "/gettoken?appkey="+sandbox.DefaultClientID+"&appsecret="+sandbox.DefaultClientSecret, "")
		var app struct {
			Token string `json:"access_token"`
		}
		if err := json.Unmarshal(granted.Body.Bytes(), &app); err != nil || app.Token == "" {
			t.Fatalf("no token: %v", err)
		}
		fill := strings.NewReplacer("TOKEN", app.Token, "CODE", code)
		path, answer := h.ask(t, method, fill.Replace(target), fill.Replace(body), "Content-Type", kind, "x-acs-dingtalk-access-token", app.Token)
		switch {
		case isCall(path):
			wantEnvelope(t, path, answer)
		case answer.Code >= 500: // a page, or a control
			t.Errorf("%s %q %q answered %d, %q", method, target, body, answer.Code, answer.Body)
		}
	})
}

// isCall reports whether a path belongs to DingTalk's APIs; the others are
// pages and controls.
func isCall(path string) bool {
	top, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return path == "/gettoken" || slices.Contains([]string{"v1.0", "topapi", "user", "department", "auth", "call_back", "sns"}, top)
}

// wantEnvelope wants one of DingTalk's two, whole and of a sensible size.
func wantEnvelope(t *testing.T, path string, answer *httptest.ResponseRecorder) {
	t.Helper()
	var body map[string]any
	switch err := json.Unmarshal(answer.Body.Bytes(), &body); {
	case answer.Code >= 300 && answer.Code < 400: // to the same path, made clean
	case answer.Code >= 500, answer.Body.Len() > 1<<20:
		t.Errorf("%q answered %d, %d bytes", path, answer.Code, answer.Body.Len())
	case err != nil:
		t.Errorf("%q answered %d, %q", path, answer.Code, answer.Body)
	case answer.Code >= 400 && (body["code"] == nil || body["requestid"] == nil),
		answer.Code < 300 && !strings.HasPrefix(path, "/v1.0/") && body["errcode"] == nil:
		t.Errorf("%q answered %d without an envelope: %q", path, answer.Code, answer.Body)
	}
}

// hostile is a sandbox to which anything is sent, without a socket.
type hostile struct{ *sandbox.Sandbox }

func newHostile(t *testing.T) hostile {
	t.Helper()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	s := sandbox.New(sandbox.Options{People: 200, Now: func() time.Time { return now }})
	s.CallNobody()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return hostile{s}
}

// ask sends a request of a client that is gone already, so that nothing waits,
// and tells the path that it had in the end: "" for what is no request.
func (h hostile) ask(t *testing.T, method, target, body string, headers ...string) (path string, answer *httptest.ResponseRecorder) {
	t.Helper()
	ctx, gone := context.WithCancel(t.Context())
	gone()
	answer = httptest.NewRecorder()
	req, err := http.NewRequestWithContext(ctx, method, "http://127.0.0.1"+target, strings.NewReader(body))
	if err != nil || !strings.HasPrefix(target, "/") {
		return "", answer
	}
	req.RemoteAddr = "127.0.0.1:1"
	req.Header.Set("Accept", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	h.ServeHTTP(answer, req)
	return req.URL.Path, answer
}

// FuzzControl uses the controls, and then makes a call.
func FuzzControl(f *testing.F) {
	for _, c := range [][3]string{
		{"GET", "state"}, {"GET", "people?q=%E5%BC%A0&offset=-1&limit=9223372036854775807"}, {"GET", "people/zhang01"}, {"DELETE", "people/zhang01"},
		{"POST", "people", `{"userid":"new","name":"新","corps":[],"departments":[-1,1,1,99999999999]}`}, {"PUT", "people/li02", `{"departments":null,"order":-9223372036854775808}`},
		{"GET", "departments?parent=-1"}, {"POST", "departments", `{"dept_id":2,"parent_id":2}`}, {"DELETE", "departments/1"},
		{"POST", "faults", `{"endpoint":"*","faults":[{"status":599,"latency":"1ns","times":1},{"kind":"huge","after":true}]}`}, {"DELETE", "faults?endpoint=/gettoken"},
		{"POST", "settings", `{"code_lifetime":"1ns","client_secret":"","registered_redirects":["%"],"rate_limit":-1}`}, {"POST", "tokens", `{"action":"rotate"}`},
		{"POST", "codes", `{"action":"no_login","userid":"wu08"}`}, {"POST", "clock", `{"advance":"2562047h47m16.854775807s"}`}, {"POST", "clock", `{"advance":"-2562047h"}`},
		{"GET", "events"}, {"POST", "events", `{"type":"user_leave_org","fields":{"userId":[{}]}}`}, {"POST", "stream", `{"action":"disconnect","reason":"\u0000"}`},
		{"POST", "nonsense", `[]`},
	} {
		f.Add(c[0], c[1], c[2])
	}
	f.Fuzz(func(t *testing.T, method, target, body string) {
		h := newHostile(t)
		path, answer := h.ask(t, method, "/_control/"+target, body, "Content-Type", "application/json")
		if !strings.HasPrefix(path, "/_control/") {
			return
		}
		switch answer.Code {
		case http.StatusNoContent:
		case http.StatusOK, http.StatusBadRequest, http.StatusNotFound:
			if !json.Valid(answer.Body.Bytes()) {
				t.Errorf("%s %q answered %d, %q", method, target, answer.Code, answer.Body)
			}
		default:
			if answer.Code >= 500 {
				t.Errorf("%s %q answered %d", method, target, answer.Code)
			}
		}
		h.ClearFaults()
		if _, state := h.ask(t, "GET", "/_control/state", ""); !json.Valid(state.Body.Bytes()) {
			t.Errorf("after %s %q %q the state is %d, %q", method, target, body, state.Code, state.Body)
		}
		if err := h.Change(func(set *sandbox.Settings) { set.Permissions = nil }); err != nil {
			t.Errorf("after %s %q %q the settings are wrong: %v", method, target, body, err)
		}
	})
}
