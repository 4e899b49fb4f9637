package dingtalk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
)

// wireDepartment is a department as it is sent.
type wireDepartment struct {
	ID          number       `json:"dept_id"`
	ParentID    number       `json:"parent_id"`
	SourceID    text         `json:"source_identifier"`
	HasGroup    flag         `json:"create_dept_group"`
	AutoJoin    flag         `json:"auto_add_user"`
	MemberCount number       `json:"member_count"`
	Managers    list[text]   `json:"dept_manager_userid_list"`
	GroupChatID text         `json:"dept_group_chat_id"`
	GroupOwner  text         `json:"org_dept_owner"`
	GroupSubs   flag         `json:"group_contain_sub_dept"`
	Code        text         `json:"code"`
	Brief       text         `json:"brief"`
	Hidden      flag         `json:"hide_dept"`
	UserPermits list[text]   `json:"user_permits"`
	DeptPermits list[number] `json:"dept_permits"`
	Outer       flag         `json:"outer_dept"`
	OuterUsers  list[text]   `json:"outer_permit_users"`
	OuterDepts  list[number] `json:"outer_permit_depts"`
	FromUnion   flag         `json:"from_union_org"`
	AutoApprove flag         `json:"auto_approve_apply"`
	Tags        list[text]   `json:"tags"`
	Union       list[struct {
		ID     number `json:"dept_id"`
		CorpID text   `json:"corp_id"`
	}] `json:"union_dept_ext"` // one object; a list only so that another shape does no harm
	frozenDepartment
}

// frozenDepartment has the names of the frozen calls, and the two that are the
// same in both.
type frozenDepartment struct {
	Name          text   `json:"name"`
	Order         number `json:"order"`
	OldID         number `json:"id"`
	OldParentID   number `json:"parentid"`
	OldSourceID   text   `json:"sourceIdentifier"`
	OldHasGroup   flag   `json:"createDeptGroup"`
	OldAutoJoin   flag   `json:"autoAddUser"`
	OldHidden     flag   `json:"deptHiding"`
	OldOuter      flag   `json:"outerDept"`
	OldSubs       flag   `json:"groupContainSubDept"`
	OldOwner      text   `json:"orgDeptOwner"`
	OldManagers   text   `json:"deptManagerUseridList"` // joined by |
	OldPermits    text   `json:"userPermits"`           // likewise, as are all below
	OldDepts      text   `json:"deptPermits"`
	OldOuterUsers text   `json:"outerPermitUsers"`
	OldOuterDepts text   `json:"outerPermitDepts"`
	OldChatID     text   `json:"deptGroupChatId"`
}

func (w wireDepartment) department() (Department, error) {
	d := Department{
		ID:              int64(cmp.Or(w.ID, w.OldID)),
		ParentID:        int64(cmp.Or(w.ParentID, w.OldParentID)),
		Name:            string(w.Name),
		SourceID:        string(cmp.Or(w.SourceID, w.OldSourceID)),
		HasGroup:        w.HasGroup.value || w.OldHasGroup.value,
		AutoJoin:        w.AutoJoin.value || w.OldAutoJoin.value,
		MemberCount:     int(w.MemberCount),
		Order:           int64(w.Order),
		Managers:        append(texts(w.Managers), parts(w.OldManagers)...),
		GroupChatID:     string(cmp.Or(w.GroupChatID, w.OldChatID)),
		GroupOwner:      string(cmp.Or(w.GroupOwner, w.OldOwner)),
		GroupHasSubs:    w.GroupSubs.value || w.OldSubs.value,
		Code:            string(w.Code),
		Brief:           string(w.Brief),
		Hidden:          w.Hidden.value || w.OldHidden.value,
		PermittedUsers:  append(texts(w.UserPermits), parts(w.OldPermits)...),
		PermittedDepts:  append(numbers(w.DeptPermits), partNumbers(w.OldDepts)...),
		Outer:           w.Outer.value || w.OldOuter.value,
		OuterUsers:      append(texts(w.OuterUsers), parts(w.OldOuterUsers)...),
		OuterDepts:      append(numbers(w.OuterDepts), partNumbers(w.OldOuterDepts)...),
		FromUnionOrg:    w.FromUnion.value,
		AutoApproveJoin: w.AutoApprove.value,
		Tags:            texts(w.Tags),
	}
	for _, union := range w.Union {
		d.Union = UnionDept{int64(union.ID), string(union.CorpID)}
	}
	if d.ID == 0 {
		return Department{}, errMissing
	}
	return d, nil
}

// frozenDepartments are those below one: directly, or all.
func (d Directory) frozenDepartments(ctx context.Context, under int64, all bool) ([]Department, error) {
	ask := get("/department/list", d.frozenNaming(url.Values{"id": {decimal(under)}, "fetch_child": {strconv.FormatBool(all)}}))
	ask.permission = departmentPermission
	var got struct {
		Departments *list[json.RawMessage] `json:"department"`
	}
	if err := d.Client.asApp(ctx, ask, &got); err != nil {
		return nil, err
	}
	return strictly(got.Departments, ask, wireDepartment.department)
}

// frozenTree gives all below a department, which has been given already, each
// before those below it: the frozen call tells of all in one answer, in no
// order that is documented. It reports false, having given nothing, where the
// company is too large for one answer.
func (d Directory) frozenTree(ctx context.Context, top int64, yield func(Department, error) bool) bool {
	all, err := d.frozenDepartments(ctx, top, true)
	if errors.Is(err, errTooLarge) {
		return false
	}
	if err != nil {
		yield(Department{}, err)
		return true
	}
	under := map[int64][]Department{}
	for _, department := range all {
		under[department.ParentID] = append(under[department.ParentID], department)
	}
	seen := map[int64]bool{top: true} // a circle would never end
	for below := []int64{top}; len(below) > 0; {
		next := under[below[len(below)-1]]
		below = below[:len(below)-1]
		for _, department := range next {
			if seen[department.ID] {
				continue
			}
			if !yield(department, nil) {
				return true
			}
			seen[department.ID] = true
			below = append(below, department.ID)
		}
	}
	return true
}
