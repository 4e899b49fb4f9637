package dingtalk_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
)

// company answers the directory's calls, newer and frozen: department → the
// departments below it, and department → how many people p0, p1, … it has.
type company struct {
	below  map[int64][]int64
	people map[int64]int
	most   int64 // people to a page; 0: any number
}

var acme = company{
	below:  map[int64][]int64{1: {2, 3}, 2: {4}, 4: {1}}, // 4 → 1 is a circle
	people: map[int64]int{1: 2, 2: 0, 3: 250, 4: 3},
}

func (c company) script(t *testing.T) map[string]http.HandlerFunc {
	newer := func(answer func(dept, cursor, size int64) string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			var asked struct {
				DeptID int64 `json:"dept_id"`
				Cursor int64
				Size   int64
			}
			if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || r.Method != http.MethodPost {
				t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
			}
			says(200, answer(asked.DeptID, asked.Cursor, asked.Size))(w, r)
		}
	}
	older := func(key string, answer func(dept, offset, size int64, query url.Values) string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			number := func(key string) int64 {
				n, err := strconv.ParseInt(r.URL.Query().Get(key), 10, 64)
				if err != nil && r.URL.Query().Has(key) {
					t.Errorf("%s: %v", r.URL.Path, err)
				}
				return n
			}
			says(200, answer(number(key), number("offset"), number("size"), r.URL.Query()))(w, r)
		}
	}
	list := func(dept, cursor, size int64) string {
		if c.refuses(size) {
			return `{"errcode":88,"sub_code":"40069"}`
		}
		people, next, more := c.page(dept, cursor, size)
		if !more {
			return fmt.Sprintf(`{"errcode":0,"result":{"has_more":false,"list":[%s]}}`, people)
		}
		return fmt.Sprintf(`{"errcode":0,"result":{"has_more":"true","next_cursor":"%d","list":[%s]}}`, next, people)
	}
	oldList := func(dept, offset, size int64, _ url.Values) string {
		if c.refuses(size) {
			return `{"errcode":40069}`
		}
		people, _, more := c.page(dept, offset, size)
		return fmt.Sprintf(`{"errcode":0,"hasMore":%v,"userlist":[%s]}`, more, people)
	}
	return map[string]http.HandlerFunc{
		"/topapi/v2/department/listsub": newer(func(dept, _, _ int64) string { return `{"errcode":0,"result":[` + c.list(dept) + `]}` }),
		"/topapi/v2/department/get":     newer(func(dept, _, _ int64) string { return `{"errcode":0,"result":` + c.department(dept, 0) + `}` }),
		"/topapi/v2/user/list":          newer(list),
		"/topapi/user/listsimple":       newer(list),
		"/department/get":               older("id", func(dept, _, _ int64, _ url.Values) string { return `{"errcode":0,` + c.department(dept, 0)[1:] }),
		"/department/list": older("id", func(dept, _, _ int64, query url.Values) string {
			if query.Get("fetch_child") == "true" {
				return `{"errcode":0,"department":[` + c.list(4) + "," + c.list(2) + "," + c.list(1) + `]}`
			}
			return `{"errcode":0,"department":[` + c.list(dept) + `]}`
		}),
		"/user/listbypage": older("department_id", oldList),
		"/user/simplelist": older("department_id", oldList),
	}
}

func (c company) refuses(size int64) bool { return c.most != 0 && size > c.most }

// department is one in the words of both APIs.
func (c company) department(id, parent int64) string {
	return fmt.Sprintf(`{"dept_id":%d,"id":%[1]d,"name":"部门%[1]d","parent_id":%d,"parentid":%[2]d}`, id, parent)
}

func (c company) list(under int64) string {
	var all []string
	for _, id := range c.below[under] {
		all = append(all, c.department(id, under))
	}
	return strings.Join(all, ",")
}

