package sandbox

import (
	"slices"
	"strconv"
	"strings"
)

// legacyDepartments is GET /department/list: right below one department, or
// with fetch_child everything below it.
func (s *Sandbox) legacyDepartments(in arguments) (map[string]any, *topError) {
	english, ok := in.inEnglish("lang")
	all, flagged := in.flag("fetch_child")
	if !ok || !flagged {
		return nil, errBadParameter
	}
	above, err := s.deptInScope(in, "id", rootDept)
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for queue := []int64{above.ID}; len(queue) > 0; queue = queue[1:] {
		for _, d := range s.Departments(queue[0]) {
			list = append(list, map[string]any{
				"id": d.ID, "name": d.nameIn(english), "parentid": d.ParentID,
				"createDeptGroup": d.CreateGroup, "autoAddUser": d.AutoAdd,
			})
			if all {
				queue = append(queue, d.ID)
			}
		}
	}
	return map[string]any{"department": list}, nil
}

func (s *Sandbox) legacyDepartmentIDs(in arguments) (map[string]any, *topError) {
	above, err := s.deptAsked(in, "id", 0)
	if err != nil {
		return nil, err
	}
	return map[string]any{"sub_dept_id_list": s.deptIDs(above.ID)}, nil
}

// legacyDepartment has lists as strings that are joined with bars.
func (s *Sandbox) legacyDepartment(in arguments) (map[string]any, *topError) {
	english, ok := in.inEnglish("lang")
	if !ok {
		return nil, errBadParameter
	}
	d, err := s.deptInScope(in, "id", 0)
	if err != nil {
		return nil, err
	}
	record := map[string]any{
		"id": d.ID, "name": d.nameIn(english), "order": d.Order,
		"createDeptGroup": d.CreateGroup, "autoAddUser": d.AutoAdd, "deptHiding": d.Hidden,
		"deptPermits": "", "userPermits": "", "outerDept": false, "outerPermitDepts": "", "outerPermitUsers": "",
		"orgDeptOwner": "", "deptManagerUseridList": strings.Join(d.Managers, "|"),
		"sourceIdentifier": d.SourceID, "groupContainSubDept": false,
	}
	if d.ParentID != 0 {
		record["parentid"] = d.ParentID
	}
	return record, nil
}

// legacyPage is userPage in the old spelling: an offset, and no cursor in the
// answer.
func (s *Sandbox) legacyPage(in arguments, size int64) (portion, int64, *topError) {
	order, ok := in.text("order")
	offset, offsetOK := in.number("offset", 0)
	size, sizeOK := in.number("size", size)
	switch {
	case !ok || !slices.Contains(orders, order):
		return portion{}, 0, errBadParameter
	case !offsetOK || offset < 0:
		return portion{}, 0, &topError{40068, "不合法的偏移量", false}
	case !sizeOK || size < 1 || size > 100:
		return portion{}, 0, &topError{40069, "不合法的分页大小", false}
	}
	d, err := s.deptInScope(in, "department_id", 0)
	if err != nil {
		return portion{}, 0, err
	}
	people := s.colleagues(d.ID)
	if strings.HasSuffix(order, "_desc") {
		slices.Reverse(people)
	}
	return cutPage(people, offset, size), d.ID, nil
}

func (s *Sandbox) legacySimpleList(in arguments) (map[string]any, *topError) {
	page, _, err := s.legacyPage(in, 100)
	if err != nil {
		return nil, err
	}
	return map[string]any{"hasMore": page.next > 0, "userlist": nameCards(page.people)}, nil
}

func (s *Sandbox) legacyListByPage(in arguments) (map[string]any, *topError) {
	page, dept, err := s.legacyPage(in, 0) // size is needed
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for _, p := range page.people {
		record := flatRecord(s.record(p))
		delete(record, "orderInDepts")
		delete(record, "isLeaderInDepts")
		record["order"], record["isLeader"] = p.Order, s.leads(p.UserID, dept)
		list = append(list, record)
	}
	return map[string]any{"hasMore": page.next > 0, "userlist": list}, nil
}

func (s *Sandbox) legacyMembers(in arguments) (map[string]any, *topError) {
	d, err := s.deptInScope(in, "deptId", 0)
	if err != nil {
		return nil, err
	}
	return map[string]any{"userIds": userIDs(s.colleagues(d.ID))}, nil
}

func (s *Sandbox) legacyCount(in arguments) (map[string]any, *topError) {
	active, ok := in.text("onlyActive")
	if n, err := strconv.Atoi(active); !ok || err != nil || n < 0 || n > 1 {
		return nil, errBadParameter
	}
	return map[string]any{"count": s.headcount(active == "1")}, nil
}
