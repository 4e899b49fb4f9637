package sandbox

import (
	"regexp"
	"slices"
)

// colleagues are the members in a department itself. External contacts and
// those who left are in none.
func (s *Sandbox) colleagues(dept int64) []Person {
	s.people.mu.RLock()
	list := s.people.inDept(dept)
	s.people.mu.RUnlock()
	return slices.DeleteFunc(list, func(p Person) bool { return p.External || !s.member(p) })
}

// leads says whether a person is a department's manager.
func (s *Sandbox) leads(userID string, dept int64) bool {
	d, err := s.Department(dept)
	return err == nil && slices.Contains(d.Managers, userID)
}

// portion is one page of a department's people.
type portion struct {
	people []Person
	next   int64 // 0: this is the last page
}

var orders = []string{"", "custom", "entry_asc", "entry_desc", "modify_asc", "modify_desc"}

// userPage reads cursor and size and cuts the page out of the department
// (contract 7.6). DingTalk is silent about the maximum size; its SDKs and a
// sister call say 100.
func (s *Sandbox) userPage(in arguments) (portion, *topError) {
	_, language := in.inEnglish("language")
	_, limited := in.flag("contain_access_limit")
	order, ordered := in.text("order_field")
	if !language || !limited || !ordered || !slices.Contains(orders, order) || in["cursor"] == nil || in["size"] == nil {
		return portion{}, errArgument
	}
	cursor, ok := in.number("cursor", 0)
	if !ok || cursor < 0 {
		return portion{}, &topError{40068, "不合法的偏移量", false}
	}
	size, ok := in.number("size", 0)
	if !ok || size < 1 || size > 100 {
		return portion{}, &topError{40069, "不合法的分页大小", false}
	}
	d, err := s.deptInScope(in, "dept_id", 0)
	if err != nil {
		return portion{}, err
	}
	people := s.colleagues(d.ID)
	if order == "entry_desc" || order == "modify_desc" {
		slices.Reverse(people)
	}
	return cutPage(people, cursor, size), nil
}

func cutPage(people []Person, cursor, size int64) portion {
	from := min(cursor, int64(len(people)))
	to := min(from+size, int64(len(people)))
	page := portion{people: people[from:to]}
	if to < int64(len(people)) {
		page.next = to
	}
	return page
}

// result is the page as the wire has it: without next_cursor on the last one.
func (p portion) result(list any) map[string]any {
	result := map[string]any{"has_more": p.next > 0, "list": list}
	if p.next > 0 {
		result["next_cursor"] = p.next
	}
	return result
}

// listed is a record inside a list: one number and one bool in place of the
// two lists that the record alone has.
type listed struct {
	employee
	Orders    *struct{} `json:"dept_order_list,omitempty"`
	Leads     *struct{} `json:"leader_in_dept,omitempty"`
	DeptOrder int64     `json:"dept_order"`
	Leader    bool      `json:"leader"`
}

func (s *Sandbox) userList(in arguments) (any, *topError) {
	page, err := s.userPage(in)
	if err != nil {
		return nil, err
	}
	dept, _ := in.number("dept_id", 0)
	list := []listed{}
	for _, p := range page.people {
		list = append(list, listed{employee: s.record(p), DeptOrder: p.Order, Leader: s.leads(p.UserID, dept)})
	}
	return page.result(list), nil
}

type nameCard struct {
	UserID string `json:"userid"`
	Name   string `json:"name"`
}

func nameCards(people []Person) []nameCard {
	list := []nameCard{}
	for _, p := range people {
		list = append(list, nameCard{p.UserID, p.Name})
	}
	return list
}

func (s *Sandbox) userListSimple(in arguments) (any, *topError) {
	page, err := s.userPage(in)
	if err != nil {
		return nil, err
	}
	return page.result(nameCards(page.people)), nil
}