func (c company) page(dept, from, size int64) (people string, next int64, more bool) {
	var all []string
	count := int64(c.people[dept])
	for i := from; i < min(from+size, count); i++ {
		all = append(all, fmt.Sprintf(`{"userid":"p%d","name":"人%[1]d","active":true,"dept_order":%d,"leader":%v,"order":%[2]d,"isLeader":%[3]v}`, i, 176200000000000000+i, i == 0))
	}
	return strings.Join(all, ","), from + size, from+size < count
}

// collect is all of a sequence, up to the first error.
func collect[T any](sequence iter.Seq2[T, error]) (all []T, err error) {
	for item, err := range sequence {
		if err != nil {
			return all, err
		}
		all = append(all, item)
	}
	return all, nil
}

// ways are a client of each API of one company.
func ways(t *testing.T, c company) map[string]*dingtalk.Client {
	t.Helper()
	clients := map[string]*dingtalk.Client{"newer": newFake(t, c.script(t)).client(), "frozen": newFake(t, c.script(t)).client()}
	clients["frozen"].Legacy = true
	return clients
}

func TestPeoplePageByThemselves(t *testing.T) {
	t.Parallel()
	for way, client := range ways(t, acme) {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			users, err := collect(client.Users(t.Context(), 3))
			if err != nil || len(users) != 250 || users[249].UserID != "p249" {
				t.Fatalf("%d users, %v", len(users), err)
			}
			if first := users[0]; !reflect.DeepEqual(first.Orders, []dingtalk.DeptOrder{{DeptID: 3, Order: 176200000000000000}}) || !slices.Equal(first.Leads, []int64{3}) {
				t.Errorf("the first is %+v", first)
			}
			names, err := collect(client.UserNames(t.Context(), 3))
			if err != nil || len(names) != 250 || names[101] != (dingtalk.UserName{UserID: "p101", Name: "人101"}) {
				t.Errorf("%d names, %v", len(names), err)
			}
			none, err := collect(client.Users(t.Context(), 2))
			if err != nil || none != nil {
				t.Errorf("%v, %v", none, err)
			}
		})
	}
}

// That 100 are allowed is not written on user/list's own page.
func TestAPageThatIsTooLargeIsAskedForInSmallerOnes(t *testing.T) {
	t.Parallel()
	for most, calls := range map[int64]int{
		100: 3, 99: 1 + 5, 50: 1 + 5, 20: 3 + 21, 12: 3 + 21,
		11: 4, // given up: nobody allows so few
	} {
		few := acme
		few.most = most
		for way, path := range map[string]string{"newer": "/topapi/v2/user/list", "frozen": "/user/listbypage"} {
			t.Run(fmt.Sprint(way, " ", most), func(t *testing.T) {
				t.Parallel()
				f := newFake(t, few.script(t))
				client := f.client()
				client.Legacy = way == "frozen"
				everybody := client.Users(t.Context(), 3)
				for walk := 1; walk <= 2; walk++ { // the second begins anew
					users, err := collect(everybody)
					switch {
					case most < 12:
						classed(t, err, dingtalk.Bug, login.Internal)
					case err != nil || len(users) != 250 || users[249].UserID != "p249":
						t.Errorf("%d users, %v", len(users), err)
					}
					if n := len(f.requests(path)); n != walk*calls {
						t.Errorf("%d calls after %d walks, want %d each", n, walk, calls)
					}
				}
			})
		}
	}
}

func TestTheTreeHasEveryDepartmentOnceAfterItsParent(t *testing.T) {
	t.Parallel()
	for way, client := range ways(t, acme) {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			all, err := collect(client.DepartmentTree(t.Context(), dingtalk.RootDepartment))
			if err != nil {
				t.Fatal(err)
			}
			met := map[int64]bool{0: true}
			for _, department := range all {
				if met[department.ID] || !met[department.ParentID] {
					t.Errorf("%d below %d comes too early or again", department.ID, department.ParentID)
				}
				met[department.ID] = true
			}
			if len(all) != 4 {
				t.Errorf("%d departments", len(all))
			}
		})
	}
}

