package dingtalk

import (
	"context"
	"net/http"
	"net/url"
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
	find := c.memberCall(unionID)
	var got struct {
		Result     wireMember `json:"result"`
		wireMember            // the frozen call has no result around it
	}
	if err := c.asApp(ctx, find, &got); err != nil {
		return Member{}, err
	}
	member := got.Result
	if c.Legacy {
		member = got.wireMember
	}
	if member.UserID == "" {
		return Member{}, find.wrong(errMissing)
	}
	return Member{UserID: string(member.UserID), External: member.ContactType != 0 || member.OldContactType != 0}, nil
}

type wireMember struct {
	UserID         text   `json:"userid"`
	ContactType    number `json:"contact_type"`
	OldContactType number `json:"contactType"`
}

func (c *Client) memberCall(unionID string) call {
	if c.Legacy {
		return call{api: older, method: http.MethodGet, path: "/user/getUseridByUnionid", query: url.Values{"unionid": {unionID}}, permission: memberPermission}
	}
	return call{
		api:        older,
		method:     http.MethodPost,
		path:       "/topapi/user/getbyunionid",
		body:       map[string]string{"unionid": unionID},
		permission: memberPermission,
	}
}
