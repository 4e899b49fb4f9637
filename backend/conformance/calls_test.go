package conformance_test

import (
	"iter"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/secret"
)

// The endpoints as the errors name them.
const (
	grantPath = "/v1.0/oauth2/userAccessToken"
	mePath    = "/v1.0/contact/users/me"
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