func TestEveryoneIsMetOnce(t *testing.T) {
	t.Parallel()
	for way, client := range ways(t, acme) {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			all, err := collect(client.Everyone(t.Context(), dingtalk.RootDepartment))
			met := map[string]bool{}
			for _, user := range all {
				if met[user.UserID] {
					t.Errorf("%s again", user.UserID)
				}
				met[user.UserID] = true
			}
			if err != nil || len(all) != 250 {
				t.Errorf("%d people, %v", len(all), err)
			}
		})
	}
}

func TestAnIteratorEndsWhereItsReaderDoes(t *testing.T) {
	t.Parallel()
	f := newFake(t, acme.script(t))
	for range f.client().Users(t.Context(), 3) {
		break
	}
	for range f.client().Everyone(t.Context(), 1) {
		break
	}
	for range f.client().DepartmentTree(t.Context(), 1) {
		break
	}
	if n := len(f.requests("/topapi/v2/user/list")); n != 2 {
		t.Errorf("%d pages for two people", n)
	}
}

func TestAListThatIsNotInOrderIsAnError(t *testing.T) {
	t.Parallel()
	const path = "/topapi/v2/user/list"
	for name, tc := range map[string]struct {
		legacy bool
		path   string
		answer http.HandlerFunc
		code   login.Code
		items  int
	}{
		"a cursor that stands still": {false, path, says(200, `{"errcode":0,"result":{"has_more":true,"next_cursor":0,"list":[{"userid":"p0"}]}}`), login.ProviderAnswer, 1},
		"more without a cursor":      {false, path, says(200, `{"errcode":0,"result":{"has_more":true,"list":[]}}`), login.ProviderAnswer, 0},
		"more, frozen, and nobody":   {true, "/user/listbypage", says(200, `{"errcode":0,"hasMore":true,"userlist":[]}`), login.ProviderAnswer, 0},
		"nobody's record":            {false, path, says(200, `{"errcode":0,"result":{"list":[{"name":"x"}]}}`), login.ProviderAnswer, 0},
		"a record that is none":      {false, path, says(200, `{"errcode":0,"result":{"list":[{"userid":"p0"},{"userid":"p1","active":"?"}]}}`), login.ProviderAnswer, 0},
		"no result":                  {false, path, says(200, `{"errcode":0}`), login.ProviderAnswer, 0},
		"outside the scope":          {false, path, oldError(50004), login.PermissionMissing, 0},
		"no permission":              {false, path, oldError(60011), login.PermissionMissing, 0},
		"cannot be listed":           {false, path, oldError(60019), login.ProviderAnswer, 0},
		"bad cursor":                 {false, path, oldError(40068), login.Internal, 0},
		"a later page is refused":    {false, path, inTurn(says(200, `{"errcode":0,"result":{"has_more":true,"next_cursor":1,"list":[{"userid":"p0"}]}}`), oldError(60003)), login.ProviderAnswer, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newFake(t, map[string]http.HandlerFunc{tc.path: tc.answer}).client()
			c.Legacy = tc.legacy
			got, err := collect(c.Users(t.Context(), 3))
			if login.CodeOf(err) != tc.code || len(got) != tc.items {
				t.Errorf("%d people, %v", len(got), err)
			}
		})
	}
}

