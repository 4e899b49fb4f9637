package identity_test

import (
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
)

var verified = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const (
	threeDays = 72 * time.Hour
	halfDay   = 12 * time.Hour
)

// after is a moment that DingTalk's time confirms.
func after(d time.Duration) identity.Moment {
	return identity.Moment{Now: verified.Add(d), Trust: identity.Measured}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	policy := identity.Policy{Offline: true, For: threeDays, Uses: 20, DeviceUses: 100, Refresh: halfDay}
	none := identity.Policy{}
	person := func(edit ...func(*identity.Record)) identity.Record {
		rec := identity.Record{Identity: identity.Identity{UserID: "u1", Active: true}, VerifiedAt: verified}
		for _, e := range edit {
			e(&rec)
		}
		return rec
	}
	good := person()
	inactive := person(func(r *identity.Record) { r.Identity.Active = false })
	gone := person(func(r *identity.Record) { r.Refused = identity.Gone })
	stale := person(func(r *identity.Record) { r.Stale = true })
	used := func(byPerson, byAll int) identity.Record {
		return person(func(r *identity.Record) { r.Used = identity.Usage{Person: byPerson, Device: byAll} })
	}
	behind := identity.Moment{Now: verified.Add(time.Hour), Trust: identity.Behind}
	verdict := func(a identity.Answer, r identity.Reason) identity.Verdict {
		return identity.Verdict{Answer: a, Reason: r}
	}
	allow := func(r identity.Reason, uses int) identity.Verdict {
		return identity.Verdict{Answer: identity.Allow, Reason: r, UsesLeft: uses}
	}

	tests := []struct {
		name   string
		rec    identity.Record
		policy identity.Policy
		at     identity.Moment
		want   identity.Verdict // its ages are computed
	}{
		{"at the moment of verification", good, policy, after(0), allow(identity.Fresh, 20)},
		{"a nanosecond before a refresh is due", good, policy, after(halfDay - 1), allow(identity.Fresh, 20)},
		// BeyondTrust/pbis-open #226: an end of freshness was taken for the end of use.
		{"when a refresh is due", good, policy, after(halfDay), allow(identity.RefreshDue, 20)},
		{"where no refresh is ever due", good, identity.Policy{Offline: true, For: threeDays, Uses: 1}, after(threeDays - 1), allow(identity.Fresh, 1)},
		{"a nanosecond before the end", good, policy, after(threeDays - 1), allow(identity.RefreshDue, 20)},
		{"at the end", good, policy, after(threeDays), verdict(identity.NeedsOnline, identity.TooOld)},
		{"a year later", good, policy, after(365 * 24 * time.Hour), verdict(identity.NeedsOnline, identity.TooOld)},
		{"a clock that nothing contradicts", good, policy, identity.Moment{Now: verified}, allow(identity.Fresh, 20)},

		{"a clock behind by what is forgiven", good, policy, after(-2 * time.Minute), allow(identity.Fresh, 20)},
		{"verified in the future", good, policy, after(-2*time.Minute - 1), verdict(identity.Suspended, identity.ClockBehind)},
		{"a clock that was set back", good, policy, behind, verdict(identity.Suspended, identity.ClockBehind)},
		{"a clock that was set back, past the end", good, policy, identity.Moment{Now: verified.Add(2 * threeDays), Trust: identity.Behind}, verdict(identity.Suspended, identity.ClockBehind)},

		{"offline off at the moment of verification", good, identity.Policy{For: threeDays, Uses: 20}, after(0), verdict(identity.NeedsOnline, identity.OfflineOff)},
		{"the zero policy", good, none, after(0), verdict(identity.NeedsOnline, identity.OfflineOff)},
		{"offline off says so before the clock does", good, none, behind, verdict(identity.NeedsOnline, identity.OfflineOff)},

		{"an inactive account while fresh", inactive, policy, after(0), verdict(identity.Deny, identity.Inactive)},
		{"an inactive account is denied whatever the policy", inactive, none, after(0), verdict(identity.Deny, identity.Inactive)},
		{"an inactive account is denied whatever the clock", inactive, policy, behind, verdict(identity.Deny, identity.Inactive)},
		{"somebody who is gone, while fresh", gone, policy, after(0), verdict(identity.Deny, identity.Gone)},
		{"somebody who is gone, whatever the age", gone, policy, after(2 * threeDays), verdict(identity.Deny, identity.Gone)},
		{"somebody who is gone, whatever the clock", gone, none, behind, verdict(identity.Deny, identity.Gone)},

		{"of an older copy, while fresh", stale, policy, after(0), verdict(identity.NeedsOnline, identity.Stale)},
		{"of an older copy, whatever the clock", stale, policy, behind, verdict(identity.NeedsOnline, identity.Stale)},
		{"of an older copy, and refused", person(func(r *identity.Record) { r.Stale, r.Refused = true, identity.Gone }), policy, after(0), verdict(identity.Deny, identity.Gone)},

		{"one use before the person's last", used(19, 19), policy, after(0), allow(identity.Fresh, 1)},
		{"the person's uses are up", used(20, 20), policy, after(0), verdict(identity.NeedsQR, identity.UsedUp)},
		{"more uses than allowed, as after a change of the setting", used(25, 25), policy, after(0), verdict(identity.NeedsQR, identity.UsedUp)},
		{"too old and used up: a scan alone would not do", used(20, 20), policy, after(threeDays), verdict(identity.NeedsOnline, identity.TooOld)},
		{"the device leaves fewer than the person has", used(3, 98), policy, after(0), allow(identity.Fresh, 2)},
		{"the device's uses are up", used(3, 100), policy, after(0), verdict(identity.NeedsOnline, identity.DeviceUsedUp)},
		{"no limit for the device", used(3, 1000), identity.Policy{Offline: true, For: threeDays, Uses: 20}, after(0), allow(identity.Fresh, 17)},

		// aad-auth #42, PR #64 (T38): 0 and -1 were read as «for ever».
		{"no time at all", good, identity.Policy{Offline: true, Uses: 20}, after(0), verdict(identity.NeedsOnline, identity.TooOld)},
		{"no time at all and a clock a little behind", good, identity.Policy{Offline: true, Uses: 20}, after(-time.Second), verdict(identity.NeedsOnline, identity.TooOld)},
		{"less than no time", good, identity.Policy{Offline: true, For: -1, Uses: 20}, after(0), verdict(identity.NeedsOnline, identity.TooOld)},
		{"no uses at all", good, identity.Policy{Offline: true, For: threeDays}, after(0), verdict(identity.NeedsQR, identity.UsedUp)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := test.want
			want.Age = max(0, test.at.Now.Sub(verified))
			if want.Answer == identity.Allow {
				want.Until = verified.Add(threeDays)
				want.Left = want.Until.Sub(test.at.Now)
			}
			if got := identity.Decide(test.rec, test.policy, test.at); got != want {
				t.Errorf("verdict %+v, want %+v", got, want)
			}
			// The machine's zone is nothing to the verdict.
			east := test.at
			east.Now = east.Now.In(time.FixedZone("UTC+8", 8*60*60))
			if got := identity.Decide(test.rec, test.policy, east); got != want {
				t.Errorf("verdict in another zone %+v, want %+v", got, want)
			}
		})
	}
}

