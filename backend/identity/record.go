package identity

import "time"

// Record is an identity with the moment at which DingTalk confirmed it, and
// what has happened since.
type Record struct {
	Identity   Identity
	VerifiedAt time.Time // UTC, whole seconds; by trusted time

	// Refused says why DingTalk said no when it was asked again; empty while it
	// has not. Only another sign-in with DingTalk takes it back.
	Refused Reason

	// Used counts what has been allowed on the cache's word alone.
	Used Usage

	// Stale says that this may be of an older copy of what is kept, and that
	// DingTalk has not answered about the person since that was found.
	Stale bool

	// Log is for whoever keeps the record, to tell what an older copy may have
	// brought back.
	Log LogLengths
}

// LogLengths are how long the sign-in log was at two moments. Of two moments it
// tells for certain which came first; a clock can be set.
type LogLengths struct {
	SignedIn int64 // when the person last signed in with DingTalk
	Answered int64 // when DingTalk last answered about them
}

// Usage counts sign-ins that DingTalk was not asked about.
type Usage struct {
	Person int // of this person since their last sign-in with DingTalk
	Device int // of anybody on this device since DingTalk last answered it
}