func TestADepartmentIsReadWhole(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{
		"/topapi/v2/department/get": says(200, `{"errcode":0,"result":{"dept_id":88001,"name":"研发","parent_id":1,"source_identifier":"hr-7","create_dept_group":true,
			"auto_add_user":"true","tags":"grade","union_dept_ext":{"dept_id":"5","corp_id":"ding0c2d"},"from_union_org":true,"order":176200000000000001,"dept_group_chat_id":"chat1","group_contain_sub_dept":true,
			"org_dept_owner":"li02","dept_manager_userid_list":["zhang01"],"outer_dept":true,"outer_permit_depts":[2],"outer_permit_users":["w1"],
			"user_permits":["w2"],"dept_permits":["3"],"hide_dept":true,"auto_approve_apply":true,"code":"RD","member_count":5,"brief":"b"}}`),
		"/department/get": says(200, `{"errcode":0,"id":88001,"name":"研发","order":10,"parentid":1,"createDeptGroup":true,"autoAddUser":true,"deptHiding":true,
			"deptManagerUseridList":"zhang01|li02","sourceIdentifier":"hr-7","outerDept":false,"groupContainSubDept":false,"userPermits":"w2","orgDeptOwner":"li02",
			"deptPermits":"3|4","outerPermitUsers":"w1|w3","outerPermitDepts":"2","deptGroupChatId":"chat1"}`),
	})
	c := f.client()
	got, err := c.Department(t.Context(), 88001)
	want := dingtalk.Department{ID: 88001, ParentID: 1, Name: "研发", SourceID: "hr-7", HasGroup: true, AutoJoin: true, MemberCount: 5, Order: 176200000000000001,
		Managers: []string{"zhang01"}, GroupChatID: "chat1", GroupOwner: "li02", GroupHasSubs: true, Code: "RD", Brief: "b", Hidden: true, PermittedUsers: []string{"w2"},
		PermittedDepts: []int64{3}, Outer: true, OuterUsers: []string{"w1"}, OuterDepts: []int64{2}, AutoApproveJoin: true,
		FromUnionOrg: true, Union: dingtalk.UnionDept{ID: 5, CorpID: "ding0c2d"}, Tags: []string{"grade"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("department = %+v, %v\nwant %+v", got, err, want)
	}
	c.Legacy = true
	got, err = c.Department(t.Context(), 88001)
	want = dingtalk.Department{ID: 88001, ParentID: 1, Name: "研发", SourceID: "hr-7", HasGroup: true, AutoJoin: true, Order: 10, Hidden: true,
		Managers: []string{"zhang01", "li02"}, GroupOwner: "li02", PermittedUsers: []string{"w2"}, PermittedDepts: []int64{3, 4},
		OuterUsers: []string{"w1", "w3"}, OuterDepts: []int64{2}, GroupChatID: "chat1"}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("frozen = %+v, %v\nwant %+v", got, err, want)
	}
}

