package dingtalk

import (
	"cmp"
	"context"
	"errors"
	"net/url"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// Visitor is who opened a page of ours inside the DingTalk app (免登), by the
// code that the page got there.
type Visitor struct {
	UserID          string
	UnionID         string // "" with Legacy
	Name            string // the display name in the company
	DeviceID        string
	AssociatedUnion string // of the account that an enterprise account belongs with; mostly ""
	SystemAdmin     bool
	Level           AdminLevel
}

// AdminLevel is what a person may administer.
type AdminLevel int

// The levels.
const (
	NoAdmin   AdminLevel = 0
	MainAdmin AdminLevel = 1
	SubAdmin  AdminLevel = 2
	BossAdmin AdminLevel = 100
)

// VisitorByCode spends a code that a page got from dd.requestAuthCode, or from
// the older dd.runtime.permission.requestAuthCode. It is good for five minutes
// and one use; one from a scan is of another kind, and code_invalid here. It is
// sent once, for the reasons of [Client.ExchangeCode]; once more only when
// DingTalk refused the app's token, and so never looked at the code.
func (c *Client) VisitorByCode(ctx context.Context, code secret.Text) (Visitor, error) {
	ask := c.visitorCall(code)
	got, err := result[wireVisitor](ctx, c, c.asAppOnce, ask)
	switch {
	case err != nil:
		return Visitor{}, err
	case got.UserID == "":
		return Visitor{}, ask.wrong(errMissing)
	}
	return got.visitor(), nil
}

func (c *Client) visitorCall(code secret.Text) call {
	ask := c.either(basePermission,
		post("/topapi/v2/user/getuserinfo", map[string]string{"code": code.Reveal()}),
		get("/user/getuserinfo", url.Values{"code": {code.Reveal()}}))
	ask.once = true
	return ask
}

// basePermission is what the app needs to hear who opened its page.
const basePermission = "qyapi_base"

type wireVisitor struct {
	UserID     text   `json:"userid"`
	UnionID    text   `json:"unionid"`
	Associated text   `json:"associated_unionid"`
	Name       text   `json:"name"`
	DeviceID   text   `json:"device_id"`
	OldDevice  text   `json:"deviceId"`
	Sys        flag   `json:"sys"`
	IsSys      flag   `json:"is_sys"`
	SysLevel   number `json:"sys_level"`
}

func (w wireVisitor) visitor() Visitor {
	return Visitor{
		UserID:          string(w.UserID),
		UnionID:         string(w.UnionID),
		Name:            string(w.Name),
		DeviceID:        string(cmp.Or(w.DeviceID, w.OldDevice)),
		AssociatedUnion: string(w.Associated),
		SystemAdmin:     w.Sys.value || w.IsSys.value,
		Level:           AdminLevel(w.SysLevel),
	}
}

// IdentifyVisitor spends a code as [Client.VisitorByCode] does and tells who
// came, if they may: through the same membership gate as a scan, with the same
// refusals. The company is the client's; DingTalk names none here.
func (c *Client) IdentifyVisitor(ctx context.Context, code secret.Text) (identity.Identity, error) {
	if err := c.needCompany(); err != nil {
		return identity.Identity{}, err
	}
	visitor, err := c.VisitorByCode(ctx, code)
	if err != nil {
		return identity.Identity{}, err
	}
	user, unionID, err := c.visitingEmployee(ctx, visitor)
	if err != nil {
		return identity.Identity{}, err
	}
	me := Profile{UnionID: unionID}
	if err := admit(user, me); err != nil {
		return identity.Identity{}, err
	}
	return compose(c.CorpID, me, user), nil
}

// needCompany is for the ways in on which DingTalk names no company.
func (c *Client) needCompany() error {
	if c.CorpID == "" {
		return &login.Error{
			Code: login.AppMisconfigured, Detail: "corp_id: none is set",
			Err: errors.New("no company is configured, and DingTalk names none here"),
		}
	}
	return nil
}

// visitingEmployee is the record of the person whose user id DingTalk named,
// once membership has named the same one. The frozen call names no union id;
// then the record does.
func (c *Client) visitingEmployee(ctx context.Context, visitor Visitor) (User, string, error) {
	if visitor.UnionID != "" {
		user, err := c.employee(ctx, visitor.UnionID, visitor.UserID)
		if err == nil && user.UserID != visitor.UserID {
			err = login.Fail(login.ProviderAnswer, errMismatch)
		}
		return user, visitor.UnionID, err
	}
	user, err := c.User(ctx, visitor.UserID)
	if err != nil {
		return User{}, "", err
	}
	if user.UnionID == "" {
		return User{}, "", c.directory().userCall(visitor.UserID).wrong(errMissing)
	}
	member, err := c.UserIDByUnionID(ctx, user.UnionID)
	switch {
	case err != nil:
		return User{}, "", err
	case member.External:
		return User{}, "", login.Fail(login.ExternalContact, errors.New("an external contact of the company"))
	case member.UserID != visitor.UserID:
		return User{}, "", login.Fail(login.ProviderAnswer, errMismatch)
	}
	return user, user.UnionID, nil
}
