package store_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
)

// badge issues one for the person.
func badge(t *testing.T, s *store.Store) secret.Text {
	t.Helper()
	_, text, err := door(s).Badges.Issue(t.Context(), zhang, 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func wantBadge(t *testing.T, s *store.Store, text secret.Text, want offline.Reason) offline.Result {
	t.Helper()
	r, err := door(s).ByBadge(t.Context(), text)
	if err != nil || r.Refused != want || r.Allowed() != (want == "") {
		t.Errorf("badge: %+v, %v; want %q", r, err, want)
	}
	return r
}

func wantCounts(t *testing.T, s *store.Store, failed, uses int) {
	t.Helper()
	got, err := s.Offline().Tallies(t.Context(), offline.Subject{Who: zhang})
	if err != nil || got.Person.Failed != failed || got.Device.Failed != failed || got.Person.Uses != uses || got.Device.Uses != uses {
		t.Errorf("counted %+v, %v; want %d wrong and %d uses", got, err, failed, uses)
	}
}

const (
	readOnly = "PRAGMA query_only = 1"
	writable = "PRAGMA query_only = 0"
)

// canonical/authd #1182: known people still pass, the event is kept and retried,
// and what was counted meanwhile with it.
func TestWhoIsKnownEntersWhereNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ breaks, mends string }{
		"read-only": {readOnly, writable},
		"full":      {"PRAGMA max_page_count = 1", "PRAGMA max_page_count = 4294967294"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				dir := dataDir(t)
				s := openAs(t, keyed(dir, "k"))
				enrolled(t, s)
				text := badge(t, s)
				other := colleague(1)
				other.Identity.JobNo = "other"
				mustKeep(t, s, other)
				mustExec(t, s, c.breaks)
				if name == "full" { // and nothing is left of the pages that are there
					note(t, s, 0, 0)
					for n := 0; s.Waiting() == 0; n++ {
						s.Note(t.Context(), event(n))
					}
				}
				waiting := s.Waiting()
				if r := wantBadge(t, s, text, ""); r.Person.Used != (identity.Usage{Person: 1, Device: 1}) {
					t.Errorf("used %+v", r.Person.Used)
				}
				want := person()
				want.Used = identity.Usage{Person: 1, Device: 1}
				wantCurrent(t, s, want)
				if got := s.Waiting() - waiting; got != 1 {
					t.Errorf("%d entries wait for it, want 1", got)
				}
				d := door(s)
				wantPIN(t, d, "", "739264", offline.WrongPIN)
				if err := s.Leave(t.Context(), person().Identity); err != nil {
					t.Fatal(err)
				}
				_, err := s.Current(t.Context())
				wantCode(t, err, login.NotSignedIn)
				wantPIN(t, d, "job-007", goodPIN, "")
				wantCounts(t, s, 1, 2)

				mustExec(t, s, c.mends)
				<-time.After(3 * time.Minute) // of synctest's time
				synctest.Wait()
				if got := s.Waiting(); got != 0 {
					t.Errorf("%d entries still wait", got)
				}
				mustClose(t, s)
				s = openAs(t, keyed(dir, "k"))
				wantCounts(t, s, 1, 2)
				want.Used = identity.Usage{Person: 2, Device: 2}
				wantCurrent(t, s, want)
				var events []signlog.Event
				for _, e := range entries(t, s)[4:] {
					if e.Event != signlog.PINFailed { // what filled the disk
						events = append(events, e.Event)
					}
				}
				if !slices.Equal(events, []signlog.Event{signlog.SignedIn, signlog.SignedOut, signlog.SignedIn}) {
					t.Errorf("the log tells %v", events)
				}
				if report := verified(t, s); !report.Sound() {
					t.Errorf("findings = %+v", report.Findings)
				}
				mustClose(t, s)
			})
		})
	}
}

// Who fills the disk wins three tries, and not one that was counted is lost when
// there is room again: what another process has counted meanwhile is added to.
func TestTriesThatAreCountedInMemoryAreFewAndNotLost(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := openAs(t, keyed(dir, "k"))
	enrolled(t, s)
	d := door(s)
	mustExec(t, s, readOnly)
	wantPIN(t, d, "job-007", "739264", offline.WrongPIN)
	if r := wantPIN(t, d, "nobody", "739264", offline.WrongPIN); r.Left != 1 {
		t.Errorf("%d are left, want 1", r.Left)
	}
	wantPIN(t, d, "job-007", "739264", offline.WrongPIN)
	for range 2 {
		_, err := d.ByPIN(t.Context(), "job-007", secret.New(goodPIN))
		wantCode(t, err, login.StoreUnavailable)
	}
	fail(t, openAs(t, keyed(dir, "k")), 4) // elsewhere
	mustExec(t, s, writable)
	err := s.Offline().Tries(t.Context(), offline.Subject{Who: zhang}, func(c *offline.Tallies) {
		if c.Unwritten != nil || c.Person.Failed != 6 || c.Device.Failed != 7 {
			t.Errorf("afterwards: %+v", c)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// DingTalk's no outlives everything, a disk that does not take it too.
func TestARefusalThatCannotBeWrittenHoldsAndIsWrittenLater(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := openAs(t, keyed(dir, "k"))
	enrolled(t, s)
	text := badge(t, s)
	mustExec(t, s, readOnly)
	wantCode(t, s.Refuse(t.Context(), person().Identity, identity.Gone), login.StoreUnavailable)
	wantBadge(t, s, text, "gone")
	wantPIN(t, door(s), "job-007", goodPIN, "gone")
	mustExec(t, s, writable)
	s.Note(t.Context(), event(1)) // whatever is written next takes it along
	wantBadge(t, openAs(t, keyed(dir, "k")), text, "gone")
	mustKeep(t, s, person())
	wantBadge(t, s, text, "")
}

// Somebody was forgotten elsewhere while something of them waited here.
func TestWhatWaitsOfSomebodyWhoIsForgottenIsInNobodysWay(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := openAs(t, keyed(dir, "k"))
	enrolled(t, s)
	text := badge(t, s)
	mustExec(t, s, readOnly)
	wantBadge(t, s, text, "")
	if err := openAs(t, keyed(dir, "k")).Forget(t.Context(), person().Identity); err != nil {
		t.Fatal(err)
	}
	mustExec(t, s, writable)
	mustKeep(t, s, colleague(1))
	wantCurrent(t, s, colleague(1))
	wantBadge(t, s, text, offline.BadBadge)
	if s.Waiting() != 0 {
		t.Errorf("%d entries wait", s.Waiting())
	}
}

// A count that was changed by hand while more was to be added to it: that goes on
// waiting, and keeps nothing else from being written.
func TestWhatWaitsForACountThatWasChangedIsInNobodysWay(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := mustOpenWith(t, dir, k.unlock)
	enrolled(t, s)
	text := badge(t, s)
	mustExec(t, s, readOnly)
	wantBadge(t, s, text, "")
	mustExec(t, s, writable)
	mustExec(t, s, "UPDATE identities SET tally = x'00'")
	s.Note(t.Context(), event(1))
	if s.Waiting() != 0 {
		t.Errorf("%d entries wait", s.Waiting())
	}
	mustKeep(t, s, person()) // mends the count, and the use of before is none since
	s.Note(t.Context(), event(2))
	if got, err := s.Offline().Used(t.Context(), zhang); err != nil || got.Person > 1 {
		t.Errorf("used = %+v, %v", got, err)
	}
}
