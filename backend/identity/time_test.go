package identity_test

import (
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
)

const (
	day  = 24 * time.Hour
	year = 365 * day
)

// contact is DingTalk's date at a moment at which the machine had run for an
// hour.
var contact = identity.Confirmed(verified, at(0))

// at is what the clocks show some time after contact, with nothing wrong.
func at(since time.Duration) identity.Reading {
	return identity.Reading{Wall: verified.Add(since), Boot: "first", Since: time.Hour + since}
}

// set is the reading with the wall clock set by hand.
func set(r identity.Reading, by time.Duration) identity.Reading {
	r.Wall = r.Wall.Add(by)
	return r
}

// restarted is the reading after the machine has started anew.
func restarted(r identity.Reading) identity.Reading {
	r.Boot, r.Since = "second", time.Minute
	return r
}

func TestTell(t *testing.T) {
	t.Parallel()
	nowhere := identity.Reading{Wall: verified.Add(time.Hour)} // a system without a boot id
	tests := []struct {
		name  string
		mark  identity.Mark
		clock identity.Reading
		now   time.Duration // after contact
		trust identity.Trust
		wrong bool
	}{
		{"nothing wrong", contact, at(time.Hour), time.Hour, identity.Measured, false},
		{"a minute ahead", contact, set(at(time.Hour), time.Minute), time.Hour, identity.Measured, false},
		{"a minute behind", contact, set(at(time.Hour), -time.Minute), time.Hour, identity.Measured, false},
		{"set forward by a day", contact, set(at(time.Hour), day), time.Hour, identity.Measured, true},
		{"set to 2099", contact, set(at(time.Hour), 73*year), time.Hour, identity.Measured, true},
		{"set back by a day", contact, set(at(2*day), -day), 2 * day, identity.Behind, true},
		{"set back by a year", contact, set(at(time.Hour), -year), time.Hour, identity.Behind, true},
		{"set to 1970", contact, set(at(time.Hour), -56*year), time.Hour, identity.Behind, true},

		{"a mark that cannot be read", identity.Mark{Lost: true}, at(time.Hour), time.Hour, identity.Behind, false},

		{"after a restart", contact, restarted(at(day)), day, identity.Unconfirmed, false},
		{"after a restart, a minute behind", contact, restarted(at(-time.Minute)), -time.Minute, identity.Unconfirmed, false},
		{"after a restart, behind the contact", contact, restarted(at(-day)), 0, identity.Behind, true},
		{"after a restart in 1970, as without a battery", contact, restarted(set(at(0), -56*year)), 0, identity.Behind, true},
		{"after a restart in 2099", contact, restarted(set(at(0), 73*year)), 73 * year, identity.Unconfirmed, false},

		// canonical/authd #1753: nobody could sign in after sleep.
		{"after a week of sleep", contact, at(7 * day), 7 * day, identity.Measured, false},
		{"after sleep with a clock that stood still", contact, set(at(day), -day), day, identity.Behind, true},
		{"a virtual machine that was set back to a snapshot, clock and all", contact, at(-time.Hour), 0, identity.Behind, true},

		{"without contact so far", identity.Mark{}, at(time.Hour), time.Hour, identity.Unconfirmed, false},
		{"without a boot id", identity.Confirmed(verified, identity.Reading{Wall: verified}), nowhere, time.Hour, identity.Unconfirmed, false},
		{"without a boot id, set back", identity.Confirmed(verified, identity.Reading{Wall: verified}), set(nowhere, -day), 0, identity.Behind, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := test.mark.Tell(test.clock)
			if want := verified.Add(test.now); !got.Now.Equal(want) || got.Trust != test.trust || got.Wrong() != test.wrong {
				t.Errorf("told %+v, wrong %v; want %s, trust %d, wrong %v", got, got.Wrong(), want, test.trust, test.wrong)
			}
		})
	}
}

// The nights on which clocks change, and leap days, are nothing to a moment.
func TestZonesAndCalendarsDoNotMatter(t *testing.T) {
	t.Parallel()
	shanghai := time.FixedZone("CST", 8*60*60)
	for _, start := range []time.Time{
		time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC), // Berlin leaves summer time in half an hour
		time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC),  // and enters it
		time.Date(2028, 2, 28, 23, 30, 0, 0, time.UTC),
		time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC),
	} {
		mark := identity.Confirmed(start.In(shanghai), identity.Reading{Wall: start, Boot: "b", Since: 0})
		later := identity.Reading{Wall: start.Add(2 * time.Hour).In(shanghai), Boot: "b", Since: 2 * time.Hour}
		if got := mark.Tell(later); got.Trust != identity.Measured || !got.Now.Equal(start.Add(2*time.Hour)) || got.Wrong() {
			t.Errorf("two hours after %s: %+v", start, got)
		}
	}
}

// One contact heals, wherever the clock stands.
func TestContactHeals(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"1970": -56 * year, "a year behind": -year, "right": 0, "2099": 73 * year} {
		clock := set(restarted(at(day)), off)
		got := identity.Confirmed(verified.Add(day), clock).Tell(clock)
		if !got.Now.Equal(verified.Add(day)) || got.Trust != identity.Measured {
			t.Errorf("%s: told %+v after contact", name, got)
		}
	}
}

