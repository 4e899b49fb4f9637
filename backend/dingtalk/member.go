package dingtalk

import (
	"context"
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
	ask := c.memberCall(unionID)
	got, err := result[wireMember](ctx, c, c.asApp, ask)
	switch {
	case err != nil:
		return Member{}, err
	case got.UserID == "":
		return Member{}, ask.wrong(errMissing)
	}
	return Member{UserID: string(got.UserID), External: got.ContactType != 0 || got.OldContactType != 0}, nil
}

type wireMember struct {
	UserID         text   `json:"userid"`
	ContactType    number `json:"contact_type"`
	OldContactType number `json:"contactType"`
}

func (c *Client) memberCall(unionID string) call {
	return c.either(memberPermission,
		post("/topapi/user/getbyunionid", map[string]string{"unionid": unionID}),
		get("/user/getUseridByUnionid", url.Values{"unionid": {unionID}}))
}
