package conformance_test

import (
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
)

// scopeWords is what an administrator is told who has to widen the app's scope.
const scopeWords = "通讯录权限范围 (contact scope)"

func TestMembership(t *testing.T) {
	t.Parallel()
	newer, older := member("zhang01"), frozen(member("zhang01"))
	unknown := func(unionID string) call {
		return func(w *world) (any, error) { return w.client.UserIDByUnionID(w.t.Context(), unionID) }
	}
	run(t, []row{
		{name: "4.1 contact_type 0 is an employee", call: newer, want: value(dingtalk.Member{UserID: "zhang01"})},
		{name: "4.1 contact_type 1 is an external contact", call: member("wang03"), want: value(dingtalk.Member{UserID: "wang03", External: true})},
		{name: "4.1 60121 a personal account", call: member("wu08"), fails: plain(memberPath, 60121, dingtalk.Refuse, login.NotMember)},
		{name: "4.1 60121 a person of another company", call: member("zhou07"), fails: plain(memberPath, 60121, dingtalk.Refuse, login.NotMember)},
		{name: "4.1 60121 a person who left", call: member("chen11"), fails: plain(memberPath, 60121, dingtalk.Refuse, login.NotMember)},
		{name: "4.1 60121 nobody", call: unknown("uNobody"), fails: plain(memberPath, 60121, dingtalk.Refuse, login.NotMember)},
		{name: "4.1 400002 bad parameter", call: unknown(""), fails: plain(memberPath, 400002, dingtalk.Bug, login.Internal)},
		{name: "4.1 60011 without qyapi_get_member", given: lacking(sandbox.PermitMember), call: newer,
			fails: wrapped(memberPath, 60011, dingtalk.Settings, login.PermissionMissing).saying("qyapi_get_member")},
		{name: "4.1 60020 address not on the list", given: alreadyElsewhere, call: newer,
			fails: wrapped(memberPath, 60020, dingtalk.Settings, login.IPNotAllowed).saying("127.0.0.1")},
		{name: "4.1 -1 busy, and then not", given: faulted(memberPath, sandbox.Fault{ErrCode: -1, Times: 1}), call: newer,
			want: value(dingtalk.Member{UserID: "zhang01"})},
		{name: "4.1 -1 busy", given: faulted(memberPath, sandbox.Fault{ErrCode: -1}), call: newer,
			fails: plain(memberPath, -1, dingtalk.Retry, login.ProviderUnavailable)},
		{name: "4.1 legacy contactType 0", call: older, want: value(dingtalk.Member{UserID: "zhang01"})},
		{name: "4.1 legacy contactType 1", call: frozen(member("wang03")), want: value(dingtalk.Member{UserID: "wang03", External: true})},
		{name: "4.1 legacy 60121", call: frozen(member("wu08")), fails: plain(oldMemberPath, 60121, dingtalk.Refuse, login.NotMember)},
		{name: "4.1 legacy 60011", given: lacking(sandbox.PermitMember), call: older,
			fails: plain(oldMemberPath, 60011, dingtalk.Settings, login.PermissionMissing).saying("qyapi_get_member")},
		{name: "4.1 legacy 60020", given: alreadyElsewhere, call: older,
			fails: plain(oldMemberPath, 60020, dingtalk.Settings, login.IPNotAllowed).saying("127.0.0.1")},
	})
}

// alreadyElsewhere is an app that has a token when its list of addresses is
// set: the token call would be refused before any other.
func alreadyElsewhere(w *world) {
	w.appToken()
	elsewhere(w)
}

// enterprise makes somebody's account one of the company's own.
func enterprise(w *world) {
	p := w.who("zhang01")
	p.Enterprise = w.App().CorpID
	w.control("people", p)
}

// record is somebody's record as the app may see it with every permission.
func (w *world) record(userID string) dingtalk.User {
	w.t.Helper()
	p := w.who(userID)
	u := dingtalk.User{
		UserID: p.UserID, UnionID: p.UnionID, Name: p.Name, Avatar: p.Avatar, Mobile: p.Mobile, State: p.StateCode,
		Email: p.Email, OrgEmail: p.OrgEmail, JobNumber: p.JobNumber, Title: p.Title, ManagerID: p.Manager,
		Departments: p.Departments, Orders: []dingtalk.DeptOrder{{DeptID: p.Departments[len(p.Departments)-1], Order: p.Order}},
		Active: p.Active, Disabled: p.Disabled, Enterprise: p.Disabled || p.Enterprise != "", Admin: p.Admin, Boss: p.Boss, RealAuthed: true,
	}
	if p.Admin {
		u.Roles = []dingtalk.Role{{ID: 1507, Name: "主管理员", Group: "默认"}}
		u.Leads = []int64{88005}
	}
	return u
}

