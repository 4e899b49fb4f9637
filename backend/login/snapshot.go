package login

import (
	"time"

	"github.com/dingpass/dingpass/backend/identity"
)

// Source says where an identity was heard of.
type Source string

// The sources. The values are a contract (design 3.2).
const (
	FromDingTalk Source = "online"
	FromCache    Source = "cache"
)

// Snapshot is all that may be known of the sign-in from outside, at one
// moment. It holds no state parameter, code or token.
type Snapshot struct {
	Seq   uint64 // grows by one with each change
	Phase Phase

	// The running attempt, or the last one. AttemptID is "" before the first.
	AttemptID string
	Embed     Embed
	StartedAt time.Time
	ExpiresAt time.Time

	// Who is signed in; nil when nobody is.
	Record *identity.Record
	Source Source

	// Entered says that the person was let in by PIN or badge: one of the uses
	// that are counted is this one.
	Entered bool

	// Err says why the attempt ended; nil unless Phase is Failed, TimedOut or
	// Abandoned.
	Err *Error
}
