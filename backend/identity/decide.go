package identity

// Decide says what may be said of the person at a moment, without any network.
// The order is the order of certainty: what DingTalk said, what the
// administrator set, whether time can be told, and only then how much of it
// has passed.
func Decide(rec Record, p Policy, at Moment) Verdict {
	v := judge(rec, p, at)
	v.Age = max(0, at.Now.Sub(rec.VerifiedAt))
	if v.Answer == Allow {
		v.Until = p.Until(rec)
		v.Left = v.Until.Sub(at.Now)
		v.UsesLeft = p.left(rec.Used)
	}
	return v
}

// DecideEntered is Decide for somebody who was let in on the cache's word and is
// still here: the last use that is counted is their own, and its being the last
// one takes nothing from it.
func DecideEntered(rec Record, p Policy, at Moment) Verdict {
	left := p.left(rec.Used)
	rec.Used.Person, rec.Used.Device = rec.Used.Person-1, rec.Used.Device-1
	v := Decide(rec, p, at)
	if v.Answer == Allow {
		v.UsesLeft = left
	}
	return v
}

func judge(rec Record, p Policy, at Moment) Verdict {
	age := at.Now.Sub(rec.VerifiedAt)
	switch {
	case rec.Refused != "":
		return Verdict{Answer: Deny, Reason: rec.Refused}
	case !rec.Identity.Active:
		return Verdict{Answer: Deny, Reason: Inactive}
	case !p.Offline:
		return Verdict{Answer: NeedsOnline, Reason: OfflineOff}
	case rec.Stale:
		return Verdict{Answer: NeedsOnline, Reason: Stale}
	case at.Trust == Behind || age < -tolerance:
		return Verdict{Answer: Suspended, Reason: ClockBehind}
	case p.For <= 0 || age >= p.For: // no time is none, also for a clock that is a little behind
		return Verdict{Answer: NeedsOnline, Reason: TooOld}
	case rec.Used.Person >= p.Uses:
		return Verdict{Answer: NeedsQR, Reason: UsedUp}
	case p.left(rec.Used) == 0:
		return Verdict{Answer: NeedsOnline, Reason: DeviceUsedUp}
	case p.Refresh > 0 && age >= p.Refresh:
		return Verdict{Answer: Allow, Reason: RefreshDue}
	}
	return Verdict{Answer: Allow, Reason: Fresh}
}