func TestRecord(t *testing.T) {
	t.Parallel()
	whose := func(userID string, changes ...func(*dingtalk.User)) func(*world) any {
		return func(w *world) any {
			u := w.record(userID)
			for _, change := range changes {
				change(&u)
			}
			return u
		}
	}
	noMobile := func(u *dingtalk.User) { u.Mobile, u.State = "", "" }
	noEmail := func(u *dingtalk.User) { u.Email, u.OrgEmail = "", "" }
	both := []row{
		{name: "an employee, order of 18 digits", call: user("zhang01"), want: whose("zhang01")},
		{name: "an administrator, who leads a department", call: user("li02"), want: whose("li02")},
		{name: "avatar \"\", and no optional field", call: user("aygul10"), want: whose("aygul10")},
		{name: "active false", call: user("zhao04"), want: whose("zhao04")},
		{name: "mobile and state_code are absent without the field permission", given: lacking(sandbox.PermitMobile), call: user("zhang01"), want: whose("zhang01", noMobile)},
		{name: "email is absent without the field permission", given: lacking(sandbox.PermitEmail), call: user("zhang01"), want: whose("zhang01", noEmail)},
		{name: "33012 invalid userid", call: user("no such id!"), fails: plain(userPath, 33012, dingtalk.Refuse, login.ProviderAnswer)},
		{name: "60121 an external contact", call: user("wang03"), fails: plain(userPath, 60121, dingtalk.Refuse, login.NotMember)},
		{name: "60121 nobody", call: user("nobody99"), fails: plain(userPath, 60121, dingtalk.Refuse, login.NotMember)},
		{name: "60120 disabled", call: user("sun06"), fails: plain(userPath, 60120, dingtalk.Refuse, login.Disabled)},
		{name: "50002 outside the contact scope", given: narrow, call: user("zhang01"),
			fails: plain(userPath, 50002, dingtalk.Settings, login.PermissionMissing).saying(scopeWords)},
	}
	rows := []row{
		{name: "4.2 disable_status true", call: user("qian05"), want: whose("qian05")},
		{name: "4.2 exclusive_account true", given: enterprise, call: user("zhang01"), want: whose("zhang01")},
		{name: "4.2 400002 bad parameter", call: user(""), fails: plain(userPath, 400002, dingtalk.Bug, login.Internal)},
		{name: "4.2 60011 without qyapi_get_member", given: lacking(sandbox.PermitMember), call: user("zhang01"),
			fails: wrapped(userPath, 60011, dingtalk.Settings, login.PermissionMissing).saying("qyapi_get_member")},
		{name: "4.2 -1 busy", given: faulted(userPath, sandbox.Fault{ErrCode: -1}), call: user("zhang01"),
			fails: plain(userPath, -1, dingtalk.Retry, login.ProviderUnavailable)},
		{name: "4.3 40035 bad parameter", call: frozen(user("")), fails: plain(oldUserPath, 40035, dingtalk.Bug, login.Internal)},
		{name: "4.3 60011 without qyapi_get_member", given: lacking(sandbox.PermitMember), call: frozen(user("zhang01")),
			fails: plain(oldUserPath, 60011, dingtalk.Settings, login.PermissionMissing).saying("qyapi_get_member")},
	}
	for _, r := range both {
		older := r
		older.call = frozen(r.call)
		if r.fails != nil {
			moved := *r.fails
			moved.endpoint = oldUserPath
			older.fails = &moved
		}
		r.name, older.name = "4.2 "+r.name, "4.3 "+r.name
		rows = append(rows, r, older)
	}
	run(t, rows)
}

// The gate has one answer for each of the people who always exist, whichever
// way they came.
func TestTheGate(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		person  string
		refused login.Code
		visitor login.Code // inside DingTalk; Internal: DingTalk gives them no code there
	}{
		{"zhang01", "", ""},
		{"li02", "", ""},
		{"zheng09", "", ""},
		{"aygul10", "", ""},
		{"wang03", login.ExternalContact, login.Internal},
		{"zhao04", login.InactiveAccount, login.InactiveAccount},
		{"qian05", login.Disabled, login.Disabled},
		{"sun06", login.Disabled, login.Disabled},
		{"zhou07", login.WrongCorp, login.Internal},
		{"wu08", login.NotMember, login.Internal},
		{"chen11", login.NotMember, login.Internal},
	} {
		t.Run("4 "+tc.person, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			got, err := w.client.Identify(t.Context(), w.scan(tc.person), nil)
			if code := login.CodeOf(err); code != tc.refused || code == "" && got.UserID != tc.person {
				t.Errorf("scan: %q, %q (%v); want %q", got.UserID, code, err, tc.refused)
			}
			if tc.visitor == login.Internal {
				return
			}
			got, err = w.client.IdentifyVisitor(t.Context(), w.visit(tc.person))
			if code := login.CodeOf(err); code != tc.visitor || code == "" && got.UserID != tc.person {
				t.Errorf("visit: %q, %q (%v); want %q", got.UserID, code, err, tc.visitor)
			}
		})
	}
}
