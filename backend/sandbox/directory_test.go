package sandbox_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/sandbox"
)

const (
	listSubPath = "/topapi/v2/department/listsub"
	deptPath    = "/topapi/v2/department/get"
	listPath    = "/topapi/v2/user/list"
	simplePath  = "/topapi/user/listsimple"
	listIDPath  = "/topapi/user/listid"
)

// result calls the old API and decodes what is in "result".
func result[T any](k *kit, path string, body map[string]any) T {
	k.t.Helper()
	var answer struct {
		ErrCode int `json:"errcode"`
		Result  T   `json:"result"`
	}
	text := k.post(path+"?access_token="+k.appToken(), body).body
	if err := json.Unmarshal([]byte(text), &answer); err != nil || answer.ErrCode != 0 {
		k.t.Fatalf("%s %v: %v %s", path, body, err, text)
	}
	return answer.Result
}

type deptItem struct {
	ID     int64  `json:"dept_id"`
	Name   string `json:"name"`
	Parent int64  `json:"parent_id"`
}

type page struct {
	More bool             `json:"has_more"`
	Next *int64           `json:"next_cursor"`
	List []map[string]any `json:"list"`
}

// walk visits every department, and returns how often each person was listed.
func (k *kit) walk(size int) (depts int, people map[string]int) {
	k.t.Helper()
	people = map[string]int{}
	for queue := []int64{1}; len(queue) > 0; queue = queue[1:] {
		depts++
		for _, d := range result[[]deptItem](k, listSubPath, map[string]any{"dept_id": queue[0]}) {
			if d.Parent != queue[0] {
				k.t.Fatalf("%d is below %d, and says %d", d.ID, queue[0], d.Parent)
			}
			queue = append(queue, d.ID)
		}
		for cursor, more := int64(0), true; more; {
			p := result[page](k, listPath, map[string]any{"dept_id": queue[0], "cursor": cursor, "size": size})
			if more = p.More; more {
				cursor = *p.Next
			} else if p.Next != nil {
				k.t.Fatal("the last page has a next_cursor")
			}
			for _, item := range p.List {
				people[item["userid"].(string)]++
			}
		}
	}
	return depts, people
}

func TestWalkingTheTreeFindsEveryMember(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{0, 1, 7919} {
		k := start(t, func(o *sandbox.Options) { o.People, o.Seed = 300, seed })
		depts, people := k.walk(7)
		if depts != 1+7+25 {
			t.Errorf("seed %d: %d departments", seed, depts)
		}
		// of the eleven named, four are no members of any department
		if count := result[map[string]int](k, "/topapi/user/count", map[string]any{"only_active": false})["count"]; len(people) != 307 || count != 307 {
			t.Errorf("seed %d: %d people found, %d counted", seed, len(people), count)
		}
		for userID, times := range people {
			p, err := k.Person(userID)
			if err != nil || times != len(p.Departments) {
				t.Errorf("seed %d: %s is listed %d times, and sits in %v", seed, userID, times, p.Departments)
			}
		}
		if active := result[map[string]int](k, "/topapi/user/count", map[string]any{"only_active": true})["count"]; active != 306 {
			t.Errorf("seed %d: %d active", seed, active)
		}
	}
}

// Nobody is made before they are asked for: a company of a billion people
// starts, and answers a page, like one of a hundred.
func TestTheNumberOfPeopleCostsNothing(t *testing.T) {
	t.Parallel()
	k := start(t, func(o *sandbox.Options) { o.People = 1_000_000_000 })
	got := result[page](k, listPath, map[string]any{"dept_id": 90001 + 70_000_000, "cursor": 0, "size": 100})
	if len(got.List) < 12 || got.More {
		t.Errorf("a team of %d", len(got.List))
	}
	way := result[map[string][]int64](k, "/topapi/v2/department/listparentbydept", map[string]any{"dept_id": 90001 + 70_000_000})["parent_id_list"]
	if way[0] != 90001+70_000_000 || way[len(way)-1] != 1 || len(way) < 5 {
		t.Errorf("the way up: %v", way)
	}
	if count := result[map[string]int](k, "/topapi/user/count", map[string]any{"only_active": false})["count"]; count != 1_000_000_007 {
		t.Errorf("count %d", count)
	}
	found := result[map[string]any](k, "/topapi/v2/user/getbymobile", map[string]any{"mobile": "13900099999"})
	if found["userid"] != "user100000" {
		t.Errorf("getbymobile: %v", found)
	}
}

