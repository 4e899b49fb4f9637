package sandbox

import (
	"fmt"
	"strings"
)

// flatRecord writes a record in the shape of /user/get.
func flatRecord(e employee) map[string]any {
	var orders, leads []string
	for _, o := range e.Orders {
		orders = append(orders, fmt.Sprintf("%d:%d", o.DeptID, o.Order))
	}
	for _, l := range e.Leads {
		leads = append(leads, fmt.Sprintf("%d:%t", l.DeptID, l.Leader))
	}
	roles := []map[string]any{}
	for _, r := range e.Roles {
		roles = append(roles, map[string]any{"id": r.ID, "name": r.Name, "groupName": r.Group, "type": 101})
	}
	flat := map[string]any{
		"userid": e.UserID, "unionid": e.UnionID, "name": e.Name, "avatar": e.Avatar,
		"tel": e.Telephone, "workPlace": "", "remark": "", "position": e.Title, "jobnumber": e.JobNumber,
		"active": e.Active, "isAdmin": e.Admin, "isBoss": e.Boss, "isSenior": e.Senior, "isHide": e.HideMob,
		"realAuthed": e.RealAuthed, "exclusiveAccount": e.Exclusive,
		"department":      e.Departments,
		"orderInDepts":    "{" + strings.Join(orders, ",") + "}",
		"isLeaderInDepts": "{" + strings.Join(leads, ",") + "}",
		"extattr":         map[string]any{}, "tags": map[string]any{}, "roles": roles,
	}
	for name, text := range map[string]string{
		"mobile": e.Mobile, "stateCode": e.StateCode, "email": e.Email, "orgEmail": e.OrgEmail, "managerUserid": e.Manager,
	} {
		if text != "" {
			flat[name] = text
		}
	}
	return flat
}
