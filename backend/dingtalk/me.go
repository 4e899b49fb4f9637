package dingtalk

import (
	"context"
	"net/http"

	"github.com/dingpass/dingpass/backend/secret"
)

// Profile is the person's own DingTalk account. All but UnionID may be empty:
// without the permission Contact.User.mobile, say, DingTalk leaves the mobile
// number out.
type Profile struct {
	UnionID string // stable for a person and a developer organisation
	OpenID  string // stable for a person and an app
	Nick    string // the person's own choice; not the name in the company
	Avatar  string // URL
	Mobile  string
	State   string // country calling code, without a plus sign
	Email   string
}

// Me tells whose token it is. It needs the person's token (an app token is
// answered with a missing permission) and the permission Contact.User.Read.
func (c *Client) Me(ctx context.Context, token secret.Text) (Profile, error) {
	me := call{
		api:        newer,
		method:     http.MethodGet,
		path:       "/v1.0/contact/users/me",
		token:      token,
		permission: "Contact.User.Read",
	}
	var got struct {
		UnionID   text `json:"unionId"`
		OpenID    text `json:"openId"`
		Nick      text `json:"nick"`
		AvatarURL text `json:"avatarUrl"`
		Mobile    text `json:"mobile"`
		StateCode text `json:"stateCode"`
		Email     text `json:"email"`
	}
	if err := c.read(ctx, me, &got); err != nil {
		return Profile{}, err
	}
	if got.UnionID == "" {
		return Profile{}, me.wrong(errMissing)
	}
	return Profile{
		UnionID: string(got.UnionID),
		OpenID:  string(got.OpenID),
		Nick:    string(got.Nick),
		Avatar:  string(got.AvatarURL),
		Mobile:  string(got.Mobile),
		State:   string(got.StateCode),
		Email:   string(got.Email),
	}, nil
}
