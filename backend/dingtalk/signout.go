package dingtalk

import (
	"context"
	"errors"
)

// SignOut ends a person's sessions in DingTalk itself, on all their devices. It
// is for enterprise accounts (企业账号) only, and needs the permission
// Contact.OrgAccountSecurity.ReadWrite. The reason is for DingTalk's records;
// shown are the texts that the person gets to see, by language (zh_CN, en_US),
// or nil for DingTalk's own.
//
// It ends no [Session]: DingTalk has no call that ends a token's life.
func (c *Client) SignOut(ctx context.Context, userID, reason string, shown map[string]string) error {
	body := map[string]any{"userId": userID, "reason": reason}
	if len(shown) > 0 {
		body["reasonI18nForEmployee"] = shown
	}
	ask := newPost("/v1.0/contact/orgAccounts/signOut", body)
	ask.permission = "Contact.OrgAccountSecurity.ReadWrite"
	var got struct {
		Result flag `json:"result"`
	}
	if err := c.asApp(ctx, ask, &got); err != nil { // to sign out twice does no harm
		return err
	}
	if !got.Result.value {
		return ask.wrong(errNotDone)
	}
	return nil
}

var errNotDone = errors.New("DingTalk did not do it, and says no more")
