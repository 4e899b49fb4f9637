package offline

// Reason says in one word why somebody was not let in or a PIN was not taken.
// What [identity.Decide] says of a person is told in its own words, but that
// nobody can tell the time is [Suspended].
type Reason string

// Why somebody was not let in.
const (
	WrongPIN     Reason = "wrong_pin"     // or a job number that is nobody's, or has no PIN
	Locked       Reason = "locked"        // until Result.RetryAt
	HardLocked   Reason = "hard_locked"   // until a sign-in with DingTalk
	DeviceLocked Reason = "device_locked" // too many wrong PINs of all people together; until a sign-in with DingTalk
	NotEnrolled  Reason = "not_enrolled"  // the last person of this device has no PIN, or there is none
	Suspended    Reason = "suspended"     // nobody can tell what time it is
	Stale        Reason = "stale"         // what is kept may be of an older copy; see Options.Stale
	BadBadge     Reason = "bad_badge"     // no badge, or not of this device
	Revoked      Reason = "revoked"       // a badge that was taken back
	BadgeExpired Reason = "expired"       // a badge whose time is over
)

// Why a PIN was not taken.
const (
	TooShort  Reason = "too_short" // less than 6 digits
	TooLong   Reason = "too_long"  // more than 64
	NotDigits Reason = "not_digits"
	Repeated  Reason = "repeated"   // a block again and again, or mirrored, or two digits only
	Sequence  Reason = "sequence"   // digits that count up or down
	Date      Reason = "date"       // a date in a usual order
	OwnNumber Reason = "own_number" // the person's job number, mobile or user id, or a part
	NotNow    Reason = "not_now"    // only right after a sign-in with DingTalk
)
