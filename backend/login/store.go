package login

import (
	"context"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/signlog"
)

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
