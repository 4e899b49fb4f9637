package dingtalk_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
)

const (
	searchUsersPath = "/v1.0/contact/users/search"
	searchDeptsPath = "/v1.0/contact/departments/search"
	signOutPath     = "/v1.0/contact/orgAccounts/signOut"
)

// found answers a search that 45 match: the numbers from 1.
func found(t *testing.T) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Offset, Size int }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || r.Header.Get("x-acs-dingtalk-access-token") != appToken {
			t.Errorf("asked %+v, %v", asked, err)
		}
		list := []int{}
		for i := asked.Offset; i < min(asked.Offset+asked.Size, 45); i++ {
			list = append(list, i+1)
		}
		encoded, _ := json.Marshal(list)
		says(200, fmt.Sprintf(`{"hasMore":%v,"totalCount":45,"list":%s}`, asked.Offset+asked.Size < 45, encoded))(w, r)
	}
}

func TestASearchPagesByItself(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{searchUsersPath: found(t), searchDeptsPath: found(t)})
	users, err := collect(f.client().SearchUsers(t.Context(), "张", true))
	if err != nil || len(users) != 45 || users[44] != "45" {
		t.Errorf("users %v, %v", users, err)
	}
	departments, err := collect(f.client().SearchDepartments(t.Context(), "研发"))
	if err != nil || len(departments) != 45 || departments[44] != 45 {
		t.Errorf("departments %v, %v", departments, err)
	}
	var sent []string
	for _, path := range []string{searchUsersPath, searchDeptsPath} {
		for _, req := range f.requests(path) {
			sent = append(sent, req.body)
		}
	}
	if want := []string{
		`{"fullMatchField":1,"offset":0,"queryWord":"张","size":20}`, `{"fullMatchField":1,"offset":20,"queryWord":"张","size":20}`, `{"fullMatchField":1,"offset":40,"queryWord":"张","size":20}`,
		`{"offset":0,"queryWord":"研发","size":20}`, `{"offset":20,"queryWord":"研发","size":20}`, `{"offset":40,"queryWord":"研发","size":20}`,
	}; !slices.Equal(sent, want) {
		t.Errorf("sent %v", sent)
	}
}

func TestASearchThatIsNotInOrderIsAnError(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		code   login.Code
	}{
		"more, and nobody":       {says(200, `{"hasMore":true,"list":[]}`), login.ProviderAnswer},
		"no list":                {says(200, `{"hasMore":false,"totalCount":0}`), login.ProviderAnswer},
		"nobody's id":            {says(200, `{"list":[{"x":1}]}`), login.ProviderAnswer},
		"an unknown path":        {says(200, `{"errcode":404,"errmsg":"请求的URI地址不存在"}`), login.ProviderAnswer},
		"no permission, by name": {says(403, `{"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied","accessdenieddetail":{"requiredScopes":["qyapi_get_member"]}}`), login.PermissionMissing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := collect(newFake(t, map[string]http.HandlerFunc{searchUsersPath: tc.answer}).client().SearchUsers(t.Context(), "张", false))
			if login.CodeOf(err) != tc.code {
				t.Errorf("err = %v", err)
			}
		})
	}
}

func TestSigningOutEndsAPersonsSessions(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{signOutPath: inTurn(
		newError(400, "InvalidAuthentication"), says(200, `{"result":true}`), says(200, `{"result":"false"}`), newError(403, "Forbidden.AccessDenied.AccessTokenPermissionDenied"))})
	c := f.client()
	if err := c.SignOut(t.Context(), "zhang01", "lost phone", map[string]string{"en_US": "Signed out"}); err != nil {
		t.Error(err)
	}
	if got := f.requests(signOutPath)[1]; got.method != http.MethodPost || got.body != `{"reason":"lost phone","reasonI18nForEmployee":{"en_US":"Signed out"},"userId":"zhang01"}` {
		t.Errorf("asked %+v", got)
	}
	classed(t, c.SignOut(t.Context(), "zhang01", "lost phone", nil), dingtalk.Bug, login.ProviderAnswer)
	err := c.SignOut(t.Context(), "zhang01", "lost phone", nil)
	classed(t, err, dingtalk.Settings, login.PermissionMissing)
	if login.DetailOf(err) != "Contact.OrgAccountSecurity.ReadWrite" {
		t.Errorf("detail %q", login.DetailOf(err))
	}
}
