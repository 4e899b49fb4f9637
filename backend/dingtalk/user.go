package dingtalk

import (
	"context"
	"net/url"
	"time"
)

// User is an employee record. Strings that DingTalk left out, for want of a
// permission or because nobody filled them in, are "".
type User struct {
	UserID    string // unique in the company
	UnionID   string
	Name      string // the display name in the company
	Avatar    string // URL; "" for DingTalk's default picture
	Mobile    string // needs the field permission 企业员工手机号信息
	State     string // comes with Mobile
	Telephone string
	Email     string // needs the field permission 邮箱等个人信息, as do WorkPlace, Remark and Extra
	OrgEmail  string
	JobNumber string
	Title     string
	WorkPlace string
	Remark    string
	ManagerID string            // the manager's user id
	Extra     map[string]string // fields of the company's own

	Departments []int64     // 1 is the root
	Orders      []DeptOrder // the person's place within each department
	Leads       []int64     // the departments that the person leads
	Roles       []Role
	HiredAt     time.Time // zero when nobody filled it in

	// Active is false for somebody who has never activated DingTalk. It is
	// true where DingTalk does not say: who scans has activated it.
	Active     bool
	Disabled   bool // enterprise accounts (企业账号) only
	Enterprise bool // an enterprise account
	Admin      bool
	Boss       bool
	Senior     bool // hidden from most of the company
	RealAuthed bool // has proved their name to DingTalk
	HideMobile bool
}

// DeptOrder is a person's place in a department's list. Live values of Order
// have 18 digits, more than a JavaScript number or a float64 can hold.
type DeptOrder struct{ DeptID, Order int64 }

// Role is one of the company's labels for people.
type Role struct {
	ID          int64
	Name, Group string
}

// User is [Client.User].
func (d Directory) User(ctx context.Context, userID string) (User, error) {
	ask := d.userCall(userID)
	record, err := result[wireUser](ctx, d.Client, d.Client.asApp, ask)
	switch {
	case err != nil:
		return User{}, err
	case record.UserID == "":
		return User{}, ask.wrong(errMissing)
	case string(record.UserID) != userID:
		return User{}, ask.wrong(errMismatch)
	}
	return record.user(), nil
}

func (d Directory) userCall(userID string) call {
	return d.Client.either(memberPermission,
		post("/topapi/v2/user/get", d.naming(map[string]any{"userid": userID})),
		get("/user/get", d.frozenNaming(url.Values{"userid": {userID}})))
}
