package dingtalk

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"net/url"
)

// RootDepartment is the company itself.
const RootDepartment int64 = 1

// Department is one department. [Client.Departments] and
// [Client.DepartmentTree] fill in what stands before MemberCount;
// [Client.Department] all.
type Department struct {
	ID       int64
	ParentID int64 // 0 for the root
	Name     string
	SourceID string // the id in the system that the company syncs from
	HasGroup bool   // DingTalk keeps a group chat for it
	AutoJoin bool   // and new people join that by themselves

	MemberCount     int
	Order           int64 // its place below its parent
	Managers        []string
	GroupChatID     string
	GroupOwner      string // of the chat; not who manages the department
	GroupHasSubs    bool   // the chat is also that of the departments below
	Code, Brief     string
	Hidden          bool // from all but the permitted
	PermittedUsers  []string
	PermittedDepts  []int64
	Outer           bool // its people see only themselves and the permitted
	OuterUsers      []string
	OuterDepts      []int64
	FromUnionOrg    bool      // belongs to an associated organisation
	Union           UnionDept // what it is there; zero where it does not
	AutoApproveJoin bool
	Tags            []string // of schools: campus, period, grade, class
}

// UnionDept is a department of another company.
type UnionDept struct {
	ID     int64
	CorpID string
}

const departmentPermission = "qyapi_get_department_list"

// Departments is [Client.Departments].
func (d Directory) Departments(ctx context.Context, under int64) iter.Seq2[Department, error] {
	return each(func() ([]Department, error) {
		if d.Client.Legacy {
			return d.frozenDepartments(ctx, under, false)
		}
		return d.departments(ctx, under)
	})
}

func (d Directory) departments(ctx context.Context, under int64) ([]Department, error) {
	ask := departmentCall("/topapi/v2/department/listsub", d.naming(map[string]any{"dept_id": under}))
	var got struct {
		Result *list[json.RawMessage] `json:"result"`
	}
	if err := d.Client.asApp(ctx, ask, &got); err != nil {
		return nil, err
	}
	return strictly(got.Result, ask, wireDepartment.department) // no department below is an empty list, not none
}

// DepartmentTree is [Client.DepartmentTree].
func (d Directory) DepartmentTree(ctx context.Context, top int64) iter.Seq2[Department, error] {
	return func(yield func(Department, error) bool) {
		first, err := d.Department(ctx, top)
		if !yield(first, err) || err != nil {
			return
		}
		if d.Client.Legacy && d.frozenTree(ctx, top, yield) {
			return
		}
		seen := map[int64]bool{top: true} // a circle would never end
		for below := []int64{top}; len(below) > 0; {
			under := below[len(below)-1]
			below = below[:len(below)-1]
			for department, err := range d.Departments(ctx, under) {
				if err == nil && seen[department.ID] {
					continue
				}
				if !yield(department, err) || err != nil {
					return
				}
				seen[department.ID] = true
				below = append(below, department.ID)
			}
		}
	}
}

// DepartmentIDs are the ids of the departments directly below one. Other than
// Departments it tells of those outside the app's contact scope, too.
func (c *Client) DepartmentIDs(ctx context.Context, under int64) ([]int64, error) {
	ask := c.either(departmentPermission,
		post("/topapi/v2/department/listsubid", map[string]any{"dept_id": under}),
		get("/department/list_ids", url.Values{"id": {decimal(under)}}))
	type wire struct {
		IDs    *list[json.RawMessage] `json:"dept_id_list"`
		OldIDs *list[json.RawMessage] `json:"sub_dept_id_list"`
	}
	got, err := result[wire](ctx, c, c.asApp, ask)
	if err != nil {
		return nil, err
	}
	return strictly(cmp.Or(got.IDs, got.OldIDs), ask, number.int64)
}

// Department is [Client.Department].
func (d Directory) Department(ctx context.Context, id int64) (Department, error) {
	ask := d.Client.either(departmentPermission,
		post("/topapi/v2/department/get", d.naming(map[string]any{"dept_id": id})),
		get("/department/get", d.frozenNaming(url.Values{"id": {decimal(id)}})))
	got, err := result[wireDepartment](ctx, d.Client, d.Client.asApp, ask)
	if err != nil {
		return Department{}, err
	}
	department, err := got.department()
	switch {
	case err != nil:
		return Department{}, ask.wrong(err)
	case department.ID != id:
		return Department{}, ask.wrong(errMismatch)
	}
	return department, nil
}

// DepartmentPath is the way from a department up to the root: itself first,
// the root last.
func (c *Client) DepartmentPath(ctx context.Context, id int64) ([]int64, error) {
	ask := departmentCall("/topapi/v2/department/listparentbydept", map[string]any{"dept_id": id})
	var got struct {
		Result struct {
			IDs *list[json.RawMessage] `json:"parent_id_list"`
		} `json:"result"`
	}
	if err := c.asApp(ctx, ask, &got); err != nil {
		return nil, err
	}
	return strictly(got.Result.IDs, ask, number.int64)
}

// UserPaths are the ways from each department of a person's up to the root.
func (c *Client) UserPaths(ctx context.Context, userID string) ([][]int64, error) {
	ask := departmentCall("/topapi/v2/department/listparentbyuser", map[string]any{"userid": userID})
	var got struct {
		Result struct {
			Paths *list[struct {
				IDs *list[json.RawMessage] `json:"parent_dept_id_list"`
			}] `json:"parent_list"`
		} `json:"result"`
	}
	if err := c.asApp(ctx, ask, &got); err != nil {
		return nil, err
	}
	if got.Result.Paths == nil {
		return nil, ask.wrong(errMissing)
	}
	var paths [][]int64
	for _, path := range *got.Result.Paths {
		way, err := strictly(path.IDs, ask, number.int64)
		if err != nil {
			return nil, err
		}
		paths = append(paths, way)
	}
	return paths, nil
}

func departmentCall(path string, body map[string]any) call {
	ask := post(path, body)
	ask.permission = departmentPermission
	return ask
}
