package conformance_test

import (
	"context"
	"fmt"

	"github.com/dingpass/dingpass/backend/dingtalk"
)

func askDepartments(ctx context.Context, c *dingtalk.Client) (any, error) {
	return all(c.Departments(ctx, dingtalk.RootDepartment))
}

func askDepartmentIDs(ctx context.Context, c *dingtalk.Client) (any, error) {
	return c.DepartmentIDs(ctx, dingtalk.RootDepartment)
}

func askDepartment(id int64) question {
	return func(ctx context.Context, c *dingtalk.Client) (any, error) { return c.Department(ctx, id) }
}

func askPath(ctx context.Context, c *dingtalk.Client) (any, error) {
	return c.DepartmentPath(ctx, 70041)
}

func askPaths(ctx context.Context, c *dingtalk.Client) (any, error) { return c.UserPaths(ctx, "lin07") }

func askScopes(ctx context.Context, c *dingtalk.Client) (any, error) { return c.Scopes(ctx) }

func askHook(ctx context.Context, c *dingtalk.Client) (any, error) {
	got, err := c.RegisteredCallback(ctx)
	return revealed(got), err
}

// askFailed is each event that could not be delivered, in a line.
func askFailed(ctx context.Context, c *dingtalk.Client) (any, error) {
	var lines []string
	for page, err := range c.FailedCallbacks(ctx) {
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			lines = append(lines, fmt.Sprint(e.Type, " ", e.CorpID, " ", e.UserIDs, " ", e.DeptIDs, " ", e.Time.UnixMilli()))
		}
	}
	return lines, nil
}

// goldenDirectory are the answers of 7.1 to 7.5, of auth/scopes and of 8.
func goldenDirectory() []golden {
	quality := dingtalk.Department{ID: 70031, ParentID: 1, Name: "质量部", SourceID: "hr-31", HasGroup: true}
	return []golden{
		{files: "7.1-listsub.json", ask: askDepartments, want: []dingtalk.Department{
			{ID: 70031, ParentID: 1, Name: "质量部", HasGroup: true, AutoJoin: true},
			{ID: 70032, ParentID: 1, Name: "仓储部"},
		}},
		{files: "7.1-listsub-empty.json", ask: askDepartments, want: []dingtalk.Department(nil)},
		{files: "7-legacy-departments.json", client: legacy, ask: askDepartments, want: []dingtalk.Department{quality}},
		{files: "7.2-listsubid.json", ask: askDepartmentIDs, want: []int64{70031, 70032}},
		{files: "7-legacy-department-ids.json", client: legacy, ask: askDepartmentIDs, want: []int64{70031, 70032}},
		{files: "7.3-department.json", ask: askDepartment(70031), want: dingtalk.Department{
			ID: 70031, ParentID: 1, Name: "质量部", SourceID: "hr-31", HasGroup: true, MemberCount: 12, Order: 176299999999999987,
			Managers: []string{"gao01", "lin07"}, GroupChatID: "chat-golden", GroupOwner: "gao01", GroupHasSubs: true,
			Code: "QA", Brief: "夜班质检", Hidden: true, PermittedUsers: []string{"he10"}, PermittedDepts: []int64{70033},
			Outer: true, OuterUsers: []string{"he09"}, OuterDepts: []int64{70032}, FromUnionOrg: true, AutoApproveJoin: true,
			Union: dingtalk.UnionDept{ID: 9, CorpID: "dinggolden00u0"},
		}},
		{files: "7.3-department-documented.json", ask: askDepartment(1), want: dingtalk.Department{
			ID: 1, Name: "金样科技", HasGroup: true, AutoJoin: true, MemberCount: 340, OuterDepts: []int64{70032},
		}},
		{files: "7-legacy-department.json", client: legacy, ask: askDepartment(70031), want: dingtalk.Department{
			ID: 70031, ParentID: 1, Name: "质量部", SourceID: "hr-31", HasGroup: true, Order: 7, Managers: []string{"gao01", "lin07"},
			GroupOwner: "gao01", GroupHasSubs: true, Hidden: true, PermittedUsers: []string{"he10", "he11"}, Outer: true,
		}},
		{files: "7.4-listparentbydept.json", ask: askPath, want: []int64{70041, 70031, 1}},
		{files: "7.5-listparentbyuser.json", ask: askPaths, want: [][]int64{{70041, 70031, 1}, {1}}},
		{files: "7-scopes.json", ask: askScopes, want: dingtalk.Scopes{
			Departments: []int64{70031, 70032}, UserIDs: []string{"gao01"}, Fields: []string{"name", "mobile"}, Conditions: []string{"email"},
		}},
		{files: "8.2-failed.json", ask: askFailed, want: []string{
			"user_add_org dinggolden00c0 [lin07 he09] [] 1750000000000",
			"org_dept_remove dinggolden00c0 [] [70031] 1750000001000",
		}},
		{files: "8.5-registered.json", ask: askHook, want: []string{
			"https://kiosk.example/hook", "goldenToken", "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij", "user_add_org", "user_leave_org",
		}},
	}
}
