package dingtalk_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// The paths of the calls that DingTalk froze.
const (
	oldMemberPath  = "/user/getUseridByUnionid"
	oldUserPath    = "/user/get"
	oldVisitorPath = "/user/getuserinfo"
	oldDeptsPath   = "/department/list"
)

const (
	goodOldMember = `{"errcode":0,"errmsg":"ok","contactType":0,"userid":"zhang01"}`
	goodOldUser   = `{"errcode":0,"errmsg":"ok","userid":"zhang01","unionid":"uXyZ34iEiE","name":"张三","tel":"010-1","workPlace":"杭州","remark":"r",
		"mobile":"` + mobile + `","stateCode":"86","email":"z@example.com","orgEmail":"z@corp.example","active":true,"orderInDepts":"{1:176200000000000001,88001:-5}",
		"isAdmin":true,"isBoss":false,"isLeaderInDepts":"{1:false,88001:true}","isHide":true,"department":[1,88001],"position":"工程师","avatar":"",
		"hiredDate":1597573616828,"jobnumber":"A007","extattr":{"爱好":"跑步","x":{}},"isSenior":true,"realAuthed":true,"managerUserid":"li02","tags":{},
		"roles":[{"id":1507,"name":"财务","groupName":"职务","type":101}],"exclusiveAccount":false}`
	goodOldVisitor = `{"errcode":0,"errmsg":"ok","userid":"zhang01","name":"张三","deviceId":"e1f2","is_sys":true,"sys_level":1}`
)

func newLegacy(t *testing.T, script map[string]http.HandlerFunc) (*fake, *dingtalk.Client) {
	t.Helper()
	f := newFake(t, script)
	for path, answer := range map[string]string{oldMemberPath: goodOldMember, oldUserPath: goodOldUser, oldVisitorPath: goodOldVisitor} {
		if _, ok := f.script[path]; !ok {
			f.script[path] = says(200, answer)
		}
	}
	c := f.client()
	c.Legacy = true
	return f, c
}

func TestTheFrozenRecordIsTheSameUser(t *testing.T) {
	t.Parallel()
	f, c := newLegacy(t, nil)
	got, err := c.User(t.Context(), "zhang01")
	if err != nil {
		t.Fatal(err)
	}
	want := dingtalk.User{
		UserID: "zhang01", UnionID: "uXyZ34iEiE", Name: "张三", Mobile: mobile, State: "86", Telephone: "010-1",
		Email: "z@example.com", OrgEmail: "z@corp.example", JobNumber: "A007", Title: "工程师", WorkPlace: "杭州", Remark: "r", ManagerID: "li02",
		Extra: map[string]string{"爱好": "跑步", "x": ""}, Departments: []int64{1, 88001},
		Orders:  []dingtalk.DeptOrder{{DeptID: 1, Order: 176200000000000001}, {DeptID: 88001, Order: -5}},
		Leads:   []int64{88001},
		Roles:   []dingtalk.Role{{ID: 1507, Name: "财务", Group: "职务"}},
		HiredAt: time.Date(2020, 8, 16, 10, 26, 56, 828_000_000, time.UTC),
		Active:  true, Admin: true, Senior: true, RealAuthed: true, HideMobile: true,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("user = %+v\nwant   %+v", got, want)
	}
	req := f.requests(oldUserPath)[0]
	if req.method != http.MethodGet || req.query.Encode() != "access_token="+appToken+"&userid=zhang01" || req.body != "" {
		t.Errorf("request = %s %v", req.method, req.query)
	}
}

func TestMapsByDepartmentAreReadHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, written := range []string{`"{88001:7}"`, `"{ 88001 : 7 }"`, `"{\"88001\":7}"`, `{"88001": 7}`, `"{x:1,88001:7}"`} {
		_, c := newLegacy(t, map[string]http.HandlerFunc{oldUserPath: says(200, `{"errcode":0,"userid":"zhang01","orderInDepts":`+written+`}`)})
		got, err := c.User(t.Context(), "zhang01")
		if err != nil || !reflect.DeepEqual(got.Orders, []dingtalk.DeptOrder{{DeptID: 88001, Order: 7}}) {
			t.Errorf("%s became %v, %v", written, got.Orders, err)
		}
	}
}

// All departments of a large company are too much for one answer.
func TestALargeFrozenTreeIsReadDepartmentByDepartment(t *testing.T) {
	t.Parallel()
	script := acme.script(t)
	small := script[oldDeptsPath]
	script[oldDeptsPath] = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("fetch_child") == "true" {
			says(200, `{"errcode":0,"department":[`+acme.list(1)+strings.Repeat(" ", 1<<20)+`]}`)(w, r)
			return
		}
		small(w, r)
	}
	f := newFake(t, script)
	c := f.client()
	c.Legacy = true
	var ids []int64
	for department, err := range c.DepartmentTree(t.Context(), dingtalk.RootDepartment) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, department.ID)
	}
	if slices.Sort(ids); !slices.Equal(ids, []int64{1, 2, 3, 4}) {
		t.Errorf("departments %v", ids)
	}
	if n := len(f.requests(oldDeptsPath)); n != 5 { // the large one, and one for each department
		t.Errorf("%d calls", n)
	}
}

func TestAScanGoesThroughTheFrozenCallsToo(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		member, user string
		code         login.Code
	}{
		"an employee":         {goodOldMember, goodOldUser, ""},
		"no member":           {`{"errcode":60121}`, goodOldUser, login.NotMember},
		"an external contact": {`{"errcode":0,"contactType":1,"userid":"zhang01"}`, goodOldUser, login.ExternalContact},
		"not activated":       {goodOldMember, `{"errcode":0,"userid":"zhang01","unionid":"uXyZ34iEiE","active":false}`, login.InactiveAccount},
		"another's record":    {goodOldMember, `{"errcode":0,"userid":"li02","active":true}`, login.ProviderAnswer},
		"nothing but ok":      {`{"errcode":0}`, goodOldUser, login.ProviderAnswer},
		"a newer answer":      {`{"errcode":0,"result":{"userid":"zhang01"}}`, goodOldUser, login.ProviderAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, c := newLegacy(t, map[string]http.HandlerFunc{oldMemberPath: says(200, tc.member), oldUserPath: says(200, tc.user)})
			who, err := c.Identify(t.Context(), secret.New(oneTimeCode), nil)
			if login.CodeOf(err) != tc.code {
				t.Errorf("err = %v", err)
			}
			if err == nil && (who.Name != "张三" || who.JobNo != "A007" || who.Title != "工程师") {
				t.Errorf("identity = %+v", who)
			}
			if n := len(f.requests(memberPath)) + len(f.requests(userPath)); n != 0 {
				t.Errorf("%d newer calls", n)
			}
		})
	}
}