func TestAPageOfPeople(t *testing.T) {
	t.Parallel()
	k := start(t)
	list := result[page](k, listPath, map[string]any{"dept_id": "88001", "cursor": "0", "size": 1, "order_field": "custom"})
	first := list.List[0]
	if !list.More || *list.Next != 1 || first["userid"] != "zhang01" || first["dept_order"] == nil || first["leader"] != false {
		t.Errorf("page: %+v", list)
	}
	if first["dept_order_list"] != nil || first["leader_in_dept"] != nil {
		t.Errorf("an item has the record's lists: %v", first)
	}
	if led := result[page](k, listPath, map[string]any{"dept_id": 88005, "cursor": 0, "size": 100}).List[0]; led["userid"] != "li02" || led["leader"] != true {
		t.Errorf("the manager: %v", led)
	}
	forward := result[page](k, simplePath, map[string]any{"dept_id": 88001, "cursor": 0, "size": 100, "order_field": "entry_asc"}).List
	backward := result[page](k, simplePath, map[string]any{"dept_id": 88001, "cursor": 0, "size": 100, "order_field": "entry_desc"}).List
	if len(forward[0]) != 2 || forward[0]["userid"] != backward[len(backward)-1]["userid"] {
		t.Errorf("orders: %v %v", forward, backward)
	}
	ids := result[map[string][]string](k, listIDPath, map[string]any{"dept_id": 88001})["userid_list"]
	if len(ids) != len(forward) || ids[0] != "zhang01" {
		t.Errorf("listid: %v", ids)
	}
}

func TestDepartments(t *testing.T) {
	t.Parallel()
	k := start(t)
	below := result[[]deptItem](k, listSubPath, map[string]any{})
	if len(below) != 7 || below[0].Name != "工程部" || below[0].Parent != 1 {
		t.Errorf("listsub: %v", below)
	}
	if english := result[[]deptItem](k, listSubPath, map[string]any{"language": "en_US"}); english[0].Name != "Engineering" {
		t.Errorf("in English: %v", english[0])
	}
	ids := result[map[string][]int64](k, "/topapi/v2/department/listsubid", map[string]any{"dept_id": 1})["dept_id_list"]
	if len(ids) != 7 || ids[0] != 88001 {
		t.Errorf("listsubid: %v", ids)
	}
	d := result[map[string]any](k, deptPath, map[string]any{"dept_id": 88005})
	if managers, _ := d["dept_manager_userid_list"].([]any); d["parent_id"] != 1.0 || len(managers) != 1 || managers[0] != "li02" {
		t.Errorf("get: %v", d)
	}
	if root := result[map[string]any](k, deptPath, map[string]any{"dept_id": 1}); root["parent_id"] != nil {
		t.Errorf("the root: %v", root)
	}
	ways := result[map[string][]map[string][]int64](k, "/topapi/v2/department/listparentbyuser", map[string]any{"userid": "zhang01"})["parent_list"]
	if len(ways) != 2 || !slices.Equal(ways[1]["parent_dept_id_list"], []int64{88001, 1}) {
		t.Errorf("listparentbyuser: %v", ways)
	}
	admins := result[[]map[string]any](k, "/topapi/user/listadmin", map[string]any{})
	if len(admins) != 1 || admins[0]["userid"] != "li02" || admins[0]["sys_level"] != 1.0 {
		t.Errorf("listadmin: %v", admins)
	}
}

