package conformance_test

import (
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
)

const (
	pathsPath    = "/topapi/v2/department/listparentbyuser"
	countPath    = "/topapi/user/count"
	oldCountPath = "/user/get_org_user_count"
	adminPath    = "/topapi/user/listadmin"
	mobilePath   = "/topapi/v2/user/getbymobile"
	scopesPath   = "/auth/scopes"
)

func userPaths(userID string) call {
	return func(w *world) (any, error) { return w.client.UserPaths(w.t.Context(), userID) }
}

func count(onlyActive bool) call {
	return func(w *world) (any, error) { return w.client.CountUsers(w.t.Context(), onlyActive) }
}

func admins(w *world) (any, error) { return w.client.Admins(w.t.Context()) }

// byMobile is somebody's user id and those of their enterprise accounts.
func byMobile(mobile string) call {
	return func(w *world) (any, error) {
		userID, enterprise, err := w.client.UserIDsByMobile(w.t.Context(), mobile)
		return append([]string{userID}, enterprise...), err
	}
}

func scopes(w *world) (any, error) { return w.client.Scopes(w.t.Context()) }

func theirMobile(w *world) (any, error) {
	mobile := w.who("zhang01").Mobile
	w.hidden = append(w.hidden, mobile)
	return byMobile(mobile)(w)
}

func TestDirectoryMore(t *testing.T) {
	t.Parallel()
	fields := []string{"userid", "unionid", "name", "avatar", "active", "isAdmin", "department", "position", "jobnumber", "mobile", "email", "orgEmail"}
	run(t, []row{
		{name: "7.1 the root, by default the company", call: func(w *world) (any, error) { return departmentIDs(w, 1) },
			want: value([]int64{88001, 88002, 88003, 88004, 88005, 88006, 88007})},
		{name: "7.1 400002 no department", call: func(w *world) (any, error) { return departments(w, 0) },
			fails: plain("/topapi/v2/department/listsub", 400002, dingtalk.Bug, login.Internal)},
		{name: "7.3 the root has no parent", call: func(w *world) (any, error) {
			root, err := w.client.Department(w.t.Context(), dingtalk.RootDepartment)
			return root.ParentID, err
		}, want: value(int64(0))},

		{name: "7.5 one way up for each department", call: userPaths("zhang01"), want: value([][]int64{{1}, {88001, 1}})},
		{name: "7.5 60121 nobody", call: userPaths("nobody99"), fails: plain(pathsPath, 60121, dingtalk.Refuse, login.NotMember)},
		{name: "7.5 33012 invalid userid", call: userPaths("no such id!"), fails: plain(pathsPath, 33012, dingtalk.Refuse, login.ProviderAnswer)},
		{name: "7.5 400002 no userid", call: userPaths(""), fails: plain(pathsPath, 400002, dingtalk.Bug, login.Internal)},
		{name: "7.5 50002 outside the contact scope", given: narrow, call: userPaths("zhang01"),
			fails: plain(pathsPath, 50002, dingtalk.Settings, login.PermissionMissing).saying(scopeWords)},
		{name: "7.5 60011 without qyapi_get_department_list", given: lacking(sandbox.PermitDepts), call: userPaths("zhang01"),
			fails: wrapped(pathsPath, 60011, dingtalk.Settings, login.PermissionMissing).saying(sandbox.PermitDepts)},

		{name: "7 user/count", call: count(false), want: value(67)},
		{name: "7 user/count only_active", call: count(true), want: value(66)},
		{name: "7 user/count: 60011 without qyapi_get_member", given: lacking(sandbox.PermitMember), call: count(true),
			fails: wrapped(countPath, 60011, dingtalk.Settings, login.PermissionMissing).saying(sandbox.PermitMember)},
		{name: "7 user/count: 400002", given: faulted(countPath, sandbox.Fault{ErrCode: 400002}), call: count(true),
			fails: plain(countPath, 400002, dingtalk.Bug, login.Internal)},
		{name: "7 legacy get_org_user_count onlyActive=0", call: frozen(count(false)), want: value(67)},
		{name: "7 legacy get_org_user_count onlyActive=1", call: frozen(count(true)), want: value(66)},
		{name: "7 legacy get_org_user_count: 60011", given: lacking(sandbox.PermitMember), call: frozen(count(true)),
			fails: plain(oldCountPath, 60011, dingtalk.Settings, login.PermissionMissing).saying(sandbox.PermitMember)},

		{name: "7 user/listadmin", call: admins, want: value([]dingtalk.Admin{{UserID: "li02", Level: dingtalk.MainAdmin}})},
		{name: "7 user/listadmin with a boss", given: boss, call: admins,
			want: value([]dingtalk.Admin{{UserID: "zhang01", Level: dingtalk.BossAdmin}, {UserID: "li02", Level: dingtalk.MainAdmin}})},
		{name: "7 user/listadmin: 43007 insufficient permission", given: faulted(adminPath, sandbox.Fault{SubCode: 43007}), call: admins,
			fails: wrapped(adminPath, 43007, dingtalk.Settings, login.PermissionMissing).saying(sandbox.PermitMember)},

		{name: "7 getbymobile", call: theirMobile, want: value([]string{"zhang01"})},
		{name: "7 getbymobile: 40104 bad mobile", call: byMobile("one three eight"), fails: plain(mobilePath, 40104, dingtalk.Refuse, login.ProviderAnswer)},
		{name: "7 getbymobile: 60121 nobody's", call: byMobile("13999999999"), fails: plain(mobilePath, 60121, dingtalk.Refuse, login.NotMember)},
		{name: "7 getbymobile: 60011 without qyapi_get_member_by_mobile", given: lacking(sandbox.PermitByMobile), call: theirMobile,
			fails: wrapped(mobilePath, 60011, dingtalk.Settings, login.PermissionMissing).saying(sandbox.PermitByMobile)},

		{name: "7 auth/scopes of the whole company", call: scopes, want: value(dingtalk.Scopes{Departments: []int64{1}, Fields: fields})},
		{name: "7 auth/scopes of two departments, no mobile", given: func(w *world) { narrow(w); w.without(sandbox.PermitMobile) }, call: scopes,
			want: value(dingtalk.Scopes{Departments: []int64{88005, 88006}, Fields: append(append([]string{}, fields[:9]...), "email", "orgEmail")})},
		{name: "7 auth/scopes: 60020 address not on the list", given: alreadyElsewhere, call: scopes,
			fails: plain(scopesPath, 60020, dingtalk.Settings, login.IPNotAllowed).saying("127.0.0.1")},
		{name: "7 auth/scopes: 40001 the token", given: faulted(scopesPath, sandbox.Fault{ErrCode: 40001}), call: scopes,
			fails: plain(scopesPath, 40001, dingtalk.Token, login.ProviderAnswer)},
	})
}