// A clock that is still wrong after contact is somebody's to mend, and nobody's
// to wait for: DingTalk has told the time, and the machine measures from there.
func TestAfterContactAWrongClockIsNotInTheWay(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-year, -day, day, 73 * year} {
		mark := identity.Confirmed(verified, set(at(0), off))
		got := mark.Passed(set(at(time.Hour), off)).Tell(set(at(day), off))
		if !got.Now.Equal(verified.Add(day)) || got.Trust != identity.Measured || !got.Wrong() {
			t.Errorf("off by %s: told %+v", off, got)
		}
		if mended := mark.Tell(at(day)); off < 0 && (mended.Trust != identity.Measured || mended.Wrong()) {
			t.Errorf("off by %s, then mended: told %+v", off, mended)
		}
	}
}

// A clock that is set forward and back again is where it was.
func TestSettingTheClockForwardAndBackLeavesNoTrace(t *testing.T) {
	t.Parallel()
	mark := contact.Passed(set(at(time.Hour), day))
	if got := mark.Tell(at(2 * time.Hour)); got.Trust != identity.Measured || got.Wrong() {
		t.Errorf("told %+v", got)
	}
}

func TestTheMarkMovesWithMeasuredTimeOnly(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		clock identity.Reading
		want  time.Duration
	}{
		{"measured", at(day), day},
		{"measured, whatever the clock says", set(at(day), 73*year), day},
		{"measured, with the clock set back", set(at(day), -year), day},
		{"not across a restart", restarted(at(day)), 0},
		{"not by a counter that ran back", at(-time.Minute), 0},
	}
	for _, test := range tests {
		if got := contact.Passed(test.clock).At.Sub(verified); got != test.want {
			t.Errorf("%s: moved by %s, want %s", test.name, got, test.want)
		}
	}
	if got := (identity.Mark{}).Passed(at(day)); !got.At.IsZero() {
		t.Errorf("a machine without contact has a mark: %s", got.At)
	}
}

// Restarting with the clock set to just after the contact, again and again,
// must not make a record good for ever.
func TestRestartsWithAClockSetBackDoNotWinTime(t *testing.T) {
	t.Parallel()
	mark := contact.Passed(at(10 * time.Hour)) // kept while the machine ran
	clock := restarted(at(time.Hour))          // set back by nine hours
	if got := mark.Tell(clock); got.Trust != identity.Behind {
		t.Errorf("told %+v", got)
	}
}

func TestWhoWasLetInMovesTheMark(t *testing.T) {
	t.Parallel()
	clock := restarted(at(day))
	moment := contact.Tell(clock)
	mark := contact.Relied(moment)
	if !mark.At.Equal(verified.Add(day)) || mark.Contact {
		t.Fatalf("mark %+v", mark)
	}
	earlier := restarted(at(time.Hour))
	earlier.Boot = "third"
	if got := mark.Tell(earlier); got.Trust != identity.Behind {
		t.Errorf("set back behind the last sign-in: %+v", got)
	}
	if got := mark.Relied(identity.Moment{Now: verified, Reading: earlier}); got != mark {
		t.Errorf("the mark moved back: %+v", got)
	}
	if got := mark.Relied(identity.Moment{Now: verified.Add(2 * day), Trust: identity.Behind, Reading: earlier}); got != mark {
		t.Errorf("a time that cannot be told moved the mark: %+v", got)
	}
}

// A lid that is closed between the moment and the note of it.
func TestSleepAfterSomebodyWasLetInHasPassed(t *testing.T) {
	t.Parallel()
	const threeDays = 3 * day
	asleep := at(threeDays)
	t.Run("noted after the sleep", func(t *testing.T) {
		mark := contact.Relied(contact.Tell(at(time.Hour)))
		if got := mark.Tell(asleep); !got.Now.Equal(verified.Add(threeDays)) || got.Trust != identity.Measured {
			t.Errorf("told %+v", got)
		}
	})
	t.Run("after a contact that came meanwhile", func(t *testing.T) {
		moment := contact.Tell(at(2 * time.Hour))
		met := identity.Confirmed(verified.Add(time.Hour), at(3*time.Hour)) // and it was an hour earlier than thought
		if got := met.Relied(moment); got != met {
			t.Errorf("mark %+v, want the contact's", got)
		}
	})
	t.Run("after a restart", func(t *testing.T) {
		mark := contact.Relied(contact.Tell(restarted(at(day))))
		awake := restarted(at(day + threeDays))
		awake.Since += threeDays
		if got := mark.Tell(awake); !got.Now.Equal(verified.Add(day + threeDays)) {
			t.Errorf("told %+v", got)
		}
	})
}

// After a restart only the wall clock tells, and a wall clock never purges.
func TestNothingButContactIsMeasured(t *testing.T) {
	t.Parallel()
	clock := restarted(at(day))
	mark := contact.Relied(contact.Tell(clock))
	later := clock
	later.Wall, later.Since = later.Wall.Add(time.Hour), later.Since+time.Hour
	if got := mark.Tell(later); got.Trust == identity.Measured {
		t.Errorf("told %+v", got)
	}
	if got := mark.Passed(later).Tell(later); got.Trust == identity.Measured {
		t.Errorf("after measuring on: %+v", got)
	}
}