func TestARecordThatWasNeverVerifiedIsTooOld(t *testing.T) {
	t.Parallel()
	rec := identity.Record{Identity: identity.Identity{Active: true}}
	got := identity.Decide(rec, identity.Policy{Offline: true, For: threeDays, Uses: 20}, after(0))
	if got.Answer != identity.NeedsOnline || got.Reason != identity.TooOld {
		t.Errorf("verdict %+v, want needs_online for its age", got)
	}
}

func TestUntilIsCountedFromTheVerification(t *testing.T) {
	t.Parallel()
	rec := identity.Record{VerifiedAt: verified}
	if got, want := (identity.Policy{Offline: true, For: time.Hour}).Until(rec), verified.Add(time.Hour); !got.Equal(want) {
		t.Errorf("until %s, want %s", got, want)
	}
	if got := (identity.Policy{For: time.Hour}).Until(rec); !got.IsZero() {
		t.Errorf("until %s with offline off, want the zero time", got)
	}
	rec.Refused = identity.Disabled
	if got := (identity.Policy{Offline: true, For: time.Hour}).Until(rec); !got.IsZero() {
		t.Errorf("until %s for somebody who was refused, want the zero time", got)
	}
}

func TestOnlyMeasuredTimeExpiresARecord(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * time.Hour
	policy := identity.Policy{Retain: month}
	rec := identity.Record{VerifiedAt: verified}
	tests := []struct {
		name   string
		policy identity.Policy
		at     identity.Moment
		want   bool
	}{
		{"before the end", policy, after(month - 1), false},
		{"at the end", policy, after(month), true},
		// SSSD/sssd #7859: a clock in 2099 or 1970.
		{"by the wall clock alone", policy, identity.Moment{Now: verified.AddDate(73, 0, 0)}, false},
		{"by a clock that was set back", policy, identity.Moment{Now: verified.AddDate(73, 0, 0), Trust: identity.Behind}, false},
		{"where everything is kept", identity.Policy{}, after(100 * month), false},
	}
	for _, test := range tests {
		if got := test.policy.Expired(rec, test.at); got != test.want {
			t.Errorf("%s: expired %v, want %v", test.name, got, test.want)
		}
	}
}

func TestAnswersAndReasonsAreTheWordsOfTheContract(t *testing.T) {
	t.Parallel()
	for word, constant := range map[string]string{
		"allow":        string(identity.Allow),
		"deny":         string(identity.Deny),
		"needs_qr":     string(identity.NeedsQR),
		"needs_online": string(identity.NeedsOnline),
		"suspended":    string(identity.Suspended),
		"fresh":        string(identity.Fresh),
	} {
		if constant != word {
			t.Errorf("word %q, the contract says %q", constant, word)
		}
	}
}

// The last use is one too: who came in by it is not shown the door at once.
func TestTheLastUseLetsStay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	policy := identity.Policy{Offline: true, For: time.Hour, Uses: 1, DeviceUses: 1}
	rec := identity.Record{Identity: identity.Identity{Active: true}, VerifiedAt: now, Used: identity.Usage{Person: 1, Device: 1}}
	at := identity.Moment{Now: now, Trust: identity.Measured}
	if v := identity.DecideEntered(rec, policy, at); v.Answer != identity.Allow || v.UsesLeft != 0 {
		t.Errorf("who came in by the last use: %+v", v)
	}
	if v := identity.Decide(rec, policy, at); v.Reason != identity.UsedUp {
		t.Errorf("who comes after the last use: %+v", v)
	}
	rec.Refused, policy.Uses, policy.DeviceUses = identity.Gone, 9, 9
	if v := identity.DecideEntered(rec, policy, at); v.Answer != identity.Deny || v.UsesLeft != 0 {
		t.Errorf("who was refused meanwhile: %+v", v)
	}
}
