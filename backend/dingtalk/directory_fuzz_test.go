package dingtalk_test

import (
	"context"
	"iter"
	"testing"
	"testing/synctest"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/dingtalk/callback"
)

// What is asserted of all answers: a sequence ends, by itself, whatever the
// pages say of more; and whoever and whatever is in it stands in the answers,
// with all digits.

// FuzzPeople has two answers in turn and then the second for ever, which is
// what a server sends that loses the cursor.
func FuzzPeople(f *testing.F) {
	for _, legacy := range []bool{false, true} {
		f.Add(`{"errcode":0,"result":{"has_more":true,"next_cursor":"100","list":[{"userid":"zhang01","name":"张三","dept_order":"176200000000000001"}]}}`,
			`{"errcode":0,"result":{"has_more":true,"next_cursor":200,"list":[{"userid":7,"leader":"true"}]}}`, legacy)
		f.Add(`{"errcode":0,"hasMore":true,"userlist":[{"userid":"zhang01","order":176200000000000001,"isLeader":true}]}`,
			`{"errcode":0,"hasMore":"1","userlist":[{"userid":"li02"}]}`, legacy)
		f.Add(`{"result":{"has_more":1,"next_cursor":9223372036854775807,"list":"[{\"userid\":\"a\"}]"}}`, `{"result":{"has_more":true,"list":[]}}`, legacy)
		f.Add(`{"result":{"has_more":true,"next_cursor":-1,"list":{"userid":"a"}}}`, `{"result":{"list":[{},null,1]}}`, legacy)
		f.Add(`{"hasMore":true,"userlist":[]}`, `{"hasMore":true,"userlist":null}`, legacy)
		f.Add(`{"has_more":true,"failed_list":[{"call_back_tag":"user_add_org","user_add_org":{"userid":["a"]}}]}`, `{"has_more":true,"failed_list":[1]}`, legacy)
	}
	f.Fuzz(func(t *testing.T, first, second string, legacy bool) {
		said := tell(first, second)
		wantNamed := func(t *testing.T, id string) {
			if id == "" || !said.has("userid", id) {
				t.Errorf("%q and %q list %q", first, second, id)
			}
		}
		synctest.Test(t, func(t *testing.T) {
			server := func() *canned { return &canned{turns: []string{first, second}} }
			walk(t, server(), legacy, (*dingtalk.Client).Users, func(user dingtalk.User) {
				wantNamed(t, user.UserID)
				for _, order := range user.Orders {
					if !said.hasNumber(order.Order, "dept_order", "order") {
						t.Errorf("%q and %q have the order %d", first, second, order.Order)
					}
				}
			})
			walk(t, server(), legacy, (*dingtalk.Client).UserNames, func(user dingtalk.UserName) { wantNamed(t, user.UserID) })
			walk(t, server(), legacy, failedCallbacks, func(page []callback.Event) {
				if len(page) == 0 {
					t.Error("a page of nothing")
				}
			})
		})
	})
}

func failedCallbacks(c *dingtalk.Client, ctx context.Context, _ int64) iter.Seq2[[]callback.Event, error] {
	return c.FailedCallbacks(ctx)
}

// walk goes to the end of a sequence.
func walk[T any](t *testing.T, server *canned, legacy bool, all func(*dingtalk.Client, context.Context, int64) iter.Seq2[T, error], each func(T)) {
	t.Helper()
	server.answers = map[string]string{tokenPath: goodToken}
	for item, err := range all(server.client(legacy), t.Context(), dingtalk.RootDepartment) {
		if err != nil {
			wantRefusal(t, err, server.turns[0])
			break
		}
		each(item)
	}
	if server.asked > patience {
		t.Errorf("%q never ends", server.turns)
	}
}

