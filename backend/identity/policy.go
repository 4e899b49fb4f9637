package identity

import "time"

// Record is an identity with the moment at which DingTalk confirmed it.
type Record struct {
	Identity   Identity
	VerifiedAt time.Time // UTC, whole seconds
}

// Policy says how long the cache may speak for a person. The zero value allows
// nothing offline.
type Policy struct {
	Offline bool          // false: every sign-in needs DingTalk
	For     time.Duration // how long after VerifiedAt; counted from DingTalk's last answer
	Uses    int           // how many offline sign-ins in that time
}

// Until is the moment at which the record stops being good offline; the zero
// time where it never is.
func (p Policy) Until(rec Record) time.Time {
	if !p.Offline {
		return time.Time{}
	}
	return rec.VerifiedAt.Add(p.For)
}

// Answer is the outcome of a decision. Its values are part of the JSON
// contract of «whoami --json».
type Answer string

// The answers. The words are those of design 5; issue 4 adds Suspended.
const (
	Allow       Answer = "allow"
	Deny        Answer = "deny"
	NeedsOnline Answer = "needs_online"
)

// Reason says why a verdict is what it is.
type Reason string

// The reasons.
const (
	Fresh       Reason = "fresh"        // within the time the policy allows
	OfflineOff  Reason = "offline_off"  // the policy allows nothing offline
	TooOld      Reason = "too_old"      // verified longer ago than the policy allows
	ClockBehind Reason = "clock_behind" // verified in the future: this clock cannot be right
	Inactive    Reason = "inactive"     // the record itself says so
)

// Verdict is what the cache says of a person at one moment.
type Verdict struct {
	Answer   Answer
	Reason   Reason
	Until    time.Time // when it stops being Allow; zero where it is not
	UsesLeft int
}

// clockTolerance forgives two machines' clocks, or one clock stepped by NTP;
// more than that is a clock set back.
const clockTolerance = 2 * time.Minute

// Decide says what may be said of the person now, without any network.
func Decide(rec Record, p Policy, now time.Time) Verdict {
	until := p.Until(rec)
	switch {
	case !rec.Identity.Active:
		return Verdict{Answer: Deny, Reason: Inactive}
	case !p.Offline:
		return Verdict{Answer: NeedsOnline, Reason: OfflineOff}
	case now.Before(rec.VerifiedAt.Add(-clockTolerance)):
		return Verdict{Answer: NeedsOnline, Reason: ClockBehind}
	case p.For <= 0 || !now.Before(until): // no time is none, also for a clock that is a little behind
		return Verdict{Answer: NeedsOnline, Reason: TooOld}
	}
	return Verdict{Answer: Allow, Reason: Fresh, Until: until, UsesLeft: p.Uses}
}
