package login

import (
	"context"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/secret"
)

// AuthorizeRequest is what differs between two authorization requests
// (RFC 6749, 4.1.1).
type AuthorizeRequest struct {
	State       string // echoed unchanged; the only thing that binds DingTalk's answer to us
	RedirectURI string // the listener's own address, byte for byte
	Frame       bool   // DingTalk's QR alone, made to stand in a frame of our page
}

// Known tells the user id that a union id had the last time, so that the
// membership and the employee record can be asked for at once. A wrong answer
// costs a round trip, never a wrong identity.
type Known func(ctx context.Context, corpID, unionID string) (userID string, ok bool)

// Provider is DingTalk as a sign-in needs it. Its errors are [Error]s. It is
// safe for concurrent use.
type Provider interface {
	// AuthorizeURL is where the person is sent.
	AuthorizeURL(AuthorizeRequest) string

	// Warm makes ready what does not depend on the person: connections and the
	// app token. It may be called again and again while a QR is up.
	Warm(ctx context.Context) error

	// Identify spends the one-time code and tells who came, if they may. It is
	// called once for a code: whether a failed exchange has spent it cannot be
	// known.
	Identify(ctx context.Context, code secret.Text, known Known) (identity.Identity, error)
}

// Rechecker is a Provider that can ask about a person without them.
type Rechecker interface {
	// Recheck tells who the person is now, if they may still come in. The codes
	// of a refusal are those of [RefusalOf]; every other error means that it
	// cannot be told.
	Recheck(ctx context.Context, who identity.Identity) (identity.Identity, error)
}
