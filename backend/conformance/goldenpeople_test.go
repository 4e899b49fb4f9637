package conformance_test

import (
	"context"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
)

func askUser(ctx context.Context, c *dingtalk.Client) (any, error) { return c.User(ctx, "lin07") }

func askUsers(ctx context.Context, c *dingtalk.Client) (any, error) { return all(c.Users(ctx, 70031)) }

func askUserNames(ctx context.Context, c *dingtalk.Client) (any, error) {
	return all(c.UserNames(ctx, 70031))
}

func askUserIDs(ctx context.Context, c *dingtalk.Client) (any, error) { return c.UserIDs(ctx, 70031) }

func askCount(ctx context.Context, c *dingtalk.Client) (any, error) { return c.CountUsers(ctx, true) }

func askAdmins(ctx context.Context, c *dingtalk.Client) (any, error) { return c.Admins(ctx) }

func askByMobile(ctx context.Context, c *dingtalk.Client) (any, error) {
	userID, enterprise, err := c.UserIDsByMobile(ctx, "13712345678")
	return append([]string{userID}, enterprise...), err
}

// lin is the person of the golden records, as far as all of them tell.
func lin(changes ...func(*dingtalk.User)) dingtalk.User {
	u := dingtalk.User{UserID: "lin07", UnionID: "uGolden34iEiE", Name: "林小满", Active: true}
	for _, change := range changes {
		change(&u)
	}
	return u
}

// goldenPeople are the answers of 4.2, 4.3 and 7.6 to 7.8.
func goldenPeople() []golden {
	hired := time.Date(2021, 1, 1, 0, 0, 0, 123_000_000, time.UTC)
	reached := func(u *dingtalk.User) {
		u.Mobile, u.State, u.HideMobile, u.Admin, u.RealAuthed, u.HiredAt = "13712345678", "86", true, true, true, hired
		u.Roles = []dingtalk.Role{{ID: 2210, Name: "值班", Group: "职务"}}
		u.Leads = []int64{70031}
	}
	whole := func(u *dingtalk.User) {
		reached(u)
		u.Telephone, u.JobNumber, u.Title, u.WorkPlace, u.Remark, u.ManagerID = "0571-8000", "G042", "测试工程师", "成都", "夜班", "gao01"
		u.Email, u.OrgEmail = "xiaoman@example.com", "lin07@corp.example"
		u.Departments = []int64{1, 70031}
		u.Extra = map[string]string{"工位": "B-12"}
	}
	return []golden{
		{files: "4.2-user.json", ask: askUser, want: lin(whole, func(u *dingtalk.User) {
			u.Avatar = "https://static-legacy.dingtalk.com/media/lADPgolden.jpg"
			u.Orders = []dingtalk.DeptOrder{{DeptID: 70031, Order: 176299999999999987}}
		})},
		{files: "4.2-user-documented.json", ask: askUser, want: lin(reached, func(u *dingtalk.User) {
			u.Departments = []int64{2, 3, 70031}
			u.Orders = []dingtalk.DeptOrder{{DeptID: 70031, Order: 176299999999999987}}
			u.Extra = map[string]string{"工位": "B-12", "楼层": "3"}
		})},
		{files: "4.2-user-captured.json", ask: askUser, want: lin(func(u *dingtalk.User) {
			u.Departments, u.RealAuthed = []int64{1}, true
			u.Orders = []dingtalk.DeptOrder{{DeptID: 1, Order: 176300000000000003}}
			u.Roles = []dingtalk.Role{{ID: 3141, Name: "子管理员", Group: "默认"}}
		})},
		{files: "4.2-user-bare.json", ask: askUser, want: dingtalk.User{UserID: "lin07", Active: true}},
		{files: "4.2-user-nulls.json", ask: askUser, want: dingtalk.User{UserID: "lin07", Active: true}},
		{files: "4.2-user-enterprise.json", ask: askUser, want: lin(func(u *dingtalk.User) {
			u.Departments, u.Enterprise, u.Disabled = []int64{70031}, true, true
		})},
		{files: "4.3-user-legacy.json", client: legacy, ask: askUser, want: lin(whole, func(u *dingtalk.User) {
			u.Orders = []dingtalk.DeptOrder{{DeptID: 1, Order: 176299999999999986}, {DeptID: 70031, Order: 176299999999999987}}
		})},
		{files: "7.6-users-first.json 7.6-users-last.json", ask: askUsers, want: []dingtalk.User{
			lin(func(u *dingtalk.User) {
				u.Departments, u.Leads = []int64{70031}, []int64{70031}
				u.Orders = []dingtalk.DeptOrder{{DeptID: 70031, Order: 176299999999999987}}
			}),
			{UserID: "he09", UnionID: "uGolden56", Name: "何九", Departments: []int64{70031}, Orders: []dingtalk.DeptOrder{{DeptID: 70031, Order: 1}}},
		}},
		{files: "7-legacy-listbypage.json", client: legacy, ask: askUsers, want: []dingtalk.User{lin(func(u *dingtalk.User) {
			u.Departments, u.Leads, u.Admin, u.Title, u.JobNumber = []int64{70031}, []int64{70031}, true, "测试工程师", "G042"
			u.Orders = []dingtalk.DeptOrder{{DeptID: 70031, Order: 176299999999999987}}
		})}},
		{files: "7.7-listsimple.json", ask: askUserNames, want: []dingtalk.UserName{{UserID: "lin07", Name: "林小满"}, {UserID: "he09", Name: "何九"}}},
		{files: "7-legacy-simplelist.json", client: legacy, ask: askUserNames, want: []dingtalk.UserName{{UserID: "lin07", Name: "林小满"}}},
		{files: "7.8-listid.json", ask: askUserIDs, want: []string{"lin07", "he09"}},
		{files: "7-legacy-members.json", client: legacy, ask: askUserIDs, want: []string{"lin07", "he09"}},
		{files: "7-count.json", ask: askCount, want: 340},
		{files: "7-legacy-count.json", client: legacy, ask: askCount, want: 340},
		{files: "7-listadmin.json", ask: askAdmins, want: []dingtalk.Admin{{UserID: "gao01", Level: dingtalk.MainAdmin}, {UserID: "lin07", Level: dingtalk.SubAdmin}}},
		{files: "7-getbymobile.json", ask: askByMobile, want: []string{"lin07"}},
		{files: "7-getbymobile-enterprise.json", ask: askByMobile, want: []string{"lin07", "lin07x", "lin07y"}},
	}
}
