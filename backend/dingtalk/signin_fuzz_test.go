package dingtalk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/secret"
)

// What is asserted of all answers: nobody gets in of whom the answers do not
// say, under the right names, who they are; and what cannot be read is refused
// with a code.

func FuzzGrant(f *testing.F) {
	for _, body := range []string{
		goodExchange, goodToken, ``, `null`, `{}`, `{"accessToken":7,"expireIn":"7200"}`, `{"access_token":"t","expires_in":-1}`,
		`{"accessToken":"t","expiresIn":9223372036854775807}`, `{"accessToken":{},"expireIn":{}}`, `{"accesstoken":"t","accessToken":""}`,
		`{"accessToken":"t","expireIn":86400.5}`, `{"accessToken":"t","refreshToken":["x"],"corpId":null}`,
	} {
		f.Add(body, "t", int64(7200))
	}
	f.Fuzz(func(t *testing.T, body, token string, seconds int64) {
		said := tell(body)
		for _, ask := range []func(*dingtalk.Client) (dingtalk.Grant, error){
			func(c *dingtalk.Client) (dingtalk.Grant, error) {
				return c.ExchangeCode(t.Context(), secret.New("code"))
			},
			func(c *dingtalk.Client) (dingtalk.Grant, error) { return c.Refresh(t.Context(), secret.New("token")) },
		} {
			got, err := ask((&canned{turns: []string{body}}).client(false))
			switch {
			case err != nil:
				wantRefusal(t, err, body)
			case got.AccessToken.Empty() || !said.has("accesstoken", got.AccessToken.Reveal()):
				t.Errorf("%q granted the token %q", body, got.AccessToken.Reveal())
			case !got.RefreshToken.Empty() && !said.has("refreshtoken", got.RefreshToken.Reveal()),
				got.CorpID != "" && !said.has("corpid", got.CorpID),
				got.ExpiresIn <= 0 || got.ExpiresIn > 24*time.Hour:
				t.Errorf("%q granted %+v", body, got)
			}
		}
		wantSpellings(t, token, seconds)
	})
}

// wantSpellings wants the same of an app token in every spelling that DingTalk
// and its tools are known to write.
func wantSpellings(t *testing.T, token string, seconds int64) {
	t.Helper()
	written, err := json.Marshal(token)
	if err != nil || token == "" {
		return
	}
	var want string
	if err := json.Unmarshal(written, &want); err != nil { // what is no UTF-8 changes on the way
		t.Fatal(err)
	}
	number := strconv.FormatInt(seconds, 10)
	for _, name := range []string{"accessToken", "access_token"} {
		for _, life := range []string{"expireIn", "expiresIn", "expires_in"} {
			for _, value := range []string{number, strconv.Quote(number)} {
				body := fmt.Sprintf(`{"errcode":0,%q:%s,%q:%s}`, name, written, life, value)
				for _, way := range []dingtalk.TokenCall{dingtalk.TokenByApp, dingtalk.TokenByCorp, dingtalk.TokenByQuery} {
					c := (&canned{turns: []string{body}}).client(false)
					c.TokenCall = way
					if got, err := c.AppToken(t.Context()); err != nil || got.Reveal() != want {
						t.Errorf("%s gave %q, %v", body, got.Reveal(), err)
					}
				}
			}
		}
	}
}

func FuzzMe(f *testing.F) {
	for _, body := range []string{goodMe, `{"unionId":7}`, `{"unionid":"u","nick":{}}`, `{"unionId":null}`, `{"unionId":["u"]}`, `[]`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, err := (&canned{turns: []string{body}}).client(false).Me(t.Context(), secret.New(userToken))
		switch {
		case err != nil:
			wantRefusal(t, err, body)
		case got.UnionID == "" || !tell(body).has("unionid", got.UnionID):
			t.Errorf("%q is the account of %q", body, got.UnionID)
		}
	})
}