func TestTheDirectoryRefuses(t *testing.T) {
	t.Parallel()
	k := start(t)
	app := k.appToken()
	for name, c := range map[string]struct {
		path string
		body map[string]any
		code float64
	}{
		"a department that is not there":  {deptPath, map[string]any{"dept_id": 5}, 60003},
		"no department":                   {deptPath, map[string]any{}, 400002},
		"a department in words":           {listSubPath, map[string]any{"dept_id": "one"}, 400002},
		"a language of nobody's":          {listSubPath, map[string]any{"language": "fr_FR"}, 400002},
		"people of no department":         {listPath, map[string]any{"dept_id": 5, "cursor": 0, "size": 10}, 60003},
		"no cursor":                       {listPath, map[string]any{"dept_id": 1, "size": 10}, 400002},
		"a cursor below zero":             {listPath, map[string]any{"dept_id": 1, "cursor": -1, "size": 10}, 40068},
		"a page of more than a hundred":   {simplePath, map[string]any{"dept_id": 1, "cursor": 0, "size": 101}, 40069},
		"an order of nobody's":            {simplePath, map[string]any{"dept_id": 1, "cursor": 0, "size": 9, "order_field": "name"}, 400002},
		"a mobile that is none":           {"/topapi/v2/user/getbymobile", map[string]any{"mobile": "x"}, 40104},
		"a mobile of nobody's":            {"/topapi/v2/user/getbymobile", map[string]any{"mobile": "13700000000"}, 60121},
		"a count of neither":              {"/topapi/user/count", map[string]any{}, 400002},
		"the way up of a person unknown":  {"/topapi/v2/department/listparentbyuser", map[string]any{"userid": "nobody"}, 60121},
		"the people of a removed address": {listIDPath, map[string]any{"dept_id": 99999999}, 60003},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			isTopError(t, k.in(t).top(c.path, app, c.body), c.code, "")
		})
	}
}

func TestEachDirectoryCallNeedsItsPermission(t *testing.T) {
	t.Parallel()
	k := start(t)
	app := k.appToken()
	all := k.Settings().Permissions
	for path, permission := range map[string]string{
		listSubPath: sandbox.PermitDepts, deptPath: sandbox.PermitDepts,
		listPath: sandbox.PermitDeptMember, simplePath: sandbox.PermitDeptMember,
		listIDPath: sandbox.PermitMember, "/topapi/user/count": sandbox.PermitMember,
		"/topapi/v2/user/getbymobile": sandbox.PermitByMobile,
	} {
		k.change(func(s *sandbox.Settings) {
			s.Permissions = slices.DeleteFunc(slices.Clone(all), func(p string) bool { return p == permission })
		})
		isTopError(t, k.top(path, app, map[string]any{}), 88, "60011")
	}
}

func TestTheContactScopeHasWhatIsBelowIt(t *testing.T) {
	t.Parallel()
	k := start(t, func(o *sandbox.Options) { o.People = 120 }) // ten teams; 90001 is below 88001
	k.change(func(s *sandbox.Settings) { s.ContactScope = []int64{88001} })
	app := k.appToken()
	for dept, code := range map[int64]float64{1: 50004, 88002: 50004, 88001: 0, 90001: 0, 90002: 50004} {
		for _, path := range []string{listSubPath, deptPath} {
			if got := k.top(path, app, map[string]any{"dept_id": dept}); got["errcode"] != code {
				t.Errorf("%s %d: %v", path, dept, got)
			}
		}
		if got := k.top(listPath, app, map[string]any{"dept_id": dept, "cursor": 0, "size": 10}); got["errcode"] != code {
			t.Errorf("people of %d: %v", dept, got)
		}
	}
	if got := k.top("/topapi/v2/department/listsubid", app, map[string]any{"dept_id": 1}); got["errcode"] != 0.0 {
		t.Errorf("listsubid is not limited: %v", got)
	}
	scopes, _ := k.flat("/auth/scopes")["auth_org_scopes"].(map[string]any)
	if depts, _ := scopes["authed_dept"].([]any); len(depts) != 1 || depts[0] != 88001.0 {
		t.Errorf("scopes: %v", scopes)
	}
	inside := map[string]bool{}
	for _, dept := range []int64{88001, 90001, 90008} {
		for _, userID := range result[map[string][]string](k, listIDPath, map[string]any{"dept_id": dept})["userid_list"] {
			inside[userID] = true
			if got := k.top(userPath, app, map[string]any{"userid": userID}); got["errcode"] != 0.0 {
				t.Errorf("%s: %v", userID, got)
			}
		}
	}
	if count := result[map[string]int](k, "/topapi/user/count", map[string]any{"only_active": false})["count"]; count != len(inside) {
		t.Errorf("counted %d of %d", count, len(inside))
	}
}

