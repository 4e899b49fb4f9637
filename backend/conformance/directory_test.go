package conformance_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
)

// The departments of the tests: one that exists and has a manager and people,
// one outside the narrow scope, and none.
const (
	staffed int64 = 88005
	outside int64 = 88001
	nowhere int64 = 99999
)

// reading is a call about a department, in the newer API and, where there is
// one, the frozen one.
type reading struct {
	section, path, older string
	permission           string
	ask                  func(w *world, dept int64) (any, error)
	want                 func(w *world) any // of staffed
	unscoped             bool               // it tells of departments outside the app's scope, too
}

func readings() []reading {
	return []reading{
		{"7.1", "/topapi/v2/department/listsub", "/department/list", sandbox.PermitDepts, departments, below, false},
		{"7.2", "/topapi/v2/department/listsubid", "/department/list_ids", sandbox.PermitDepts, departmentIDs, belowIDs, true},
		{"7.3", "/topapi/v2/department/get", "/department/get", sandbox.PermitDepts, department, whole, false},
		{"7.4", "/topapi/v2/department/listparentbydept", "", sandbox.PermitDepts, departmentPath, value([]int64{staffed, 1}), true},
		{"7.6", "/topapi/v2/user/list", "/user/listbypage", sandbox.PermitDeptMember, users, colleagues, false},
		{"7.7", "/topapi/user/listsimple", "/user/simplelist", sandbox.PermitDeptMember, userNames, cards, false},
		{"7.8", "/topapi/user/listid", "/user/getDeptMember", sandbox.PermitMember, userIDs, ids, false},
	}
}

func departments(w *world, dept int64) (any, error) {
	return all(w.client.Departments(w.t.Context(), dept))
}

func departmentIDs(w *world, dept int64) (any, error) {
	return w.client.DepartmentIDs(w.t.Context(), dept)
}

func department(w *world, dept int64) (any, error) { return w.client.Department(w.t.Context(), dept) }

func departmentPath(w *world, dept int64) (any, error) {
	return w.client.DepartmentPath(w.t.Context(), dept)
}

func users(w *world, dept int64) (any, error) { return all(w.client.Users(w.t.Context(), dept)) }
func userNames(w *world, dept int64) (any, error) {
	return all(w.client.UserNames(w.t.Context(), dept))
}
func userIDs(w *world, dept int64) (any, error) { return w.client.UserIDs(w.t.Context(), dept) }

// below are the departments right below staffed, as the lists have them.
func below(w *world) any {
	var list []dingtalk.Department
	for _, d := range w.Departments(staffed) {
		list = append(list, dingtalk.Department{ID: d.ID, ParentID: d.ParentID, Name: d.Name, HasGroup: d.CreateGroup, AutoJoin: d.AutoAdd})
	}
	return list
}

func belowIDs(w *world) any {
	var list []int64
	for _, d := range w.Departments(staffed) {
		list = append(list, d.ID)
	}
	return list
}

// whole is staffed itself. The frozen call has no count of its people.
func whole(w *world) any {
	d, err := w.Department(staffed)
	if err != nil {
		w.t.Fatal(err)
	}
	count := len(w.people())
	if w.client.Legacy {
		count = 0
	}
	return dingtalk.Department{
		ID: d.ID, ParentID: d.ParentID, Name: d.Name, HasGroup: d.CreateGroup, AutoJoin: d.AutoAdd,
		Order: d.Order, Managers: d.Managers, MemberCount: count,
	}
}

// people are who is in staffed, as the sandbox's own list has them: those with
// a name of their own first.
func (w *world) people() []sandbox.Person {
	var named, others []sandbox.Person
	for _, p := range w.People("", 0, 1000) {
		switch {
		case !slices.Contains(p.Departments, staffed):
		case len(p.UserID) > 4 && p.UserID[:4] == "user":
			others = append(others, p)
		default:
			named = append(named, p)
		}
	}
	return append(named, others...)
}

func colleagues(w *world) any {
	var list []dingtalk.User
	for _, p := range w.people() {
		u := w.record(p.UserID)
		u.Orders, u.Leads = []dingtalk.DeptOrder{{DeptID: staffed, Order: p.Order}}, nil
		if p.UserID == "li02" {
			u.Leads = []int64{staffed}
		}
		list = append(list, u)
	}
	return list
}

func cards(w *world) any {
	var list []dingtalk.UserName
	for _, p := range w.people() {
		list = append(list, dingtalk.UserName{UserID: p.UserID, Name: p.Name})
	}
	return list
}

func ids(w *world) any {
	var list []string
	for _, p := range w.people() {
		list = append(list, p.UserID)
	}
	return list
}

// What is common to the calls about a department.
func TestDirectory(t *testing.T) {
	t.Parallel()
	var rows []row
	for _, r := range readings() {
		rows = append(rows, r.rows(r.path, func(c call) call { return c }, true)...)
		if r.older != "" {
			rows = append(rows, r.rows(r.older, frozen, false)...)
		}
	}
	run(t, rows)
}

