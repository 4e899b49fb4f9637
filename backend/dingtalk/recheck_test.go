package dingtalk_test

import (
	"context"
	"net/http"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// zhang is who signed in last week.
func zhang() identity.Identity {
	return identity.Identity{
		CorpID: "ding0a1b", UserID: "zhang01", UnionID: "uXyZ34iEiE", OpenID: "oAbC12", Name: "张三", Nick: "阿明",
		Avatar: "https://static-legacy.dingtalk.com/media/me.jpg", Title: "实习生", Active: true, Departments: []int64{1},
	}
}

func TestAPersonIsAskedAboutWithoutThem(t *testing.T) {
	t.Parallel()
	f := newFake(t, together(t, map[string]string{memberPath: goodMember, userPath: goodUser}))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	got, err := f.client().Recheck(ctx, zhang())
	if err != nil {
		t.Fatal(err)
	}
	want := zhang()
	want.Mobile, want.State, want.Email, want.OrgEmail = mobile, "86", "z@example.com", "z@corp.example"
	want.JobNo, want.Title, want.Departments, want.Boss = "A007", "工程师", []int64{1, 88001}, true
	if !reflect.DeepEqual(got, want) {
		t.Errorf("identity = %+v\nwant       %+v", got, want)
	}
	if n := len(f.requests(exchangePath)) + len(f.requests(mePath)); n != 0 {
		t.Errorf("%d calls that need the person", n)
	}
}

func TestWhatARecheckFindsOut(t *testing.T) {
	t.Parallel()
	record := func(fields string) http.HandlerFunc {
		return says(200, `{"errcode":0,"result":{"userid":"zhang01",`+fields+`}}`)
	}
	for name, tc := range map[string]struct {
		path   string
		answer http.HandlerFunc
		want   identity.Reason // "" means that it cannot be told
	}{
		"gone":                                {memberPath, oldError(60121), identity.Gone},
		"gone a moment ago":                   {userPath, oldError(60121), identity.Gone},
		"an external contact by now":          {memberPath, says(200, `{"errcode":0,"result":{"contact_type":1,"userid":"zhang01"}}`), identity.External},
		"disabled, by the record":             {userPath, record(`"active":true,"disable_status":true`), identity.Disabled},
		"disabled, by a code":                 {userPath, oldError(60120), identity.Disabled},
		"not active":                          {userPath, record(`"active":false`), identity.Inactive},
		"out of the app's sight":              {userPath, oldError(50002), ""},
		"back under another user id":          {memberPath, says(200, `{"errcode":0,"result":{"userid":"zhang99"}}`), ""},
		"DingTalk is not well":                {memberPath, says(500, `{"errcode":-1}`), ""},
		"a captive portal":                    {memberPath, says(200, `<html>`), ""},
		"the secret is wrong":                 {tokenPath, newError(400, "invalidClientIdOrSecret"), ""},
		"the connection breaks":               {userPath, drops, ""},
		"the record is of another person":     {userPath, record(`"active":true,"unionid":"uOther"`), ""},
		"an answer with nothing in it at all": {memberPath, says(200, `{}`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // in which a second try costs no time
				c := &dingtalk.Client{
					ClientID: "dingabc123", ClientSecret: secret.New(appSecret), CorpID: "ding0a1b",
					HTTP: &http.Client{Transport: scripted(map[string]http.HandlerFunc{tc.path: tc.answer})},
				}
				got, err := c.Recheck(t.Context(), zhang())
				if err == nil || login.RefusalOf(err) != tc.want {
					t.Errorf("%+v, %v; want %q", got, err, tc.want)
				}
			})
		})
	}
}

// The app's token sees its own company only, and would call everybody else
// gone.
func TestAPersonOfAnotherCompanyIsNotAskedAbout(t *testing.T) {
	t.Parallel()
	f, who := newFake(t, nil), zhang()
	who.CorpID = "ding9"
	if _, err := f.client().Recheck(t.Context(), who); err == nil || login.RefusalOf(err) != "" {
		t.Errorf("err = %v", err)
	}
	if n := len(f.requests("")); n != 0 {
		t.Errorf("%d calls", n)
	}
}

func TestWithoutAUnionIDTheRecordDecides(t *testing.T) {
	t.Parallel()
	f, who := newFake(t, nil), zhang()
	who.UnionID = ""
	got, err := f.client().Recheck(t.Context(), who)
	if err != nil || got.UnionID != "uXyZ34iEiE" || len(f.requests(memberPath)) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}
