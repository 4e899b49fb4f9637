package sandbox

import "slices"

var (
	errNoDept    = &topError{60003, "部门不存在", false}
	errDeptScope = &topError{50004, "部门不在应用的通讯录权限范围内", false}
)

// covers says whether the app's contact scope (通讯录权限范围) has a department:
// itself, or one above it.
func (s *Sandbox) covers(id int64) bool {
	scope := s.Settings().ContactScope
	return len(scope) == 0 || slices.ContainsFunc(s.line(id), func(above int64) bool { return slices.Contains(scope, above) })
}

// deptAsked reads a department's number and finds it. Absent, it is the root
// where the call allows that.
func (s *Sandbox) deptAsked(in arguments, name string, otherwise int64) (Department, *topError) {
	id, ok := in.number(name, otherwise)
	if !ok || id == 0 {
		return Department{}, errArgument
	}
	found, err := s.Department(id)
	if err != nil {
		return Department{}, errNoDept
	}
	return found, nil
}

// deptInScope is deptAsked for the calls that the contact scope limits.
func (s *Sandbox) deptInScope(in arguments, name string, otherwise int64) (Department, *topError) {
	found, err := s.deptAsked(in, name, otherwise)
	if err == nil && !s.covers(found.ID) {
		err = errDeptScope
	}
	return found, err
}

// deptListSub lists the departments right below one (contract 7.1).
func (s *Sandbox) deptListSub(in arguments) (any, *topError) {
	english, ok := in.inEnglish("language")
	if !ok {
		return nil, errArgument
	}
	above, err := s.deptInScope(in, "dept_id", rootDept)
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for _, d := range s.Departments(above.ID) {
		list = append(list, map[string]any{
			"dept_id": d.ID, "name": d.nameIn(english), "parent_id": d.ParentID,
			"create_dept_group": d.CreateGroup, "auto_add_user": d.AutoAdd,
		})
	}
	return list, nil
}

// deptListSubID is not limited by the contact scope (contract 7.2).
func (s *Sandbox) deptListSubID(in arguments) (any, *topError) {
	above, err := s.deptAsked(in, "dept_id", 0)
	if err != nil {
		return nil, err
	}
	return map[string]any{"dept_id_list": s.deptIDs(above.ID)}, nil
}

func (s *Sandbox) deptIDs(above int64) []int64 {
	list := []int64{}
	for _, d := range s.Departments(above) {
		list = append(list, d.ID)
	}
	return list
}

// deptGet is one department (contract 7.3).
func (s *Sandbox) deptGet(in arguments) (any, *topError) {
	english, ok := in.inEnglish("language")
	if !ok {
		return nil, errArgument
	}
	d, err := s.deptInScope(in, "dept_id", 0)
	if err != nil {
		return nil, err
	}
	managers := d.Managers
	if managers == nil {
		managers = []string{}
	}
	record := map[string]any{
		"dept_id": d.ID, "name": d.nameIn(english), "order": d.Order, "create_dept_group": d.CreateGroup,
		"auto_add_user": d.AutoAdd, "from_union_org": false, "group_contain_sub_dept": false,
		"org_dept_owner": "", "dept_manager_userid_list": managers, "outer_dept": false,
		"outer_permit_depts": []int64{}, "outer_permit_users": []string{}, "user_permits": []string{},
		"dept_permits": []int64{}, "hide_dept": d.Hidden, "auto_approve_apply": false,
		"member_count": len(s.colleagues(d.ID)), "tags": "", "brief": d.Brief, "code": d.Code,
		"source_identifier": d.SourceID, "dept_group_chat_id": "", "union_dept_ext": struct{}{},
	}
	if d.ParentID != 0 { // the root has none
		record["parent_id"] = d.ParentID
	}
	return record, nil
}

// deptParents is the way up from a department (contract 7.4).
func (s *Sandbox) deptParents(in arguments) (any, *topError) {
	d, err := s.deptAsked(in, "dept_id", 0)
	if err != nil {
		return nil, err
	}
	return map[string]any{"parent_id_list": s.line(d.ID)}, nil
}

// deptParentsOfUser has one way up for each of a person's departments
// (contract 7.5).
func (s *Sandbox) deptParentsOfUser(in arguments) (any, *topError) {
	userID, ok := in.text("userid")
	if !ok || userID == "" {
		return nil, errArgument
	}
	p, err := s.employee(userID)
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for _, id := range p.Departments {
		list = append(list, map[string]any{"parent_dept_id_list": s.line(id)})
	}
	return map[string]any{"parent_list": list}, nil
}
