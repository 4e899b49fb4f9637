package conformance_test

import (
	"iter"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/secret"
)

// The endpoints as the errors name them.
const (
	appTokenPath   = "/v1.0/oauth2/accessToken"
	queryTokenPath = "/gettoken"
	memberPath     = "/topapi/user/getbyunionid"
	oldMemberPath  = "/user/getUseridByUnionid"
	userPath       = "/topapi/v2/user/get"
	oldUserPath    = "/user/get"
	visitorPath    = "/topapi/v2/user/getuserinfo"
	oldVisitorPath = "/user/getuserinfo"
	grantPath      = "/v1.0/oauth2/userAccessToken"
	mePath         = "/v1.0/contact/users/me"
)

// granted is a grant without what is another each time.
type granted struct {
	access, refresh bool // there is one
	expires         time.Duration
	corpID          string
}

func (w *world) granted(grant dingtalk.Grant, err error) (any, error) {
	w.hide(grant.AccessToken)
	w.hide(grant.RefreshToken)
	return granted{!grant.AccessToken.Empty(), !grant.RefreshToken.Empty(), grant.ExpiresIn, grant.CorpID}, err
}

// exchange spends a one-time code.
func exchange(w *world, code secret.Text) (any, error) {
	grant, err := w.client.ExchangeCode(w.t.Context(), w.hide(code))
	return w.granted(grant, err)
}

// refresh spends a refresh token.
func refresh(w *world, token secret.Text) (any, error) {
	grant, err := w.client.Refresh(w.t.Context(), w.hide(token))
	return w.granted(grant, err)
}

// me asks whose token it is.
func me(w *world, token secret.Text) (any, error) { return w.client.Me(w.t.Context(), w.hide(token)) }

// all is a whole sequence, up to the first error.
func all[T any](sequence iter.Seq2[T, error]) (items []T, err error) {
	for item, err := range sequence {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}

// fetch asks for an app token, and whether the older API takes it.
func fetch(w *world) (any, error) {
	token, err := w.client.AppToken(w.t.Context())
	if err != nil {
		return nil, err
	}
	w.hide(token)
	return w.client.UserIDByUnionID(w.t.Context(), w.who("zhang01").UnionID)
}

// member asks for somebody's place in the company.
func member(unionOf string) call {
	return func(w *world) (any, error) {
		return w.client.UserIDByUnionID(w.t.Context(), w.who(unionOf).UnionID)
	}
}

// user reads somebody's record.
func user(userID string) call {
	return func(w *world) (any, error) { return w.client.User(w.t.Context(), userID) }
}

// frozen makes a call as an app does that was given its permissions before
// DingTalk froze the older calls.
func frozen(ask call) call {
	return func(w *world) (any, error) {
		w.client.Legacy = true
		return ask(w)
	}
}

// faulted is what the next calls of an endpoint are answered with.
func faulted(endpoint string, faults ...sandbox.Fault) func(*world) {
	return func(w *world) { w.fault(endpoint, faults...) }
}

// lacking is an app without a permission.
func lacking(permission string) func(*world) {
	return func(w *world) { w.without(permission) }
}

// elsewhere is an app whose list of addresses does not have ours.
func elsewhere(w *world) { w.set("allowed_ips", []string{"192.0.2.1"}) }

// narrow is an app that may see two departments.
func narrow(w *world) { w.set("contact_scope", []int64{88005, 88006}) }
