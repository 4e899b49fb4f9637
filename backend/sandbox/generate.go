package sandbox

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// generator makes the same people from the same seed, each from their number
// alone.
type generator struct {
	seed   uint64
	count  int
	corp   string
	unions numbering
}

func newGenerator(seed uint64, count int, corp string) generator {
	return generator{seed: seed, count: count, corp: corp, unions: newNumbering(seed)}
}

func (g generator) userID(i int) string { return fmt.Sprintf("user%06d", i+1) }

func jobNumber(i int) string { return fmt.Sprintf("B%05d", i+1) }

// index is the inverse of userID.
func (g generator) index(userID string) (int, bool) {
	var n int
	if _, err := fmt.Sscanf(userID, "user%d", &n); err != nil || n < 1 || n > g.count || g.userID(n-1) != userID {
		return 0, false
	}
	return n - 1, true
}

type syllable struct{ han, latin string }

var surnames = []syllable{
	{"王", "Wang"}, {"李", "Li"}, {"张", "Zhang"}, {"刘", "Liu"}, {"陈", "Chen"}, {"杨", "Yang"}, {"黄", "Huang"}, {"赵", "Zhao"},
	{"吴", "Wu"}, {"周", "Zhou"}, {"徐", "Xu"}, {"孙", "Sun"}, {"马", "Ma"}, {"朱", "Zhu"}, {"胡", "Hu"}, {"郭", "Guo"},
	{"何", "He"}, {"林", "Lin"}, {"高", "Gao"}, {"罗", "Luo"}, {"郑", "Zheng"}, {"梁", "Liang"}, {"谢", "Xie"}, {"宋", "Song"},
	{"唐", "Tang"}, {"许", "Xu"}, {"韩", "Han"}, {"冯", "Feng"}, {"邓", "Deng"}, {"曹", "Cao"}, {"欧阳", "Ouyang"}, {"司马", "Sima"},
}

var given = []syllable{
	{"伟", "wei"}, {"芳", "fang"}, {"娜", "na"}, {"敏", "min"}, {"静", "jing"}, {"丽", "li"}, {"强", "qiang"}, {"磊", "lei"},
	{"洋", "yang"}, {"艳", "yan"}, {"勇", "yong"}, {"杰", "jie"}, {"娟", "juan"}, {"涛", "tao"}, {"明", "ming"}, {"超", "chao"},
	{"秀", "xiu"}, {"霞", "xia"}, {"平", "ping"}, {"刚", "gang"}, {"桂", "gui"}, {"雨", "yu"}, {"泽", "ze"}, {"子", "zi"},
	{"涵", "han"}, {"轩", "xuan"}, {"梓", "zi"}, {"宇", "yu"}, {"浩", "hao"}, {"然", "ran"}, {"思", "si"}, {"嘉", "jia"},
	{"怡", "yi"}, {"晨", "chen"}, {"欣", "xin"}, {"佳", "jia"}, {"琪", "qi"}, {"瑞", "rui"}, {"诗", "shi"}, {"墨", "mo"},
}

type department struct {
	id            int64
	name, english string
	titles        []string
}

// departments are the root and the divisions.
var departments = []department{
	{1, "钉行科技（沙盒）", "Dingxing Technology (sandbox)", nil},
	{88001, "工程部", "Engineering", []string{"工程师", "高级工程师", "测试工程师", "架构师"}},
	{88002, "产品部", "Product", []string{"产品经理", "设计师", "用户研究员"}},
	{88003, "销售部", "Sales", []string{"销售", "客户经理", "大区经理"}},
	{88004, "财务部", "Finance", []string{"会计", "出纳", "财务经理"}},
	{88005, "行政部", "Administration", []string{"行政专员", "前台", "人事专员"}},
	{88006, "客户服务部", "Customer service", []string{"客服", "客服主管"}},
	{88007, "仓储物流部", "Warehouse and logistics", []string{"仓管员", "物流专员", "司机"}},
}

// person makes the i-th person, counted from 0.
func (g generator) person(i int) Person {
	r, name, latin, family, first := g.naming(i)
	homes := g.homes(i)
	p := Person{
		UserID: g.userID(i), Name: name, Nick: nick(r, family, first, latin),
		UnionID: g.unions.id(uint64(i)), //nolint:gosec // i counts from 0
		OpenID:  scramble(fmt.Sprintf("open %d %d", g.seed, i)),
		Mobile:  mobile(i), StateCode: "86",
		JobNumber: jobNumber(i), Title: pick(r, g.division(homes[0]).titles),
		Departments: homes, Order: firstOrder + 1000 + int64(i),
		Corps: []string{g.corp}, Active: true, Manager: "li02",
	}
	if r.IntN(5) > 0 { // some have no address
		p.Email = fmt.Sprintf("%s.%s%d@example.com", strings.ToLower(family.latin), latin, i+1)
	}
	return p
}

// naming gives the i-th person's name, and the randomness that the rest of them
// is made of.
func (g generator) naming(i int) (r *rand.Rand, name, latin string, family, first syllable) {
	r = rand.New(rand.NewPCG(g.seed, uint64(i))) //nolint:gosec // invented people need a seed, not secrecy
	family, first = pick(r, surnames), pick(r, given)
	name, latin = family.han+first.han, first.latin
	if r.IntN(4) > 0 {
		second := pick(r, given)
		name, latin = name+second.han, latin+second.latin
	}
	return r, name, latin, family, first
}

// mobile is the i-th person's number, and mobileIndex its inverse.
func mobile(i int) string { return fmt.Sprintf("139%08d", i) }

func (g generator) mobileIndex(number string) (int, bool) {
	i, err := strconv.Atoi(strings.TrimPrefix(number, "139"))
	return i, err == nil && i >= 0 && i < g.count && mobile(i) == number
}

// nick is a name people give themselves: not the company's, and often in Latin
// letters.
func nick(r *rand.Rand, family, first syllable, latin string) string {
	switch r.IntN(3) {
	case 0:
		return "阿" + first.han
	case 1:
		return "小" + first.han
	}
	return strings.ToUpper(latin[:1]) + latin[1:] + " " + family.latin
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }
