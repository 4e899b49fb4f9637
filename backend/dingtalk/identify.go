package dingtalk

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// Identify spends the one-time code and tells who came, if they may. After
// Warm a known person costs three round trips: exchange, me, and membership
// and record together; a new one costs four. No call is made twice.
//
// Everybody else is refused, each with a code of their own: not_member,
// external_contact, inactive, disabled, wrong_corp; permission_missing where
// the app may not see the person.
func (c *Client) Identify(ctx context.Context, code secret.Text, known login.Known) (identity.Identity, error) {
	ctx, cancel := context.WithCancel(ctx)
	var ahead sync.WaitGroup
	defer ahead.Wait()
	defer cancel()
	// Without Warm the token is fetched beside the exchange. Who needs it later
	// joins this fetch or finds its result; an error is met again there.
	ahead.Go(func() { _, _ = c.AppToken(ctx) })

	grant, err := c.ExchangeCode(ctx, code)
	if err != nil {
		return identity.Identity{}, err
	}
	corpID, err := c.company(grant)
	if err != nil {
		return identity.Identity{}, err
	}
	me, err := c.Me(ctx, grant.AccessToken)
	if err != nil {
		return identity.Identity{}, err
	}
	return c.member(ctx, corpID, me, known)
}

// member is the person as an employee of the company, if they are one and may
// come in. All scans end here.
func (c *Client) member(ctx context.Context, corpID string, me Profile, known login.Known) (identity.Identity, error) {
	guess := ""
	if known != nil {
		guess, _ = known(ctx, corpID, me.UnionID)
	}
	user, err := c.employee(ctx, me.UnionID, guess)
	if err != nil {
		return identity.Identity{}, err
	}
	if err := admit(user, me); err != nil {
		return identity.Identity{}, err
	}
	return compose(corpID, me, user), nil
}

// company is the company that the person signs in to. DingTalk may name none:
// corpId is an extra of the scope. That is no way in, because the app's token
// sees the directory of its own company only, and membership is asked there.
func (c *Client) company(grant Grant) (string, error) {
	switch {
	case c.CorpID == "" && grant.CorpID == "":
		return "", login.Fail(login.ProviderAnswer, errors.New("DingTalk named no company and none is configured"))
	case c.CorpID == "" || grant.CorpID == "" || grant.CorpID == c.CorpID:
		return cmp.Or(c.CorpID, grant.CorpID), nil
	}
	return "", login.Fail(login.WrongCorp, errOtherCompany)
}

var errOtherCompany = errors.New("it is another company")

// employee finds the person's record in the company. With a guess at the user
// id, the record is read while membership is still being asked; a guess that
// membership does not confirm is thrown away.
func (c *Client) employee(ctx context.Context, unionID, guess string) (User, error) {
	var early struct {
		user User
		err  error
	}
	guessed, drop := context.WithCancel(ctx)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer drop()
	if guess != "" {
		reading.Go(func() { early.user, early.err = c.User(guessed, guess) })
	}
	member, err := c.UserIDByUnionID(ctx, unionID)
	switch {
	case err != nil:
		return User{}, err
	case member.External:
		return User{}, login.Fail(login.ExternalContact, errors.New("an external contact of the company"))
	case member.UserID == guess:
		reading.Wait()
		return early.user, early.err
	}
	drop()
	return c.User(ctx, member.UserID)
}

// admit is the last gate: what the record itself says.
func admit(user User, me Profile) error {
	switch {
	case user.UnionID != "" && user.UnionID != me.UnionID:
		// Membership named this user id for that union id; both cannot be true.
		return login.Fail(login.ProviderAnswer, errMismatch)
	case user.Disabled:
		return login.Fail(login.Disabled, errors.New("the account is disabled"))
	case !user.Active:
		return login.Fail(login.InactiveAccount, errors.New("the account was never activated"))
	}
	return nil
}

// compose makes the identity. The record knows how the company sees the
// person; their own account fills in what it leaves out.
func compose(corpID string, me Profile, user User) identity.Identity {
	mobile, state := user.Mobile, user.State
	if mobile == "" { // the two belong together
		mobile, state = me.Mobile, me.State
	}
	return identity.Identity{
		CorpID:      corpID,
		UserID:      user.UserID,
		UnionID:     me.UnionID,
		OpenID:      me.OpenID,
		Name:        user.Name,
		Nick:        me.Nick,
		Avatar:      cmp.Or(user.Avatar, me.Avatar),
		Mobile:      mobile,
		State:       state,
		Email:       cmp.Or(user.Email, me.Email),
		OrgEmail:    user.OrgEmail,
		JobNo:       user.JobNumber,
		Title:       user.Title,
		Departments: user.Departments,
		Admin:       user.Admin,
		Boss:        user.Boss,
		Active:      user.Active,
	}
}