// FuzzDepartments has one answer for whatever is asked.
func FuzzDepartments(f *testing.F) {
	const top = `"dept_id":1,"id":1,"name":"公司"`
	for _, legacy := range []bool{false, true} {
		f.Add(`{"errcode":0,"result":{`+top+`,"order":"176200000000000001","dept_permits":"[3,4]","dept_manager_userid_list":["zhang01"]}}`, `{"errcode":0,"result":[{"dept_id":2,"parent_id":1,"name":"研发"},{"dept_id":"176200000000000001","parent_id":"1"}]}`, legacy)
		f.Add(`{"errcode":0,`+top+`,"deptManagerUseridList":"zhang01|li02","deptHiding":"true"}`, `{"errcode":0,"department":[{"id":2,"parentid":1},{"id":3,"parentid":2},{"id":2,"parentid":3},{"id":2,"parentid":1}]}`, legacy)
		f.Add(`{"result":{`+top+`}}`, `{"result":{"dept_id_list":[2,"3"],"parent_id_list":[2,1],"parent_list":[{"parent_dept_id_list":[2,1]}],"userid_list":["a",7],"count":"12"}}`, legacy)
		f.Add(`{"result":{"dept_id":"1"}}`, `{"sub_dept_id_list":"[2]","userIds":["a"],"count":9007199254740993,"result":null}`, legacy)
		f.Add(`{"result":{"dept_id":1e0}}`, `{"result":[{"userid":"a","sys_level":"1"}],"auth_org_scopes":{"authed_dept":[1],"authed_user":"a"},"url":"u"}`, legacy)
		f.Add(`[]`, `{"result":[{"dept_id":0}]}`, legacy)
	}
	f.Fuzz(func(t *testing.T, one, many string, legacy bool) {
		said := tell(one, many)
		synctest.Test(t, func(t *testing.T) {
			server := func() *canned {
				return &canned{answers: map[string]string{tokenPath: goodToken, "/topapi/v2/department/get": one, "/department/get": one}, turns: []string{many}}
			}
			seen := map[int64]bool{}
			tree := server()
			for department, err := range tree.client(legacy).DepartmentTree(t.Context(), dingtalk.RootDepartment) {
				if err != nil {
					wantRefusal(t, err, many)
					break
				}
				wantDepartment(t, said, department)
				if seen[department.ID] {
					t.Errorf("%q has the department %d twice", many, department.ID)
				}
				seen[department.ID] = true
			}
			if tree.asked > patience {
				t.Errorf("the tree of %q never ends", many)
			}
			askAll(t, server().client(legacy), said)
		})
	})
}

func wantDepartment(t *testing.T, said told, d dingtalk.Department) {
	t.Helper()
	if d.ID == 0 || !said.hasNumber(d.ID, "dept_id", "id") ||
		d.ParentID != 0 && !said.hasNumber(d.ParentID, "parent_id", "parentid") ||
		d.Order != 0 && !said.hasNumber(d.Order, "order") {
		t.Errorf("%v has the department %+v", said, d)
	}
	wantNumbers(t, said, d.PermittedDepts, "dept_permits")
	wantNumbers(t, said, d.OuterDepts, "outer_permit_depts")
}

func wantNumbers(t *testing.T, said told, ids []int64, names ...string) {
	t.Helper()
	for _, id := range ids {
		if !said.hasNumber(id, names...) {
			t.Errorf("%v has %d under %q", said, id, names)
		}
	}
}

// askAll makes the calls that have one answer.
func askAll(t *testing.T, c *dingtalk.Client, said told) {
	t.Helper()
	ctx := t.Context()
	ids, err := c.DepartmentIDs(ctx, 1)
	wantAnswer(t, err)
	wantNumbers(t, said, ids, "dept_id_list", "sub_dept_id_list")
	path, err := c.DepartmentPath(ctx, 2)
	wantAnswer(t, err)
	wantNumbers(t, said, path, "parent_id_list")
	paths, err := c.UserPaths(ctx, "zhang01")
	wantAnswer(t, err)
	for _, path := range paths {
		wantNumbers(t, said, path, "parent_dept_id_list")
	}
	people, err := c.UserIDs(ctx, 1)
	wantAnswer(t, err)
	for _, id := range people {
		if id == "" || !said.has("userid_list", id) && !said.has("userids", id) {
			t.Errorf("%v lists %q", said, id)
		}
	}
	count, err := c.CountUsers(ctx, true)
	wantAnswer(t, err)
	if count != 0 {
		wantNumbers(t, said, []int64{int64(count)}, "count")
	}
	one, more, err := c.UserIDsByMobile(ctx, mobile)
	wantAnswer(t, err)
	if err == nil && one == "" && len(more) == 0 || one != "" && !said.has("userid", one) {
		t.Errorf("%v has the number of %q, %q", said, one, more)
	}
	admins, err := c.Admins(ctx)
	wantAnswer(t, err)
	for _, admin := range admins {
		if !said.has("userid", admin.UserID) {
			t.Errorf("%v has the administrator %q", said, admin.UserID)
		}
	}
	scopes, err := c.Scopes(ctx)
	wantAnswer(t, err)
	wantNumbers(t, said, scopes.Departments, "authed_dept")
	address, err := c.RegisteredCallback(ctx)
	wantAnswer(t, err)
	if err == nil && address.URL == "" {
		t.Errorf("%v has no address", said)
	}
}

// wantAnswer wants an answer or a refusal that can be told.
func wantAnswer(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		wantRefusal(t, err, "")
	}
}
