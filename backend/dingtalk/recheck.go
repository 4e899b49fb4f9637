package dingtalk

import (
	"context"
	"errors"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

var (
	_ login.Rechecker = (*Client)(nil)
	_ login.Rechecker = (*SNS)(nil)
)

// Recheck asks about a person who has signed in before, with the app's token
// alone: whether they still are a member, and what their record says now. The
// refusals are Identify's; every other error means that it could not be told.
//
// Their own account is not asked, for that needs them: what only it knew is
// taken over from who.
func (c *Client) Recheck(ctx context.Context, who identity.Identity) (identity.Identity, error) {
	if c.CorpID != "" && c.CorpID != who.CorpID {
		// The app's token sees its own company. It would call everybody else gone.
		return identity.Identity{}, login.Fail(login.WrongCorp, errors.New("the person is of another company than the app"))
	}
	user, err := c.colleague(ctx, who)
	if err != nil {
		return identity.Identity{}, err
	}
	if user.UserID != who.UserID {
		// They left and came back. Their record here is of the old user id, and
		// only a sign-in replaces it.
		return identity.Identity{}, login.Fail(login.ProviderAnswer, errMismatch)
	}
	me := Profile{
		UnionID: who.UnionID, OpenID: who.OpenID, Nick: who.Nick, Avatar: who.Avatar,
		Mobile: who.Mobile, State: who.State, Email: who.Email,
	}
	if me.UnionID == "" {
		me.UnionID = user.UnionID
	}
	if err := admit(user, me); err != nil {
		return identity.Identity{}, err
	}
	return compose(who.CorpID, me, user), nil
}

// colleague is the record of a person whose ids are known. Without a union id
// only the record can be asked; external contacts have none.
func (c *Client) colleague(ctx context.Context, who identity.Identity) (User, error) {
	if who.UnionID == "" {
		return c.User(ctx, who.UserID)
	}
	return c.employee(ctx, who.UnionID, who.UserID)
}

// Recheck is the client's: a person is asked about in the same way, however
// they signed in.
func (s *SNS) Recheck(ctx context.Context, who identity.Identity) (identity.Identity, error) {
	return s.Client.Recheck(ctx, who)
}