func TestPeopleMoveAndDepartmentsChange(t *testing.T) {
	t.Parallel()
	k := start(t)
	if res := k.control(http.MethodPost, "departments", `{"dept_id":77,"name":"新部门","parent_id":88001}`); res.status != http.StatusOK {
		t.Fatalf("add: %d %s", res.status, res.body)
	}
	if res := k.control(http.MethodPut, "people/user000001", `{"dept_id_list":[77]}`); res.status != http.StatusOK {
		t.Fatalf("move: %d %s", res.status, res.body)
	}
	if err := k.Remove("user000002"); err != nil {
		t.Fatal(err)
	}
	ids := result[map[string][]string](k, listIDPath, map[string]any{"dept_id": 77})["userid_list"]
	if !slices.Equal(ids, []string{"user000001"}) {
		t.Errorf("the new department has %v", ids)
	}
	_, people := k.walk(100)
	if people["user000001"] != 1 || people["user000002"] != 0 || len(people) != 20-1+7 {
		t.Errorf("walked: %v", people)
	}
	for _, bad := range []string{
		`{"dept_id":88001,"name":"x","parent_id":77}`, `{"dept_id":78,"name":"x","parent_id":5}`, `{"dept_id":0,"name":"x"}`, `{"dept_id":1,"name":"x","parent_id":88001}`,
	} {
		if res := k.control(http.MethodPost, "departments", bad); res.status != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, res.status)
		}
	}
	if res := k.control(http.MethodDelete, "departments/77", ""); res.status != http.StatusBadRequest {
		t.Errorf("remove with people in it: %d", res.status)
	}
	k.control(http.MethodPut, "people/user000001", `{"dept_id_list":[1]}`)
	if res := k.control(http.MethodDelete, "departments/77", ""); res.status != http.StatusNoContent {
		t.Errorf("remove: %d %s", res.status, res.body)
	}
	if res := k.control(http.MethodDelete, "departments/77", ""); res.status != http.StatusNotFound {
		t.Errorf("remove again: %d", res.status)
	}
	if list := k.control(http.MethodGet, "departments?parent=88001", "").body; strings.Contains(list, "新部门") {
		t.Errorf("still listed: %s", list)
	}
}