func FuzzIdentify(f *testing.F) {
	const frozenMember = `{"errcode":0,"contactType":0,"userid":"zhang01"}`
	for _, legacy := range []bool{false, true} {
		f.Add(goodMe, goodMember, goodUser, "", legacy)
		f.Add(goodMe, goodMember, goodUser, "zhang01", legacy)
		f.Add(goodMe, frozenMember, goodOldUser, "li02", legacy)
		f.Add(goodMe, `{"result":{"userid":7}}`, `{"result":{"userid":"7","unionid":"other"}}`, "7", legacy)
		f.Add(goodMe, `{"result":{"userid":"","contact_type":"0"}}`, `{"result":{}}`, "", legacy)
		f.Add(goodMe, `{"userid":"a","result":null}`, `{"userid":"a","active":"no"}`, "a", legacy)
		f.Add(goodMe, goodMember, `{"result":{"userid":"zhang01","dept_id_list":"[1,176200000000000001]","active":"1"}}`, "", legacy)
	}
	f.Fuzz(func(t *testing.T, me, member, user, guess string, legacy bool) {
		synctest.Test(t, func(t *testing.T) {
			server := &canned{answers: map[string]string{
				exchangePath: goodExchange, tokenPath: goodToken, mePath: me,
				memberPath: member, "/user/getUseridByUnionid": member, userPath: user, "/user/get": user,
			}}
			known := func(context.Context, string, string) (string, bool) { return guess, guess != "" }
			got, err := server.client(legacy).Identify(t.Context(), secret.New(oneTimeCode), known)
			if err != nil {
				wantRefusal(t, err, user)
				return
			}
			if !tell(me).has("unionid", got.UnionID) {
				t.Errorf("%q is the account of %q", me, got.UnionID)
			}
			wantEmployee(t, got, member, user)
		})
	})
}

// wantEmployee wants somebody whom both the membership and the record name, and
// none of whose numbers has lost a digit.
func wantEmployee(t *testing.T, got identity.Identity, member, user string) {
	t.Helper()
	record := tell(user)
	if got.UserID == "" || got.UnionID == "" || got.CorpID == "" {
		t.Errorf("%+v is somebody", got)
	}
	if !tell(member).has("userid", got.UserID) || !record.has("userid", got.UserID) {
		t.Errorf("%q and %q are %q", member, user, got.UserID)
	}
	if !got.Active {
		t.Errorf("%q came in", user)
	}
	for _, id := range got.Departments {
		if !record.hasNumber(id, "dept_id_list", "department") {
			t.Errorf("%q has the department %d", user, id)
		}
	}
}

func FuzzVisitor(f *testing.F) {
	const visitor = `{"errcode":0,"result":{"userid":"zhang01","unionid":"uXyZ34iEiE","device_id":"d","sys":"true","sys_level":"1","name":"张三"}}`
	for _, legacy := range []bool{false, true} {
		f.Add(visitor, goodMember, goodUser, legacy)
		f.Add(`{"userid":"zhang01","deviceId":"d","is_sys":1,"sys_level":100}`, `{"userid":"zhang01","contactType":"0"}`, goodOldUser, legacy)
		f.Add(`{"result":{"userid":"zhang01"}}`, goodMember, goodUser, legacy)
		f.Add(`{"result":{"unionid":"uXyZ34iEiE"}}`, goodMember, goodUser, legacy)
		f.Add(`{"result":{"userid":["zhang01"],"sys":{},"sys_level":1e2}}`, goodMember, goodUser, legacy)
	}
	f.Fuzz(func(t *testing.T, visitor, member, user string, legacy bool) {
		synctest.Test(t, func(t *testing.T) {
			server := &canned{answers: map[string]string{
				tokenPath: goodToken, "/topapi/v2/user/getuserinfo": visitor, "/user/getuserinfo": visitor,
				memberPath: member, "/user/getUseridByUnionid": member, userPath: user, "/user/get": user,
			}}
			got, err := server.client(legacy).IdentifyVisitor(t.Context(), secret.New(oneTimeCode))
			if err != nil {
				wantRefusal(t, err, visitor)
				return
			}
			if !tell(visitor).has("userid", got.UserID) {
				t.Errorf("%q is a visit of %q", visitor, got.UserID)
			}
			if !tell(visitor, user).has("unionid", got.UnionID) {
				t.Errorf("%q and %q are %q", visitor, user, got.UnionID)
			}
			wantEmployee(t, got, member, user)
		})
	})
}

