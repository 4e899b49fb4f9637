package login

import (
	"context"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
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

// Store keeps who is signed in. Its errors are [Error]s.
type Store interface {
	// Ready reports whether an identity could be written now. It is asked
	// before a one-time code is spent.
	Ready(ctx context.Context) error

	// Keep writes the record, makes it the current one, and notes the sign-in in
	// the sign-in log. nil means that all that is durable and was read back equal.
	Keep(ctx context.Context, rec identity.Record) error

	// Current is who is signed in; NotSignedIn when nobody is.
	Current(ctx context.Context) (identity.Record, error)

	// Leave drops that a person is the current one, and notes it in the sign-in
	// log. That they are not is no error.
	Leave(ctx context.Context, who identity.Identity) error

	// Forget drops what is known of a person, and that they are the current one
	// if they are, and notes it in the sign-in log. That they are not known is no
	// error.
	Forget(ctx context.Context, who identity.Identity) error

	// Record is what is kept of a person; NotSignedIn where they are not known.
	Record(ctx context.Context, corpID, userID string) (identity.Record, error)

	// Renew puts what DingTalk has said of a person who is known, who they are or
	// a refusal, in the place of what it was asked about, unless there is a newer
	// answer by then. It makes nobody the current one, and takes no refusal back.
	Renew(ctx context.Context, asked, said identity.Record) error

	// Refuse writes down that DingTalk has said no to a sign-in of a person who is
	// known. This and a refusal by Renew hold until Keep, also while they cannot be
	// written, which is the error then.
	Refuse(ctx context.Context, who identity.Identity, reason identity.Reason) error

	// Note writes an event that stands alone into the sign-in log. What cannot
	// be written now is written later: nobody is refused because of it.
	Note(ctx context.Context, e signlog.Entry)

	// UserID is a [Known].
	UserID(ctx context.Context, corpID, unionID string) (userID string, ok bool)

	// Remember and Recall keep a fact about this machine, not about a person.
	Remember(ctx context.Context, key, value string) error
	Recall(ctx context.Context, key string) (value string, ok bool, err error)
}

// Rechecker is a Provider that can ask about a person without them.
type Rechecker interface {
	// Recheck tells who the person is now, if they may still come in. The codes
	// of a refusal are those of [RefusalOf]; every other error means that it
	// cannot be told.
	Recheck(ctx context.Context, who identity.Identity) (identity.Identity, error)
}
