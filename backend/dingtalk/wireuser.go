package dingtalk

import "cmp"

// wireUser is the record as it is sent: by the newer calls, with underscores in
// the names, and by the frozen ones, whose other names are in frozenUser.
type wireUser struct {
	UserID     text         `json:"userid"`
	UnionID    text         `json:"unionid"`
	Name       text         `json:"name"`
	Avatar     text         `json:"avatar"`
	Mobile     text         `json:"mobile"`
	StateCode  text         `json:"state_code"`
	Telephone  text         `json:"telephone"`
	Email      text         `json:"email"`
	OrgEmail   text         `json:"org_email"`
	JobNumber  text         `json:"job_number"`
	Title      text         `json:"title"`
	WorkPlace  text         `json:"work_place"`
	Remark     text         `json:"remark"`
	Manager    text         `json:"manager_userid"`
	Extension  labels       `json:"extension"`
	HiredDate  lax[number]  `json:"hired_date"` // ms
	DeptIDs    list[number] `json:"dept_id_list"`
	DeptOrders list[struct {
		DeptID number `json:"dept_id"`
		Order  number `json:"order"`
	}] `json:"dept_order_list"`
	LeaderIn list[struct {
		DeptID number `json:"dept_id"`
		Leader flag   `json:"leader"`
	}] `json:"leader_in_dept"`
	RoleList      list[wireRole] `json:"role_list"`
	Active        flag           `json:"active"`
	DisableStatus flag           `json:"disable_status"`
	Exclusive     flag           `json:"exclusive_account"`
	Admin         flag           `json:"admin"`
	Boss          flag           `json:"boss"`
	Senior        lax[flag]      `json:"senior"`
	RealAuthed    lax[flag]      `json:"real_authed"`
	HideMobile    lax[flag]      `json:"hide_mobile"`

	// In the lists of a department's people these two stand in the place of
	// dept_order_list and leader_in_dept.
	DeptOrder number `json:"dept_order"`
	Leader    flag   `json:"leader"`

	frozenUser
}

// frozenUser has the names that only the calls of the frozen API use. position
// and tel are what is called title and telephone now.
type frozenUser struct {
	OldStateCode  text           `json:"stateCode"`
	Tel           text           `json:"tel"`
	OldOrgEmail   text           `json:"orgEmail"`
	OldJobNumber  text           `json:"jobnumber"`
	Position      text           `json:"position"`
	OldWorkPlace  text           `json:"workPlace"`
	OldManager    text           `json:"managerUserid"`
	ExtAttr       labels         `json:"extattr"`
	OldHiredDate  lax[number]    `json:"hiredDate"`
	Department    list[number]   `json:"department"`
	OrderInDepts  pairs          `json:"orderInDepts"`
	LeaderInDepts pairs          `json:"isLeaderInDepts"`
	Order         number         `json:"order"`    // in lists of a department's people
	IsLeader      flag           `json:"isLeader"` // likewise
	OldRoles      list[wireRole] `json:"roles"`
	OldExclusive  flag           `json:"exclusiveAccount"`
	IsAdmin       flag           `json:"isAdmin"`
	IsBoss        flag           `json:"isBoss"`
	IsSenior      lax[flag]      `json:"isSenior"`
	OldRealAuthed lax[flag]      `json:"realAuthed"`
	IsHide        lax[flag]      `json:"isHide"`
}

type wireRole struct {
	ID       number `json:"id"`
	Name     text   `json:"name"`
	Group    text   `json:"group_name"`
	OldGroup text   `json:"groupName"`
}

func (w wireUser) user() User {
	u := User{
		UserID:     string(w.UserID),
		UnionID:    string(w.UnionID),
		Name:       string(w.Name),
		Avatar:     string(w.Avatar),
		Mobile:     string(w.Mobile),
		State:      string(cmp.Or(w.StateCode, w.OldStateCode)),
		Telephone:  string(cmp.Or(w.Telephone, w.Tel)),
		Email:      string(w.Email),
		OrgEmail:   string(cmp.Or(w.OrgEmail, w.OldOrgEmail)),
		JobNumber:  string(cmp.Or(w.JobNumber, w.OldJobNumber)),
		Title:      string(cmp.Or(w.Title, w.Position)),
		WorkPlace:  string(cmp.Or(w.WorkPlace, w.OldWorkPlace)),
		Remark:     string(w.Remark),
		ManagerID:  string(cmp.Or(w.Manager, w.OldManager)),
		Extra:      w.Extension.or(w.ExtAttr),
		HiredAt:    cmp.Or(w.HiredDate.is, w.OldHiredDate.is).moment(),
		Active:     w.Active.value || !w.Active.told,
		Disabled:   w.DisableStatus.value,
		Enterprise: w.Exclusive.value || w.OldExclusive.value,
		Admin:      w.Admin.value || w.IsAdmin.value,
		Boss:       w.Boss.value || w.IsBoss.value,
		Senior:     w.Senior.is.value || w.IsSenior.is.value,
		RealAuthed: w.RealAuthed.is.value || w.OldRealAuthed.is.value,
		HideMobile: w.HideMobile.is.value || w.IsHide.is.value,
	}
	w.place(&u)
	for _, role := range append(w.RoleList, w.OldRoles...) {
		u.Roles = append(u.Roles, Role{int64(role.ID), string(role.Name), string(cmp.Or(role.Group, role.OldGroup))})
	}
	return u
}

// place fills in where the person stands in the company.
func (w wireUser) place(u *User) {
	for _, id := range append(w.DeptIDs, w.Department...) {
		u.Departments = append(u.Departments, int64(id))
	}
	for _, order := range w.DeptOrders {
		u.Orders = append(u.Orders, DeptOrder{int64(order.DeptID), int64(order.Order)})
	}
	for _, in := range w.OrderInDepts {
		if order, ok := in.number(); ok {
			u.Orders = append(u.Orders, DeptOrder{in.id, order})
		}
	}
	for _, in := range w.LeaderIn {
		if in.Leader.value {
			u.Leads = append(u.Leads, int64(in.DeptID))
		}
	}
	for _, in := range w.LeaderInDepts {
		if in.value == "true" {
			u.Leads = append(u.Leads, in.id)
		}
	}
}

// userIn is the record as a list of a department's people has it: it tells of
// this department alone where the person stands in it.
func (w wireUser) userIn(dept int64) User {
	u := w.user()
	if order := cmp.Or(w.DeptOrder, w.Order); order != 0 && len(u.Orders) == 0 {
		u.Orders = []DeptOrder{{dept, int64(order)}}
	}
	if (w.Leader.value || w.IsLeader.value) && len(u.Leads) == 0 {
		u.Leads = []int64{dept}
	}
	return u
}