func TestTheLegacyDirectory(t *testing.T) {
	t.Parallel()
	k := start(t)
	direct, _ := k.flat("/department/list", "id", "1")["department"].([]any)
	all, _ := k.flat("/department/list", "fetch_child", "true", "lang", "en_US")["department"].([]any)
	if first, _ := direct[0].(map[string]any); len(direct) != 7 || first["id"] != 88001.0 || first["parentid"] != 1.0 || first["createDeptGroup"] != true {
		t.Errorf("department/list: %v", direct)
	}
	if last, _ := all[7].(map[string]any); len(all) != 8 || last["parentid"] != 88001.0 {
		t.Errorf("with children: %v", all)
	}
	if ids, _ := k.flat("/department/list_ids", "id", "1")["sub_dept_id_list"].([]any); len(ids) != 7 {
		t.Errorf("list_ids: %v", ids)
	}
	if d := k.flat("/department/get", "id", "88005"); d["name"] != "行政部" || d["deptManagerUseridList"] != "li02" || d["parentid"] != 1.0 {
		t.Errorf("department/get: %v", d)
	}
	members, _ := k.flat("/user/getDeptMember", "deptId", "88001")["userIds"].([]any)
	simple := k.flat("/user/simplelist", "department_id", "88001")
	if cards, _ := simple["userlist"].([]any); len(cards) != len(members) || simple["hasMore"] != false || members[0] != "zhang01" {
		t.Errorf("simplelist %v, getDeptMember %v", simple, members)
	}
	paged := k.flat("/user/listbypage", "department_id", "88001", "offset", "0", "size", "1", "order", "entry_asc")
	list, _ := paged["userlist"].([]any)
	if first, _ := list[0].(map[string]any); paged["hasMore"] != true || len(list) != 1 || first["jobnumber"] != "A001" || first["isLeader"] != false || first["orderInDepts"] != nil {
		t.Errorf("listbypage: %v", paged)
	}
	if got := k.flat("/user/get_org_user_count", "onlyActive", "1"); got["count"] != 26.0 {
		t.Errorf("count: %v", got)
	}
	isTopError(t, k.flat("/user/listbypage", "department_id", "88001", "size", "101"), 40069, "")
	isTopError(t, k.flat("/user/listbypage", "department_id", "88001", "offset", "-1", "size", "1"), 40068, "")
	isTopError(t, k.flat("/department/get", "id", "5"), 60003, "")
}

func TestTheNewSearch(t *testing.T) {
	t.Parallel()
	k := start(t, func(o *sandbox.Options) { o.People = 500 })
	search := func(what string, body map[string]any) reply {
		return k.post("/v1.0/contact/"+what+"/search", body, "x-acs-dingtalk-access-token", k.appToken())
	}
	got := search("users", map[string]any{"queryWord": "张三", "offset": 0, "size": 20, "fullMatchField": 1}).json(t)
	if list, _ := got["list"].([]any); got["totalCount"] != 1.0 || got["hasMore"] != false || list[0] != "zhang01" {
		t.Errorf("the whole name: %v", got)
	}
	var seen []any
	for offset := 0; ; offset += 5 {
		page := search("users", map[string]any{"queryWord": "张", "offset": offset, "size": 5}).json(t)
		list, _ := page["list"].([]any)
		if seen = append(seen, list...); page["hasMore"] != true {
			if page["totalCount"] != float64(len(seen)) || len(seen) < 5 {
				t.Errorf("%d found of %v", len(seen), page["totalCount"])
			}
			break
		}
	}
	if got := search("departments", map[string]any{"queryWord": "工程", "offset": 0, "size": 20}).json(t); got["totalCount"] != 1.0 {
		t.Errorf("departments: %v", got)
	}
	isRestError(t, search("users", map[string]any{"offset": 0, "size": 20}), 400, "MissingqueryWord")
	isRestError(t, k.post("/v1.0/contact/users/search", map[string]any{}), 400, "AuthenticationFailed.MissingParameter")
	isRestError(t, k.post("/v1.0/contact/users/search", map[string]any{}, "x-acs-dingtalk-access-token", "guess"), 400, "InvalidAuthentication")
	isRestError(t, k.post("/v1.0/contact/users/search", map[string]any{}, "x-acs-dingtalk-access-token", k.userToken("zhang01")), 403, "Forbidden.AccessDenied.AccessTokenPermissionDenied")
}

// Two of the cast once had one number, and which of them was found was chance.
func TestEachOfTheCastHasANumberOfTheirOwn(t *testing.T) {
	t.Parallel()
	k := start(t)
	owner := map[string]string{}
	for _, p := range k.People("", 0, 11) {
		if other, taken := owner[p.Mobile]; taken && p.Mobile != "" {
			t.Errorf("%s and %s have one number", p.UserID, other)
		}
		owner[p.Mobile] = p.UserID
	}
	if len(owner) != 11 { // all but aygul10's, which is none
		t.Errorf("%d numbers", len(owner))
	}
}