func FuzzScan(f *testing.F) {
	const chain = `{"errcode":0,"access_token":"t","openid":"o","unionid":"uXyZ34iEiE","persistent_code":"p","sns_token":"s"}`
	for _, account := range []string{
		`{"errcode":0,"user_info":{"nick":"阿明","unionid":"uXyZ34iEiE","openid":"o","dingId":"x"}}`,
		`{"user_info":{"unionid":7}}`, `{"user_info":[]}`, `{"user_info":{"unionid":""}}`, `{"unionid":"u"}`, `{"errcode":"40078"}`,
	} {
		f.Add(chain, account)
		f.Add(`{"openid":1,"persistent_code":2,"sns_token":3,"access_token":4,"unionid":"another"}`, account)
	}
	f.Fuzz(func(t *testing.T, chain, account string) {
		server := &canned{answers: map[string]string{"/sns/getuserinfo": account, "/sns/getuserinfo_bycode": account}, turns: []string{chain}}
		for _, long := range []bool{false, true} {
			scan := dingtalk.SNS{Client: server.client(false), Chain: long}
			got, err := scan.Profile(t.Context(), secret.New(oneTimeCode))
			switch {
			case err != nil:
				wantRefusal(t, err, account)
			case got.UnionID == "" || !tell(account).has("unionid", got.UnionID):
				t.Errorf("%q is the account of %q", account, got.UnionID)
			}
		}
	})
}

// FuzzStored has anything at all where a Keeper's token should be: another
// version's, a damaged disk's.
func FuzzStored(f *testing.F) {
	for _, value := range []string{
		``, `null`, `{}`, `{"token":"t","renew":"2026-01-01T01:00:00Z","fetch":"f","refresh":"r"}`, `{"token":"t","renew":"2026-01-01T01:00:00Z"}`,
		`{"token":"t","renew":"9999-01-01T01:00:00Z","fetch":"f"}`, `{"token":7}`, `{"renew":"0001-01-01T00:00:00Z","refresh":"r","corp_id":"ding0a1b"}`, `[1]`,
	} {
		f.Add(value)
	}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		wantHealed(t, value, now, func(c *dingtalk.Client) (secret.Text, error) { return c.AppToken(t.Context()) })
		wantHealed(t, value, now, func(c *dingtalk.Client) (secret.Text, error) {
			session := dingtalk.Session{Client: c, Keeper: c.Keeper, Slot: storedSlot}
			defer session.Close()
			return session.Token(t.Context())
		})
	})
}

// storedSlot is where the token of a canned client's app is.
const storedSlot = "app token dingabc123 http://127.0.0.1"

// wantHealed wants a token that stands in what is stored, or a new one that is
// stored in its place, so that who comes next asks nobody.
func wantHealed(t *testing.T, value string, now time.Time, ask func(*dingtalk.Client) (secret.Text, error)) {
	t.Helper()
	keeper, server := newShelf(), &canned{turns: []string{goodExchange}}
	keeper.slots[storedSlot] = secret.New(value)
	c := server.client(false)
	c.Keeper, c.Now = keeper, func() time.Time { return now }
	first, err := ask(c)
	if err != nil { // a session of which nothing is left
		wantRefusal(t, err, value)
		return
	}
	if server.asked == 0 && !tell(value).has("token", first.Reveal()) || server.asked > 0 && first.Reveal() != userToken {
		t.Errorf("%q gave %q", value, first.Reveal())
	}
	next := server.client(false)
	next.Keeper, next.Now = c.Keeper, c.Now
	if second, err := ask(next); err != nil || second.Reveal() != first.Reveal() || server.asked > 1 {
		t.Errorf("after %q came %q, %v, by %d calls", value, second.Reveal(), err, server.asked)
	}
}
