package dingtalk

import (
	"context"
	"encoding/json"
)

// Admin is one of the company's administrators.
type Admin struct {
	UserID string
	Level  AdminLevel
}

// Admins are the company's administrators.
func (c *Client) Admins(ctx context.Context) ([]Admin, error) {
	ask := post("/topapi/user/listadmin", struct{}{})
	ask.permission = memberPermission
	var got struct {
		Result *list[json.RawMessage] `json:"result"`
	}
	if err := c.asApp(ctx, ask, &got); err != nil {
		return nil, err
	}
	type wire struct {
		UserID text   `json:"userid"`
		Level  number `json:"sys_level"`
	}
	return strictly(got.Result, ask, func(w wire) (Admin, error) {
		id, err := w.UserID.id()
		return Admin{id, AdminLevel(w.Level)}, err
	})
}

// Scopes is what the app may see of the company (通讯录权限范围).
type Scopes struct {
	Departments []int64  // with all below them; 1 is everything
	UserIDs     []string // people beside those
	Fields      []string // of their records
	Conditions  []string // fields that people may be found by
}

// Scopes asks what the app may see.
func (c *Client) Scopes(ctx context.Context) (Scopes, error) {
	ask := get("/auth/scopes", nil)
	var got struct {
		Org *struct {
			Departments list[number] `json:"authed_dept"`
			UserIDs     list[text]   `json:"authed_user"`
		} `json:"auth_org_scopes"`
		Fields     list[text] `json:"auth_user_field"`
		Conditions list[text] `json:"condition_field"`
	}
	if err := c.asApp(ctx, ask, &got); err != nil {
		return Scopes{}, err
	}
	if got.Org == nil {
		return Scopes{}, ask.wrong(errMissing)
	}
	return Scopes{
		Departments: numbers(got.Org.Departments),
		UserIDs:     texts(got.Org.UserIDs),
		Fields:      texts(got.Fields),
		Conditions:  texts(got.Conditions),
	}, nil
}
