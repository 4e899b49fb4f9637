package conformance_test

import (
	"slices"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
)

// Contract 7.1, 7.3, 7.6, 7.7 and 4.2: language, order and restricted people.
func TestDirectoryAsChosen(t *testing.T) {
	t.Parallel()
	for _, legacy := range []bool{false, true} {
		t.Run(map[bool]string{false: "today's calls", true: "the frozen calls"}[legacy], func(t *testing.T) {
			t.Parallel()
			d := newDuo(t)
			d.client.Legacy = legacy
			if err := d.PutDepartment(sandbox.Department{ID: 99001, Name: "质量部", English: "Quality", ParentID: 1, SourceID: "hr-31", Code: "QA", Brief: "b"}); err != nil {
				t.Fatal(err)
			}
			english := dingtalk.Directory{Client: d.client, Language: dingtalk.English, Order: dingtalk.OrderEntryDesc, WithRestricted: true}
			names := map[string]bool{}
			for _, reader := range []dingtalk.Directory{{Client: d.client}, english} {
				one, err := reader.Department(t.Context(), 99001)
				if err != nil || one.SourceID != "hr-31" || !legacy && (one.Code != "QA" || one.Brief != "b") {
					t.Errorf("%+v, %v", one, err)
				}
				names[one.Name] = true
				all, err := duoAll(reader.Departments(t.Context(), 1))
				if err != nil || !slices.ContainsFunc(all, func(other dingtalk.Department) bool { return other.Name == one.Name }) {
					t.Errorf("%+v, %v", all, err)
				}
				if _, err := reader.User(t.Context(), "zhang01"); err != nil {
					t.Error(err)
				}
			}
			if !names["质量部"] || !names["Quality"] {
				t.Errorf("names %v", names)
			}
			first, err := duoAll(d.client.UserNames(t.Context(), 88001))
			if err != nil || len(first) < 2 {
				t.Fatalf("%d people, %v", len(first), err)
			}
			last, err := duoAll(english.UserNames(t.Context(), 88001))
			slices.Reverse(last)
			if err != nil || !slices.Equal(first, last) {
				t.Errorf("%v\nreversed %v, %v", first, last, err)
			}
			if _, err := duoAll(english.Users(t.Context(), 88001)); err != nil {
				t.Error(err)
			}
			for _, wrong := range []dingtalk.Directory{{Client: d.client, Order: "by_name"}, {Client: d.client, Language: "fr_FR"}} {
				if _, err := duoAll(wrong.Users(t.Context(), 88001)); wrong.Order != "" || !legacy {
					duoFails(t, err, dingtalk.Bug, login.Internal, "")
				}
			}
		})
	}
}

// Contract 7, the newer API's searches.
func TestSearches(t *testing.T) {
	t.Parallel()
	t.Run("people by a part of their name, over pages", func(t *testing.T) {
		t.Parallel()
		d := newDuo(t)
		for i := range 45 {
			if err := d.Put(sandbox.Person{UserID: "x" + string(rune('A'+i)), Name: "欧阳" + string(rune('A'+i)), Active: true, Corps: []string{d.App().CorpID}}); err != nil && i < 26 {
				t.Fatal(err)
			}
		}
		found, err := duoAll(d.client.SearchUsers(t.Context(), "欧阳", false))
		if err != nil || len(found) < 26 || !slices.Contains(found, "xZ") {
			t.Errorf("%v, %v", found, err)
		}
		if n := d.Counts()["POST /v1.0/contact/users/search"]; n != (len(found)+19)/20 {
			t.Errorf("%d pages for %d people", n, len(found))
		}
	})
	t.Run("people by their whole name", func(t *testing.T) {
		t.Parallel()
		found, err := duoAll(newDuo(t).client.SearchUsers(t.Context(), "张三", true))
		if err != nil || !slices.Contains(found, "zhang01") {
			t.Errorf("%v, %v", found, err)
		}
	})
	t.Run("nobody", func(t *testing.T) {
		t.Parallel()
		found, err := duoAll(newDuo(t).client.SearchUsers(t.Context(), "没有这个人", false))
		if err != nil || found != nil {
			t.Errorf("%v, %v", found, err)
		}
	})
	t.Run("departments", func(t *testing.T) {
		t.Parallel()
		d := newDuo(t)
		if err := d.PutDepartment(sandbox.Department{ID: 99001, Name: "质量部", ParentID: 1}); err != nil {
			t.Fatal(err)
		}
		found, err := duoAll(d.client.SearchDepartments(t.Context(), "质量"))
		if err != nil || !slices.Equal(found, []int64{99001}) {
			t.Errorf("%v, %v", found, err)
		}
	})
	t.Run("without the permission, which the refusal names", func(t *testing.T) {
		t.Parallel()
		d := newDuo(t)
		d.forbid(sandbox.PermitDepts)
		_, err := duoAll(d.client.SearchDepartments(t.Context(), "质量"))
		duoFails(t, err, dingtalk.Settings, login.PermissionMissing, sandbox.PermitDepts)
	})
}

// Contract 10.
func TestSigningOutOfAnAccount(t *testing.T) {
	t.Parallel()
	d := newDuo(t)
	if err := d.client.SignOut(t.Context(), "qian05", "a lost phone", map[string]string{"zh_CN": "管理员已执行登出"}); err != nil {
		t.Error(err)
	}
	duoFails(t, d.client.SignOut(t.Context(), "zhang01", "no enterprise account", nil), dingtalk.Bug, login.ProviderAnswer, "")
	duoFails(t, d.client.SignOut(t.Context(), "nobody", "", nil), dingtalk.Refuse, login.NotMember, "")
	d.forbid(sandbox.PermitSignOut)
	duoFails(t, d.client.SignOut(t.Context(), "qian05", "", nil), dingtalk.Settings, login.PermissionMissing, sandbox.PermitSignOut)
}

// Contract 0.1 and 7.9: a ban is the address's, whatever is asked, and is over
// for the client when it is over for the sandbox.
func TestABan(t *testing.T) {
	t.Parallel()
	for body, code := range map[sandbox.GuardBody]login.Code{sandbox.GuardJSON: login.RateLimited, sandbox.GuardHTML: login.ProviderAnswer} {
		t.Run(string(body), func(t *testing.T) {
			t.Parallel()
			d := newDuoAt(t, func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }) // only Advance moves it
			if err := d.Change(func(s *sandbox.Settings) { s.IPLimit, s.GuardBody = 2, body }); err != nil {
				t.Fatal(err)
			}
			if _, err := d.client.User(t.Context(), "zhang01"); err != nil { // with the token, two calls
				t.Fatal(err)
			}
			_, err := d.client.User(t.Context(), "zhang01")
			duoFails(t, err, dingtalk.Retry, code, "")
			d.Advance(2 * time.Minute)
			before := len(d.Requests())
			_, err = duoAll(d.client.SearchUsers(t.Context(), "张三", true))
			duoFails(t, err, dingtalk.Retry, code, "")
			// A page cannot be told from a proxy's: it holds nothing back.
			if sent := len(d.Requests()) - before; sent > 0 && body == sandbox.GuardJSON {
				t.Errorf("%d requests while it was banned", sent)
			}
			d.Advance(3 * time.Minute)
			if _, err := d.client.User(t.Context(), "zhang01"); err != nil {
				t.Error(err)
			}
		})
	}
}
