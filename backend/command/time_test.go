package command_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/clock"
	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/store"
)

// mark puts a mark in the database, as of an earlier run of the machine.
func (m *machine) mark(at time.Time) {
	m.t.Helper()
	db, err := store.Open(m.t.Context(), store.Options{Dir: m.data})
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // what it acknowledged is kept
	reading := clock.Read()
	reading.Boot = "an earlier one"
	if err := db.MoveMark(m.t.Context(), func(identity.Mark) identity.Mark { return identity.Confirmed(at, reading) }); err != nil {
		m.t.Fatal(err)
	}
}

// O1, SSSD #7859 (row 18): a clock that was set back suspends what is offline,
// deletes nothing, and one contact heals it.
func TestAClockThatWasSetBackSuspendsUntilDingTalkAnswers(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]time.Duration{"a day": 24 * time.Hour, "a year": 365 * 24 * time.Hour, "to 1970": time.Since(time.Unix(0, 0))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.signIn("zhang01")
			m.mark(time.Now().Add(back)) // seen from there, this machine's clock is so far back
			got := m.run("whoami", "--json")
			if got.code != 2 || !strings.Contains(got.stdout, `"verdict":"suspended","reason":"clock_behind"`) {
				t.Fatalf("whoami: %+v", got)
			}
			wantKeys(t, got.stdout, "identity", "verdict", "reason", "source", "verified_at", "offline_until", "uses_left")
			if got := m.run("status"); got.code != 0 || !strings.Contains(got.stdout, "behind, this machine's is off by -") {
				t.Errorf("status: %+v", got)
			}
			a := m.app()
			a.follows(a.site, `"network":\{"state":"online"`)
			a.end()
			if got := m.run("whoami"); got.code != 0 {
				t.Errorf("after a contact: %+v", got)
			}
		})
	}
}

// Confirmed is what DingTalk's clock says, whatever this machine's does.
func TestAPersonIsVerifiedByDingTalksTime(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{48 * time.Hour, -48 * time.Hour} {
		m := newMachine(t)
		if err := m.sandbox.Change(func(s *sandbox.Settings) { s.ClockSkew = skew }); err != nil {
			t.Fatal(err)
		}
		s := m.login()
		newPerson(t).confirm(s.link(), "zhang01")
		last, _ := s.end()
		if off := last.VerifiedAt.Sub(time.Now().Add(skew)); off.Abs() > generous {
			t.Errorf("off by %s: verified at %s", skew, last.VerifiedAt)
		}
		if got := m.run("whoami"); got.code != 0 {
			t.Errorf("off by %s: %+v", skew, got)
		}
	}
}
