package identity_test

import (
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
)

var verified = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const threeDays = 72 * time.Hour

func TestDecide(t *testing.T) {
	t.Parallel()
	policy := identity.Policy{Offline: true, For: threeDays, Uses: 20}
	allow := identity.Verdict{Answer: identity.Allow, Reason: identity.Fresh, Until: verified.Add(threeDays), UsesLeft: 20}
	tooOld := identity.Verdict{Answer: identity.NeedsOnline, Reason: identity.TooOld}
	behind := identity.Verdict{Answer: identity.NeedsOnline, Reason: identity.ClockBehind}
	off := identity.Verdict{Answer: identity.NeedsOnline, Reason: identity.OfflineOff}
	inactive := identity.Verdict{Answer: identity.Deny, Reason: identity.Inactive}

	tests := []struct {
		name     string
		inactive bool
		policy   identity.Policy
		now      time.Duration // after VerifiedAt
		want     identity.Verdict
	}{
		{"at the moment of verification", false, policy, 0, allow},
		{"a nanosecond before the end", false, policy, threeDays - 1, allow},
		{"at the end", false, policy, threeDays, tooOld},
		{"a nanosecond after the end", false, policy, threeDays + 1, tooOld},
		{"a year later", false, policy, 365 * 24 * time.Hour, tooOld},
		{"a clock behind by what is forgiven", false, policy, -2 * time.Minute, allow},
		{"a clock behind by a nanosecond more", false, policy, -2*time.Minute - 1, behind},
		{"a clock set back by a year", false, policy, -365 * 24 * time.Hour, behind},
		{"offline off at the moment of verification", false, identity.Policy{For: threeDays, Uses: 20}, 0, off},
		{"the zero policy", false, identity.Policy{}, 0, off},
		{"offline off says so before the clock does", false, identity.Policy{For: threeDays}, -time.Hour, off},
		{"an inactive account while fresh", true, policy, 0, inactive},
		{"an inactive account is denied whatever the policy", true, identity.Policy{}, 0, inactive},
		{"an inactive account is denied whatever the age", true, policy, 2 * threeDays, inactive},
		{"an inactive account is denied whatever the clock", true, policy, -time.Hour, inactive},
		// aad-auth #42, PR #64 (T38): 0 and -1 were read as «for ever».
		{"no time at all", false, identity.Policy{Offline: true, Uses: 20}, 0, tooOld},
		{"no time at all and a clock a little behind", false, identity.Policy{Offline: true, Uses: 20}, -time.Second, tooOld},
		{"less than no time", false, identity.Policy{Offline: true, For: -1, Uses: 20}, 0, tooOld},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rec := identity.Record{Identity: identity.Identity{UserID: "u1", Active: !test.inactive}, VerifiedAt: verified}
			now := verified.Add(test.now)
			if got := identity.Decide(rec, test.policy, now); got != test.want {
				t.Errorf("verdict %+v, want %+v", got, test.want)
			}
			// The machine's zone is nothing to the verdict.
			east := now.In(time.FixedZone("UTC+8", 8*60*60))
			if got := identity.Decide(rec, test.policy, east); got != test.want {
				t.Errorf("verdict in another zone %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestARecordThatWasNeverVerifiedIsTooOld(t *testing.T) {
	t.Parallel()
	rec := identity.Record{Identity: identity.Identity{Active: true}}
	got := identity.Decide(rec, identity.Policy{Offline: true, For: threeDays, Uses: 20}, verified)
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
}

func TestAnswersAndReasonsAreTheWordsOfTheContract(t *testing.T) {
	t.Parallel()
	for word, constant := range map[string]string{
		"allow":        string(identity.Allow),
		"deny":         string(identity.Deny),
		"needs_online": string(identity.NeedsOnline),
		"fresh":        string(identity.Fresh),
	} {
		if constant != word {
			t.Errorf("word %q, the contract says %q", constant, word)
		}
	}
}
