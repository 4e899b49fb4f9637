package sandbox

// employee is a person's record as /topapi/v2/user/get shows it. Which fields
// are "" and which are absent follows captured replies (contract 4.2): an
// avatar that is DingTalk's default is "", contact data that the app may not
// read is absent.
type employee struct {
	UserID    string `json:"userid"`
	UnionID   string `json:"unionid"`
	Name      string `json:"name"`
	Avatar    string `json:"avatar"`
	StateCode string `json:"state_code,omitempty"`
	Manager   string `json:"manager_userid,omitempty"`
	Mobile    string `json:"mobile,omitempty"`
	HideMob   bool   `json:"hide_mobile"`
	Telephone string `json:"telephone"`
	JobNumber string `json:"job_number,omitempty"`
	Title     string `json:"title,omitempty"`
	Email     string `json:"email,omitempty"`
	OrgEmail  string `json:"org_email,omitempty"`
	Exclusive bool   `json:"exclusive_account"`

	// Only an enterprise account (企业账号) has these.
	ExclusiveType string `json:"exclusive_account_type,omitempty"`
	ExclusiveCorp string `json:"exclusive_account_corp_id,omitempty"`
	DisableStatus *bool  `json:"disable_status,omitempty"`

	Departments []int64      `json:"dept_id_list"`
	Orders      []deptOrder  `json:"dept_order_list"`
	Leads       []deptLeader `json:"leader_in_dept"`
	Roles       []role       `json:"role_list,omitempty"`

	Active     bool     `json:"active"`
	RealAuthed bool     `json:"real_authed"`
	Senior     bool     `json:"senior"`
	Admin      bool     `json:"admin"`
	Boss       bool     `json:"boss"`
	UnionExt   struct{} `json:"union_emp_ext"` // {} in a captured reply
	CreateTime string   `json:"create_time"`
}

type deptOrder struct {
	DeptID int64 `json:"dept_id"`
	Order  int64 `json:"order"`
}

type deptLeader struct {
	DeptID int64 `json:"dept_id"`
	Leader bool  `json:"leader"`
}

type role struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Group string `json:"group_name"`
}

// getUser is the employee record (contract 4.2).
func (s *Sandbox) getUser(in arguments) (any, *topError) {
	userID, ok := in.text("userid")
	if _, known := in.inEnglish("language"); !ok || !known || userID == "" {
		return nil, errArgument
	}
	p, err := s.employee(userID)
	if err != nil {
		return nil, err
	}
	return s.record(p), nil
}

// employee finds who has a record that the app may read.
func (s *Sandbox) employee(userID string) (Person, *topError) {
	p, ok := s.people.byUserID(userID)
	switch {
	case !userIDForm.MatchString(userID):
		return p, &topError{33012, "无效的USERID", false}
	case !ok || p.External || !s.member(p):
		return p, errNoMember
	case p.Blocked:
		return p, errDisabled
	case !s.inScope(p):
		return p, errScope
	}
	return p, nil
}

// record is a person's record as far as the app may read it.
func (s *Sandbox) record(p Person) employee {
	may := s.Settings()
	e := employee{
		UserID: p.UserID, UnionID: p.UnionID, Name: p.Name, Avatar: p.Avatar, Manager: p.Manager,
		JobNumber: p.JobNumber, Title: p.Title, Departments: p.Departments,
		Orders: []deptOrder{}, Leads: []deptLeader{},
		Active: p.Active, RealAuthed: true, Admin: p.Admin, Boss: p.Boss,
		CreateTime: "2024-01-02T03:04:05.000Z",
	}
	if e.Departments == nil {
		e.Departments = []int64{}
	}
	for _, id := range e.Departments {
		e.Leads = append(e.Leads, deptLeader{id, s.leads(p.UserID, id)})
	}
	if n := len(e.Departments); n > 0 {
		e.Orders = append(e.Orders, deptOrder{e.Departments[n-1], p.Order})
	}
	if p.Admin {
		e.Roles = []role{{1507, "主管理员", "默认"}}
	}
	if p.enterprise() {
		e.Exclusive, e.ExclusiveType, e.ExclusiveCorp, e.DisableStatus = true, "dingtalk", p.Enterprise, &p.Disabled
	}
	if may.permits(PermitMobile) {
		e.Mobile, e.StateCode = p.Mobile, p.StateCode
	}
	if may.permits(PermitEmail) {
		e.Email, e.OrgEmail = p.Email, p.OrgEmail
	}
	return e
}