// The short calls: what is sent, and what comes back.
func TestTheShortCallsOfTheDirectory(t *testing.T) {
	t.Parallel()
	const token = "access_token=" + appToken
	for _, tc := range []struct {
		legacy bool
		sent   string // method, path, query, body
		answer string
		ask    func(*dingtalk.Client) (any, error)
		want   any
	}{
		{false, `POST /topapi/v2/department/listsubid ` + token + ` {"dept_id":1}`, `{"errcode":0,"result":{"dept_id_list":[2,"3"]}}`,
			func(c *dingtalk.Client) (any, error) { return c.DepartmentIDs(t.Context(), 1) }, []int64{2, 3}},
		{true, `GET /department/list_ids ` + token + `&id=1 `, `{"errcode":0,"sub_dept_id_list":[2,3]}`,
			func(c *dingtalk.Client) (any, error) { return c.DepartmentIDs(t.Context(), 1) }, []int64{2, 3}},
		{false, `POST /topapi/v2/department/listparentbydept ` + token + ` {"dept_id":4}`, `{"errcode":0,"result":{"parent_id_list":[4,2,1]}}`,
			func(c *dingtalk.Client) (any, error) { return c.DepartmentPath(t.Context(), 4) }, []int64{4, 2, 1}},
		{false, `POST /topapi/v2/department/listparentbyuser ` + token + ` {"userid":"zhang01"}`, `{"errcode":0,"result":{"parent_list":[{"parent_dept_id_list":[4,2,1]},{"parent_dept_id_list":[3,1]}]}}`,
			func(c *dingtalk.Client) (any, error) { return c.UserPaths(t.Context(), "zhang01") }, [][]int64{{4, 2, 1}, {3, 1}}},
		{false, `POST /topapi/user/listid ` + token + ` {"dept_id":3}`, `{"errcode":0,"result":{"userid_list":["zhang01","7"]}}`,
			func(c *dingtalk.Client) (any, error) { return c.UserIDs(t.Context(), 3) }, []string{"zhang01", "7"}},
		{true, `GET /user/getDeptMember ` + token + `&deptId=3 `, `{"errcode":0,"userIds":["zhang01"]}`,
			func(c *dingtalk.Client) (any, error) { return c.UserIDs(t.Context(), 3) }, []string{"zhang01"}},
		{false, `POST /topapi/user/count ` + token + ` {"only_active":true}`, `{"errcode":0,"result":{"count":"0"}}`,
			func(c *dingtalk.Client) (any, error) { return c.CountUsers(t.Context(), true) }, 0},
		{true, `GET /user/get_org_user_count ` + token + `&onlyActive=1 `, `{"errcode":0,"count":1200}`,
			func(c *dingtalk.Client) (any, error) { return c.CountUsers(t.Context(), true) }, 1200},
		{true, `GET /user/get_org_user_count ` + token + `&onlyActive=0 `, `{"errcode":0,"count":0}`,
			func(c *dingtalk.Client) (any, error) { return c.CountUsers(t.Context(), false) }, 0},
		{false, `POST /topapi/v2/user/getbymobile ` + token + ` {"mobile":"` + mobile + `"}`, `{"errcode":0,"result":{"userid":"zhang01","exclusive_account_userid_list":["e1"]}}`,
			func(c *dingtalk.Client) (any, error) {
				userID, enterprise, err := c.UserIDsByMobile(t.Context(), mobile)
				return append([]string{userID}, enterprise...), err
			}, []string{"zhang01", "e1"}},
		{false, `POST /topapi/user/listadmin ` + token + ` {}`, `{"errcode":0,"result":[{"userid":"zhang01","sys_level":1},{"userid":"li02","sys_level":"2"}]}`,
			func(c *dingtalk.Client) (any, error) { return c.Admins(t.Context()) },
			[]dingtalk.Admin{{UserID: "zhang01", Level: dingtalk.MainAdmin}, {UserID: "li02", Level: dingtalk.SubAdmin}}},
		{false, `GET /auth/scopes ` + token + ` `, `{"errcode":0,"auth_user_field":["name"],"condition_field":[],"auth_org_scopes":{"authed_dept":[1],"authed_user":["zhang01"]}}`,
			func(c *dingtalk.Client) (any, error) { return c.Scopes(t.Context()) },
			dingtalk.Scopes{Departments: []int64{1}, UserIDs: []string{"zhang01"}, Fields: []string{"name"}}},
	} {
		method, rest, _ := strings.Cut(tc.sent, " ")
		path, _, _ := strings.Cut(rest, " ")
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, map[string]http.HandlerFunc{path: inTurn(says(200, tc.answer), says(200, `{"errcode":0}`), oldError(60011))})
			c := f.client()
			c.Legacy = tc.legacy
			got, err := tc.ask(c)
			if err != nil || !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got %v, %v; want %v", got, err, tc.want)
			}
			req := f.requests(path)[0]
			if sent := strings.Join([]string{req.method, req.path, req.query.Encode(), req.body}, " "); sent != tc.sent || req.method != method {
				t.Errorf("sent %q\nwant %q", sent, tc.sent)
			}
			if _, err := tc.ask(c); login.CodeOf(err) != login.ProviderAnswer {
				t.Errorf("an answer without a result: %v", err)
			}
			if _, err := tc.ask(c); login.CodeOf(err) != login.PermissionMissing {
				t.Errorf("no permission: %v", err)
			}
		})
	}
}

func TestANumberThatIsNobodysIsNoMember(t *testing.T) {
	t.Parallel()
	for errcode, want := range map[int]login.Code{60121: login.NotMember, 40104: login.ProviderAnswer} {
		f := newFake(t, map[string]http.HandlerFunc{"/topapi/v2/user/getbymobile": oldError(errcode)})
		_, _, err := f.client().UserIDsByMobile(t.Context(), mobile)
		if login.CodeOf(err) != want {
			t.Errorf("%d: %v", errcode, err)
		}
		cleanError(t, err)
	}
}
