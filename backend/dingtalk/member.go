package dingtalk

import (
	"context"
	"net/http"
)

// memberPermission is what the app needs to read who is in the company.
const memberPermission = "qyapi_get_member"

// Member is a union id's place in the company's directory.
type Member struct {
	UserID string
	// External marks somebody whom the company knows without employing them: a
	// contact_type that is not 0. Where DingTalk names no type the employee
	// record decides, which external contacts do not have.
	External bool
}

// UserIDByUnionID finds the person in the company that the app belongs to. It
// is the membership gate: somebody who is not in the directory is answered
// with not_member. External contacts are no error here.
func (c *Client) UserIDByUnionID(ctx context.Context, unionID string) (Member, error) {
	find := call{
		api:        older,
		method:     http.MethodPost,
		path:       "/topapi/user/getbyunionid",
		body:       map[string]string{"unionid": unionID},
		permission: memberPermission,
	}
	var got struct {
		Result struct {
			UserID      text   `json:"userid"`
			ContactType number `json:"contact_type"`
		} `json:"result"`
	}
	if err := c.asApp(ctx, find, &got); err != nil {
		return Member{}, err
	}
	if got.Result.UserID == "" {
		return Member{}, find.wrong(errMissing)
	}
	return Member{UserID: string(got.Result.UserID), External: got.Result.ContactType != 0}, nil
}
