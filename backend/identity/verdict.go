package identity

import "time"

// Answer is the outcome of a decision. Its values are part of the JSON
// contract of «whoami --json» (design 5).
type Answer string

// The answers.
const (
	Allow       Answer = "allow"
	Deny        Answer = "deny"         // DingTalk said no; nothing here can change that
	NeedsQR     Answer = "needs_qr"     // the person has to scan again
	NeedsOnline Answer = "needs_online" // DingTalk has to be asked first
	Suspended   Answer = "suspended"    // nobody can tell what time it is; one contact with DingTalk heals it
)

// Reason says why a verdict is what it is.
type Reason string

// The reasons. Those of Deny are what DingTalk said, and are what
// [Record.Refused] holds.
const (
	Fresh      Reason = "fresh"       // Allow: within the time the policy allows
	RefreshDue Reason = "refresh_due" // Allow, and DingTalk is to be asked as soon as it can be

	Gone     Reason = "gone"     // Deny: not in the company's directory any more
	External Reason = "external" // Deny: an external contact, no member
	Disabled Reason = "disabled" // Deny: the account is disabled
	Inactive Reason = "inactive" // Deny: the account has never been activated

	UsedUp       Reason = "used_up"        // NeedsQR: as many times as the policy allows
	DeviceUsedUp Reason = "device_used_up" // NeedsOnline: as many times as this device may
	OfflineOff   Reason = "offline_off"    // NeedsOnline: the policy allows nothing offline
	TooOld       Reason = "too_old"        // NeedsOnline: verified longer ago than the policy allows
	Stale        Reason = "stale"          // NeedsOnline: what is kept may be of an older copy; see Record.Stale

	ClockBehind Reason = "clock_behind" // Suspended: the clock was set back
)

// Verdict is what the cache says of a person at one moment.
type Verdict struct {
	Answer Answer
	Reason Reason

	Age      time.Duration // since DingTalk confirmed the person, by trusted time; never negative
	Until    time.Time     // when it stops being Allow; zero where it is not
	Left     time.Duration // how long until then; zero where it is not Allow
	UsesLeft int           // offline sign-ins that remain; zero where it is not Allow
}
