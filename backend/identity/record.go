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

	// Stale says that all this may be of an older copy of what was kept: a refusal
	// may be missing, and uses. Only another sign-in with DingTalk takes it back.
	Stale bool

	// Used counts what has been allowed on the cache's word alone.
	Used Usage
}

// Usage counts sign-ins that DingTalk was not asked about.
type Usage struct {
	Person int // of this person since their last sign-in with DingTalk
	Device int // of anybody on this device since DingTalk last answered it
}