// userListID is the whole department at once (contract 7.8).
func (s *Sandbox) userListID(in arguments) (any, *topError) {
	d, err := s.deptInScope(in, "dept_id", 0)
	if err != nil {
		return nil, err
	}
	return map[string]any{"userid_list": userIDs(s.colleagues(d.ID))}, nil
}

func userIDs(people []Person) []string {
	list := []string{}
	for _, p := range people {
		list = append(list, p.UserID)
	}
	return list
}

func (s *Sandbox) userCount(in arguments) (any, *topError) {
	active, ok := in.flag("only_active")
	if !ok || in["only_active"] == nil {
		return nil, errArgument
	}
	return map[string]any{"count": s.headcount(active)}, nil
}

// headcount counts the members in scope. Only those who were named or changed
// are looked at one by one, unless a scope asks where everyone is.
func (s *Sandbox) headcount(active bool) int {
	scoped := len(s.Settings().ContactScope) > 0
	d := s.people
	d.mu.RLock()
	changed := make([]Person, 0, len(d.people))
	skip := len(d.removed)
	for userID, p := range d.people {
		changed = append(changed, p)
		if _, generated := d.made.index(userID); generated {
			skip++
		}
	}
	d.mu.RUnlock()
	count := 0
	for _, p := range changed {
		if !p.External && s.member(p) && s.inScope(p) && (p.Active || !active) {
			count++
		}
	}
	if !scoped {
		return count + d.made.count - skip
	}
	return count + s.generatedInScope()
}

func (s *Sandbox) generatedInScope() int {
	d, count := s.people, 0
	covered := map[int64]bool{}
	for i := range d.made.count {
		homes := d.made.homes(i)
		for _, id := range homes {
			if _, known := covered[id]; !known {
				covered[id] = s.covers(id)
			}
		}
		if !slices.ContainsFunc(homes, func(id int64) bool { return covered[id] }) {
			continue
		}
		d.mu.RLock()
		userID := d.made.userID(i)
		if _, changed := d.people[userID]; !changed && !d.removed[userID] {
			count++
		}
		d.mu.RUnlock()
	}
	return count
}

// userListAdmin lists the administrators: nobody generated is one.
func (s *Sandbox) userListAdmin(arguments) (any, *topError) {
	s.people.mu.RLock()
	var people []Person
	for _, userID := range s.people.named {
		people = append(people, s.people.people[userID])
	}
	s.people.mu.RUnlock()
	list := []map[string]any{}
	for _, p := range people {
		if p.sysLevel() > 0 && s.member(p) {
			list = append(list, map[string]any{"userid": p.UserID, "sys_level": p.sysLevel()})
		}
	}
	return list, nil
}

var mobileForm = regexp.MustCompile(`^\+?[0-9-]{5,20}$`)

func (s *Sandbox) userByMobile(in arguments) (any, *topError) {
	mobile, ok := in.text("mobile")
	if !ok || !mobileForm.MatchString(mobile) {
		return nil, &topError{40104, "无效的手机号", false}
	}
	p, ok := s.people.byMobile(mobile)
	if !ok || p.External || !s.member(p) {
		return nil, errNoMember
	}
	return map[string]any{"userid": p.UserID}, nil
}

// scopes says what the app may read.
func (s *Sandbox) scopes(arguments) (map[string]any, *topError) {
	settings := s.Settings()
	departments := settings.ContactScope
	if len(departments) == 0 {
		departments = []int64{rootDept}
	}
	fields := []string{"userid", "unionid", "name", "avatar", "active", "isAdmin", "department", "position", "jobnumber"}
	if settings.permits(PermitMobile) {
		fields = append(fields, "mobile")
	}
	if settings.permits(PermitEmail) {
		fields = append(fields, "email", "orgEmail")
	}
	return map[string]any{
		"auth_org_scopes": map[string]any{"authed_dept": departments, "authed_user": []string{}},
		"auth_user_field": fields, "condition_field": []string{},
	}, nil
}
