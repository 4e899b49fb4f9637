package dingtalk_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// FuzzDevice has one answer for the page and another for every poll: whatever
// they are, somebody stops asking.
func FuzzDevice(f *testing.F) {
	const begin = `{"success":true,"result":{"deviceCode":"d","userCode":"ABCD","verificationUri":"https://login.dingtalk.com/oauth2/device","expiresIn":900,"interval":2}}`
	for _, poll := range []string{
		`{"success":true,"result":{"authCode":"c","error":""}}`, `{"success":"true","result":{"error":"authorization_pending"}}`,
		`{"success":true,"result":{"error":"slow_down"}}`, `{"success":false,"errorCode":"access_denied"}`, `{"success":1,"result":null}`, `[]`, ``,
	} {
		f.Add(begin, poll)
	}
	f.Add(`{"success":true,"result":{"deviceCode":7,"verificationUriComplete":"https://a.example/","expiresIn":-1,"interval":"9223372036854775807"}}`, `{}`)
	f.Add(`{"success":true,"result":{"deviceCode":"d","verificationUri":"javascript:alert(1)"}}`, `{}`)
	f.Fuzz(func(t *testing.T, begin, poll string) {
		synctest.Test(t, func(t *testing.T) {
			server := &canned{answers: map[string]string{"/oauth2/device/code.json": begin}, turns: []string{poll}}
			c := server.client(false)
			auth, err := c.AuthorizeDevice(t.Context())
			if err != nil {
				wantAnswer(t, err)
				return
			}
			if left := time.Until(auth.Expires); left <= 0 || left > time.Hour || auth.Interval <= 0 || auth.Interval > 30*time.Second {
				t.Errorf("%q is good for %v, asked about each %v", begin, left, auth.Interval)
			}
			code, err := c.AwaitDevice(t.Context(), auth)
			switch {
			case err != nil:
				if login.CodeOf(err) == "" {
					t.Errorf("an error without a code: %v", err)
				}
			case !tell(poll).has("authcode", code.Reveal()):
				t.Errorf("%q gave the code %q", poll, code.Reveal())
			}
		})
	})
}

// FuzzAdministrator has one answer for the token and another for who came.
func FuzzAdministrator(f *testing.F) {
	for _, user := range []string{
		`{"corpId":"ding0a1b","corpName":"公司","userId":"li02","userName":"李思","email":"l@corp.example","avatar":"","isAdmin":true}`,
		`{"corpId":"ding0a1b","userId":7,"isAdmin":"1"}`, `{"corpId":"another","userId":"li02"}`, `{"corpid":["ding0a1b"],"userid":"li02"}`, `null`, ``,
	} {
		f.Add(goodToken, user)
	}
	f.Add(`{"accessToken":"","expireIn":{}}`, `{}`)
	f.Fuzz(func(t *testing.T, token, user string) {
		server := &canned{answers: map[string]string{"/v1.0/oauth2/ssoAccessToken": token}, turns: []string{user}}
		got, err := (&dingtalk.SSO{Client: server.client(false), Secret: secret.New("s")}).User(t.Context(), secret.New(oneTimeCode))
		if err != nil {
			wantAnswer(t, err)
			return
		}
		if said := tell(user); got.CorpID != "ding0a1b" || !said.has("corpid", got.CorpID) || got.UserID == "" || !said.has("userid", got.UserID) {
			t.Errorf("%q came as %+v", user, got)
		}
	})
}

// FuzzSearch has two answers in turn and then the second for ever.
func FuzzSearch(f *testing.F) {
	f.Add(`{"hasMore":true,"totalCount":2,"list":["zhang01"]}`, `{"hasMore":false,"list":["li02"]}`)
	f.Add(`{"hasMore":"true","list":[70031,"70032"]}`, `{"hasMore":true,"list":[]}`)
	f.Add(`{"hasMore":1,"list":"[1]"}`, `{"hasMore":true,"list":{"a":1}}`)
	f.Add(`{"result":true}`, `{"result":"false"}`)
	f.Fuzz(func(t *testing.T, first, second string) {
		said := tell(first, second)
		synctest.Test(t, func(t *testing.T) {
			server := func() *canned {
				return &canned{answers: map[string]string{tokenPath: goodToken}, turns: []string{first, second}}
			}
			people := server()
			for id, err := range people.client(false).SearchUsers(t.Context(), "张", false) {
				wantFound(t, err, said.has("list", id), people)
			}
			departments := server()
			for id, err := range departments.client(false).SearchDepartments(t.Context(), "部") {
				wantFound(t, err, said.hasNumber(id, "list"), departments)
			}
			if err := server().client(false).SignOut(t.Context(), "zhang01", "", nil); err != nil {
				wantAnswer(t, err)
			}
		})
	})
}

// wantFound wants what stands in the answers, or a refusal, and not for ever.
func wantFound(t *testing.T, err error, said bool, server *canned) {
	t.Helper()
	switch {
	case errors.Is(err, errPatience), server.asked > patience:
		t.Error("it never ends")
	case err != nil:
		wantAnswer(t, err)
	case !said:
		t.Error("somebody is found who is not in the answers")
	}
}
