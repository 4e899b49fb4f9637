package dingtalk_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

const (
	visitorPath = "/topapi/v2/user/getuserinfo"
	goodVisitor = `{"errcode":0,"errmsg":"ok","request_id":"16ab","result":{"userid":"zhang01","device_id":"e1f2","sys":false,"sys_level":0,"associated_unionid":"aU1","unionid":"uXyZ34iEiE","name":"张三"}}`
)

func TestAVisitorIsReadFromBothCalls(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]dingtalk.Visitor{
		visitorPath:    {UserID: "zhang01", UnionID: "uXyZ34iEiE", Name: "张三", DeviceID: "e1f2", AssociatedUnion: "aU1"},
		oldVisitorPath: {UserID: "zhang01", Name: "张三", DeviceID: "e1f2", SystemAdmin: true, Level: dingtalk.MainAdmin},
	} {
		f, c := newLegacy(t, map[string]http.HandlerFunc{visitorPath: says(200, goodVisitor)})
		c.Legacy = path == oldVisitorPath
		got, err := c.VisitorByCode(t.Context(), secret.New(oneTimeCode))
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
		req := f.requests(path)[0]
		if c.Legacy {
			if req.method != http.MethodGet || req.query.Encode() != "access_token="+appToken+"&code="+oneTimeCode || req.body != "" {
				t.Errorf("request = %s %v %q", req.method, req.query, req.body)
			}
		} else if req.method != http.MethodPost || !maps.Equal(object(t, req.body), map[string]any{"code": oneTimeCode}) {
			t.Errorf("request = %s %q", req.method, req.body)
		}
	}
}

func TestAVisitorPassesTheSameGate(t *testing.T) {
	t.Parallel()
	const inactive = `{"errcode":0,"result":{"userid":"zhang01","unionid":"uXyZ34iEiE","active":false}}`
	for name, tc := range map[string]struct {
		script map[string]http.HandlerFunc
		code   login.Code
	}{
		"an employee":               {nil, ""},
		"a code that is used up":    {map[string]http.HandlerFunc{visitorPath: oldError(40078)}, login.CodeInvalid},
		"a bad code":                {map[string]http.HandlerFunc{visitorPath: oldError(40029)}, login.CodeInvalid},
		"must authorize again":      {map[string]http.HandlerFunc{visitorPath: oldError(40091)}, login.CodeInvalid},
		"no such authorization":     {map[string]http.HandlerFunc{visitorPath: oldError(40079)}, login.AppMisconfigured},
		"our mistake":               {map[string]http.HandlerFunc{visitorPath: oldError(41026)}, login.Internal},
		"no permission":             {map[string]http.HandlerFunc{visitorPath: oldError(60011)}, login.PermissionMissing},
		"nobody named":              {map[string]http.HandlerFunc{visitorPath: says(200, `{"errcode":0,"result":{"name":"x"}}`)}, login.ProviderAnswer},
		"no member":                 {map[string]http.HandlerFunc{memberPath: oldError(60121)}, login.NotMember},
		"an external contact":       {map[string]http.HandlerFunc{memberPath: says(200, `{"errcode":0,"result":{"userid":"zhang01","contact_type":1}}`)}, login.ExternalContact},
		"another user id in member": {map[string]http.HandlerFunc{memberPath: says(200, `{"errcode":0,"result":{"userid":"li02","contact_type":0}}`), userPath: says(200, `{"errcode":0,"result":{"userid":"li02","active":true}}`)}, login.ProviderAnswer},
		"not activated":             {map[string]http.HandlerFunc{userPath: says(200, inactive)}, login.InactiveAccount},
		"disabled":                  {map[string]http.HandlerFunc{userPath: oldError(60120)}, login.Disabled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := map[string]http.HandlerFunc{visitorPath: says(200, goodVisitor)}
			maps.Copy(script, tc.script)
			who, err := newFake(t, script).client().IdentifyVisitor(t.Context(), secret.New(oneTimeCode))
			if login.CodeOf(err) != tc.code {
				t.Errorf("err = %v, want %q", err, tc.code)
			}
			if err == nil && (who.UserID != "zhang01" || who.UnionID != "uXyZ34iEiE" || who.CorpID != "ding0a1b" || who.Name != "张三") {
				t.Errorf("identity = %+v", who)
			}
			cleanError(t, err)
		})
	}
}

func TestAFrozenVisitorPassesTheSameGate(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		script map[string]http.HandlerFunc
		code   login.Code
	}{
		"an employee":             {nil, ""},
		"no member":               {map[string]http.HandlerFunc{oldMemberPath: says(200, `{"errcode":60121}`)}, login.NotMember},
		"an external contact":     {map[string]http.HandlerFunc{oldMemberPath: says(200, `{"errcode":0,"contactType":1,"userid":"zhang01"}`)}, login.ExternalContact},
		"membership names others": {map[string]http.HandlerFunc{oldMemberPath: says(200, `{"errcode":0,"userid":"li02"}`)}, login.ProviderAnswer},
		"a record without a name": {map[string]http.HandlerFunc{oldUserPath: says(200, `{"errcode":0,"userid":"zhang01"}`)}, login.ProviderAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, c := newLegacy(t, tc.script)
			who, err := c.IdentifyVisitor(t.Context(), secret.New(oneTimeCode))
			if login.CodeOf(err) != tc.code || err == nil && who.UnionID != "uXyZ34iEiE" {
				t.Errorf("identity = %+v, %v", who, err)
			}
		})
	}
}

func TestAVisitorsCodeIsSentOnce(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		sent   int
	}{
		"lost":              {drops, 1},
		"busy":              {oldError(-1), 1},
		"limited":           {oldError(90018), 1},
		"the token refused": {oldError(40014), 2},
	} {
		for _, legacy := range []bool{false, true} {
			f, c := newLegacy(t, map[string]http.HandlerFunc{visitorPath: tc.answer, oldVisitorPath: tc.answer})
			c.Legacy = legacy
			if err := c.Warm(t.Context()); err != nil { // net/http repeats a GET on a kept connection
				t.Fatal(err)
			}
			if _, err := c.VisitorByCode(t.Context(), secret.New(oneTimeCode)); err == nil {
				t.Errorf("%s: no error", name)
			}
			if n := len(f.requests(visitorPath)) + len(f.requests(oldVisitorPath)); n != tc.sent {
				t.Errorf("%s, legacy %v: sent %d times, want %d", name, legacy, n, tc.sent)
			}
		}
	}
}

func TestAVisitorNeedsACompany(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	c := f.client()
	c.CorpID = ""
	if _, err := c.IdentifyVisitor(t.Context(), secret.New(oneTimeCode)); login.CodeOf(err) != login.AppMisconfigured || len(f.requests("")) != 0 {
		t.Errorf("err = %v", err)
	}
}
