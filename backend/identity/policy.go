package identity

import "time"

// Policy says how long the cache may speak for a person. The zero value allows
// nothing offline.
type Policy struct {
	Offline bool          // false: every sign-in needs DingTalk
	For     time.Duration // how long after VerifiedAt; counted from DingTalk's last answer
	Uses    int           // how many offline sign-ins of one person in that time

	// DeviceUses is how many offline sign-ins all people together may have
	// before DingTalk has to answer once; 0 = as many as they have each.
	DeviceUses int

	// Refresh is how old an answer may become before DingTalk is to be asked
	// again while it can be; 0 = at every sign-in only. It never ends anybody's
	// time offline (BeyondTrust/pbis-open #226: a reader took one for the other).
	Refresh time.Duration

	// Retain is how long after VerifiedAt a record is kept at all; 0 = for ever.
	Retain time.Duration
}

// Until is the moment at which the record stops being good offline; the zero
// time where it never is.
func (p Policy) Until(rec Record) time.Time {
	if !p.Offline || rec.Refused != "" {
		return time.Time{}
	}
	return rec.VerifiedAt.Add(p.For)
}

// left is how many offline sign-ins remain to the person, which the device may
// limit; never less than none.
func (p Policy) left(used Usage) int {
	left := p.Uses - used.Person
	if p.DeviceUses > 0 {
		left = min(left, p.DeviceUses-used.Device)
	}
	return max(0, left)
}

// Expired reports whether the record has been kept for as long as it may be.
// A clock alone never says so: see [Moment].
func (p Policy) Expired(rec Record, at Moment) bool {
	return p.Retain > 0 && at.Trust == Measured && at.Now.Sub(rec.VerifiedAt) >= p.Retain
}