func (r reading) rows(path string, how func(call) call, gateway bool) []row {
	of := func(dept int64) call {
		return how(func(w *world) (any, error) { return r.ask(w, dept) })
	}
	refused := plain
	if gateway {
		refused = wrapped
	}
	name := func(what string) string { return r.section + " " + path + ": " + what }
	rows := []row{
		{name: name("success"), call: of(staffed), want: r.want},
		{name: name("60003 no such department"), call: of(nowhere), fails: plain(path, 60003, dingtalk.Refuse, login.ProviderAnswer)},
		{name: name("60011 without " + r.permission), given: lacking(r.permission), call: of(staffed),
			fails: refused(path, 60011, dingtalk.Settings, login.PermissionMissing).saying(r.permission)},
		{name: name("60020 address not on the list"), given: alreadyElsewhere, call: of(staffed),
			fails: refused(path, 60020, dingtalk.Settings, login.IPNotAllowed).saying("127.0.0.1")},
		{name: name("40009 bad department id"), given: faulted(path, sandbox.Fault{ErrCode: 40009}), call: of(staffed),
			fails: plain(path, 40009, dingtalk.Refuse, login.ProviderAnswer)},
	}
	if r.unscoped {
		return append(rows, row{name: name("not limited by the contact scope"), given: narrow, call: func(w *world) (any, error) {
			_, err := of(outside)(w)
			return nil, err
		}, want: value(nil)})
	}
	return append(rows, row{name: name("50004 department outside the contact scope"), given: narrow, call: of(outside),
		fails: plain(path, 50004, dingtalk.Settings, login.PermissionMissing).saying(scopeWords)})
}

// The lists' own errors. The client sends no such cursor or size.
func TestPeopleLists(t *testing.T) {
	t.Parallel()
	var rows []row
	for path, ask := range map[string]call{
		"/topapi/v2/user/list":    func(w *world) (any, error) { return users(w, staffed) },
		"/topapi/user/listsimple": func(w *world) (any, error) { return userNames(w, staffed) },
		"/user/listbypage":        frozen(func(w *world) (any, error) { return users(w, staffed) }),
		"/user/simplelist":        frozen(func(w *world) (any, error) { return userNames(w, staffed) }),
	} {
		for errcode, want := range map[int]*failure{
			60019:  plain(path, 60019, dingtalk.Refuse, login.ProviderAnswer),
			40035:  plain(path, 40035, dingtalk.Bug, login.Internal),
			40068:  plain(path, 40068, dingtalk.Bug, login.Internal),
			40069:  plain(path, 40069, dingtalk.Bug, login.Internal),
			400002: plain(path, 400002, dingtalk.Bug, login.Internal),
		} {
			rows = append(rows, row{name: fmt.Sprintf("7.6 %s: %d", path, errcode), given: faulted(path, sandbox.Fault{ErrCode: errcode}), call: ask, fails: want})
		}
	}
	run(t, rows)
}

// crowd puts 205 more people into staffed: three pages.
func crowd(w *world) {
	for i := range 205 {
		person := sandbox.Person{UserID: fmt.Sprintf("extra%03d", i), Departments: []int64{staffed}, Active: true, Corps: []string{w.App().CorpID}}
		if err := w.Put(person); err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestListsPageByThemselves(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		path   string
		legacy bool
		list   func(*world, int64) (any, error)
	}{
		"7.6 next_cursor while has_more":            {"POST /topapi/v2/user/list", false, users},
		"7.7 next_cursor while has_more":            {"POST /topapi/user/listsimple", false, userNames},
		"7 legacy listbypage: offset while hasMore": {"GET /user/listbypage", true, users},
		"7 legacy simplelist: offset while hasMore": {"GET /user/simplelist", true, userNames},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			crowd(w)
			w.client.Legacy = tc.legacy
			got, err := tc.list(w, staffed)
			if err != nil {
				t.Fatal(err)
			}
			met := map[string]bool{}
			switch list := got.(type) {
			case []dingtalk.User:
				for _, u := range list {
					met[u.UserID] = true
				}
			case []dingtalk.UserName:
				for _, u := range list {
					met[u.UserID] = true
				}
			}
			everybody, err := w.client.UserIDs(t.Context(), staffed)
			if err != nil || len(everybody) < 206 || len(met) != len(everybody) || w.calls(tc.path) != 3 {
				t.Errorf("met %d of %d in %d calls, %v", len(met), len(everybody), w.calls(tc.path), err)
			}
		})
	}
}

// A person in several departments is met in each of them; Everyone has them
// once.
func TestEveryoneIsOnce(t *testing.T) {
	t.Parallel()
	for name, legacy := range map[string]bool{"7 the whole company": false, "7 legacy, the whole company": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.client.Legacy = legacy
			people, err := all(w.client.Everyone(t.Context(), dingtalk.RootDepartment))
			if err != nil {
				t.Fatal(err)
			}
			times := map[string]int{}
			for _, u := range people {
				times[u.UserID]++
			}
			if len(times) != 67 || times["zhang01"] != 1 || len(people) != len(times) {
				t.Errorf("%d people, %d of them different; zhang01, in two departments, %d times", len(people), len(times), times["zhang01"])
			}
		})
	}
}
