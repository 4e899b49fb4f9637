package dingtalk

import (
	"context"
	"net/http"
)

// User is an employee record, as far as a sign-in uses it. Strings that
// DingTalk left out, for want of a permission or because nobody filled them
// in, are "".
type User struct {
	UserID    string // unique in the company
	UnionID   string
	Name      string // the display name in the company
	Avatar    string // URL; "" for DingTalk's default picture
	Mobile    string // needs the field permission 企业员工手机号信息
	State     string // comes with Mobile
	Email     string // needs the field permission 邮箱等个人信息
	OrgEmail  string
	JobNumber string
	Title     string

	Departments []int64     // 1 is the root
	Orders      []DeptOrder // the person's place within each department

	// Active is false for somebody who has never activated DingTalk. It is
	// true where DingTalk does not say: who scans has activated it.
	Active   bool
	Disabled bool // enterprise accounts (企业账号) only
	Admin    bool
	Boss     bool
}

// DeptOrder is a person's place in a department's list. Live values of Order
// have 18 digits, more than a JavaScript number or a float64 can hold.
type DeptOrder struct{ DeptID, Order int64 }

// User reads the employee record. The person must be within the app's contact
// scope (通讯录权限范围); else the answer is permission_missing.
func (c *Client) User(ctx context.Context, userID string) (User, error) {
	get := call{
		api:        older,
		method:     http.MethodPost,
		path:       "/topapi/v2/user/get",
		body:       map[string]string{"userid": userID},
		permission: memberPermission,
	}
	var got struct {
		Result wireUser `json:"result"`
	}
	if err := c.asApp(ctx, get, &got); err != nil {
		return User{}, err
	}
	switch string(got.Result.UserID) {
	case "":
		return User{}, get.wrong(errMissing)
	case userID:
		return got.Result.user(), nil
	}
	return User{}, get.wrong(errMismatch)
}

// wireUser is the record as it is sent.
type wireUser struct {
	UserID    text         `json:"userid"`
	UnionID   text         `json:"unionid"`
	Name      text         `json:"name"`
	Avatar    text         `json:"avatar"`
	Mobile    text         `json:"mobile"`
	StateCode text         `json:"state_code"`
	Email     text         `json:"email"`
	OrgEmail  text         `json:"org_email"`
	JobNumber text         `json:"job_number"`
	Title     text         `json:"title"`
	DeptIDs   list[number] `json:"dept_id_list"`
	Orders    list[struct {
		DeptID number `json:"dept_id"`
		Order  number `json:"order"`
	}] `json:"dept_order_list"`
	Active        flag `json:"active"`
	DisableStatus flag `json:"disable_status"`
	Admin         flag `json:"admin"`
	Boss          flag `json:"boss"`
}

func (w wireUser) user() User {
	u := User{
		UserID:    string(w.UserID),
		UnionID:   string(w.UnionID),
		Name:      string(w.Name),
		Avatar:    string(w.Avatar),
		Mobile:    string(w.Mobile),
		State:     string(w.StateCode),
		Email:     string(w.Email),
		OrgEmail:  string(w.OrgEmail),
		JobNumber: string(w.JobNumber),
		Title:     string(w.Title),
		Active:    w.Active.value || !w.Active.told,
		Disabled:  w.DisableStatus.value,
		Admin:     w.Admin.value,
		Boss:      w.Boss.value,
	}
	for _, id := range w.DeptIDs {
		u.Departments = append(u.Departments, int64(id))
	}
	for _, order := range w.Orders {
		u.Orders = append(u.Orders, DeptOrder{int64(order.DeptID), int64(order.Order)})
	}
	return u
}
