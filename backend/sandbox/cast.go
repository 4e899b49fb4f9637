package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// Departments of the sandbox's company, for the phone's screen. 1 is the root.
func departmentName(id int64) string {
	for _, d := range departments {
		if d.id == id {
			return d.name
		}
	}
	return ""
}

// firstOrder has 18 digits: the live ones are beyond 2^53, and a client that
// reads them as floating point shows it here.
const firstOrder int64 = 176200000000000001

// cast is the list of people who always exist; the package comment says what
// each is there for.
func cast(corp string) []Person {
	inside, outside := []string{corp}, []string{OtherCorpID}
	list := []Person{
		{UserID: "zhang01", Name: "张三", Nick: "阿明", Title: "工程师", JobNumber: "A001", Departments: []int64{1, 88001}, Corps: inside, Note: "ordinary employee · 普通员工"},
		{UserID: "li02", Name: "李思", Nick: "Sissi", Title: "行政经理", JobNumber: "A002", Departments: []int64{88005}, Corps: inside, Admin: true, Note: "administrator · 管理员"},
		{UserID: "wang03", Name: "王武", Nick: "老王", Title: "顾问", Departments: []int64{}, Corps: inside, External: true, Note: "external contact · 外部联系人"},
		{UserID: "zhao04", Name: "赵柳", Nick: "柳柳", Title: "实习生", JobNumber: "A004", Departments: []int64{88002}, Corps: inside, Note: "never activated · 未激活"},
		{UserID: "qian05", Name: "钱琪", Nick: "Qi", Title: "财务", JobNumber: "A005", Departments: []int64{88004}, Corps: inside, Enterprise: corp, Disabled: true, Note: "disabled account · 已停用"},
		{UserID: "sun06", Name: "孙坝", Nick: "大坝", Title: "销售", JobNumber: "A006", Departments: []int64{88003}, Corps: inside, Blocked: true, Note: "disabled, 60120 · 已禁用"},
		{UserID: "zhou07", Name: "周玖", Nick: "Zoe", Title: "设计师", Departments: []int64{1}, Corps: outside, Left: true, Note: "another company · 其他企业"},
		{UserID: "wu08", Name: "吴诗", Nick: "诗", Departments: []int64{}, Left: true, Note: "personal account · 个人账号"},
		{UserID: "zheng09", Name: "郑两", Nick: "两两", Title: "产品经理", JobNumber: "A009", Departments: []int64{88002}, Corps: []string{corp, OtherCorpID}, Note: "two companies · 两家企业"},
		{UserID: "aygul10", Name: "阿依古丽·买买提江", Nick: "Aygül", Departments: []int64{88006}, Corps: inside, Note: "long name · 长姓名"},
		{UserID: "chen11", Name: "陈离", Nick: "Leo", Title: "工程师", Departments: []int64{1}, Corps: inside, Left: true, Note: "left the company · 已离职"},
	}
	for i := range list {
		p := &list[i]
		p.Active = p.UserID != "zhao04"
		p.UnionID, p.OpenID = scramble("union "+p.UserID)+unionSuffix, scramble("open "+p.UserID)
		p.Order = firstOrder + int64(i)
		if p.UserID == "aygul10" {
			continue // nothing optional: each of these may be absent
		}
		p.Mobile, p.StateCode = fmt.Sprintf("138000000%02d", i), "86"
		p.Email, p.OrgEmail = p.UserID+"@example.com", p.UserID+"@corp.example"
	}
	list[0].Avatar = "https://static-legacy.dingtalk.com/media/sandbox-no-such-picture.jpg"
	list[0].Manager = "li02"
	return list
}

// scramble makes a stable id that gives nothing away.
func scramble(text string) string {
	sum := sha256.Sum256([]byte("dingpass sandbox " + text))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
