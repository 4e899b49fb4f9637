package store_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
)

// keyed are options with a key for the log.
func keyed(dir, id string) store.Options {
	return store.Options{Unlock: store.Plain, Dir: dir, LogKeys: func() ([]signlog.Key, error) {
		return []signlog.Key{{ID: id, Secret: secret.New(strings.Repeat(id, 32))}}, nil
	}}
}

func openAs(t *testing.T, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() }) // a test that closes it itself has looked at the error
	return s
}

func mustClose(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

// event is something to note, that can be told from others.
func event(n int) signlog.Entry {
	return signlog.Entry{Event: signlog.PINFailed, Method: signlog.ByPIN, Source: signlog.FromCache, ID: "event-" + strconv.Itoa(n)}
}

// note writes n events, the first of which has a number.
func note(t *testing.T, s *store.Store, first, n int) {
	t.Helper()
	for i := range n {
		s.Note(t.Context(), event(first+i))
	}
	if waiting := s.Waiting(); waiting > 0 {
		t.Errorf("%d entries could not be written", waiting)
	}
}

func entries(t *testing.T, s *store.Store) (all []signlog.Entry) {
	t.Helper()
	for e, err := range s.LogEntries(t.Context()) {
		if err != nil {
			t.Fatalf("entry %d: %v", e.Sequence, err)
		}
		all = append(all, e)
	}
	return all
}

func verified(t *testing.T, s *store.Store) signlog.Report {
	t.Helper()
	report, err := s.VerifyLog(t.Context())
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	return report
}

func TestWhoCameAndWentIsInTheLog(t *testing.T) {
	t.Parallel()
	o := keyed(dataDir(t), "k")
	o.Now = func() time.Time { return moment.AddDate(-1, 0, 0) } // set back by a year
	o.Moment = func() identity.Moment { return identity.Moment{Now: moment, Trust: identity.Behind} }
	s := openAs(t, o)
	other := person()
	other.Identity.UserID, other.Identity.UnionID, other.Identity.Name = "user-li", "union-li", "李四"
	mustKeep(t, s, other)
	mustKeep(t, s, person())
	for _, who := range []identity.Identity{person().Identity, other.Identity, person().Identity} { // the last is not known any more
		if err := s.Forget(t.Context(), who); err != nil {
			t.Fatal(err)
		}
	}
	s.Note(t.Context(), signlog.Entry{Event: signlog.Refused, Method: signlog.ByQR, Source: signlog.FromDingTalk, Code: string(login.NotMember)})

	in := signlog.Entry{Event: signlog.SignedIn, Method: signlog.ByQR, Source: signlog.FromDingTalk, CorpID: "dingcorp1"}
	want := []signlog.Entry{in, in, {Event: signlog.SignedOut, CorpID: "dingcorp1"}, {Event: signlog.Forgotten, CorpID: "dingcorp1"},
		{Event: signlog.Refused, Method: signlog.ByQR, Source: signlog.FromDingTalk, Code: "not_member"}}
	who := []string{"user-li", "user-zhang", "user-zhang", "user-li", ""}
	names := []string{"李四", "张三丰", "张三丰", "李四", ""}
	got := entries(t, s)
	if len(got) != len(want) {
		t.Fatalf("%d entries: %+v", len(got), got)
	}
	for i, e := range got {
		want := want[i]
		want.Sequence, want.ID, want.UserID, want.Name = int64(i+1), e.ID, who[i], names[i]
		want.DeviceTime, want.TrustedTime, want.Trust = moment.AddDate(-1, 0, 0), moment, identity.Behind
		if e != want || len(e.ID) < 26 {
			t.Errorf("entry %d = %+v, want %+v", i+1, e, want)
		}
	}
	if report := verified(t, s); !report.Sound() || report.Rows != 5 || !report.Keyed || report.Anchored {
		t.Errorf("report = %+v", report)
	}
}

// A sign-in and its entry are one: the entry cannot be written, so the person
// is not signed in; the person cannot be, so there is no entry.
func TestSignInAndItsEntryAreBothWrittenOrNeither(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	for _, table := range []string{"log", "identities"} {
		if err := s.Exec(t.Context(), "CREATE TRIGGER no BEFORE INSERT ON "+table+" BEGIN SELECT RAISE(ABORT, 'no'); END"); err != nil {
			t.Fatal(err)
		}
		wantCode(t, s.Keep(t.Context(), person()), login.StoreUnavailable)
		_, err := s.Current(t.Context())
		wantCode(t, err, login.NotSignedIn)
		if got := entries(t, s); len(got) > 0 {
			t.Errorf("without a table %s there are entries: %+v", table, got)
		}
		if err := s.Exec(t.Context(), "DROP TRIGGER no"); err != nil {
			t.Fatal(err)
		}
	}
}

// A badge that opens a door is in the log from the moment on that it does.
func TestABadgeAndItsEntryAreBothWrittenOrNeither(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	mustKeep(t, s, person())
	b := offline.Badge{ID: "00", Who: zhang, Issued: moment, Expires: moment.Add(time.Hour)}
	mustExec(t, s, "CREATE TRIGGER no BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'no'); END")
	wantCode(t, s.Offline().KeepBadge(t.Context(), b), login.StoreUnavailable)
	if all, err := s.Offline().Badges(t.Context()); err != nil || len(all) > 0 {
		t.Errorf("badges without a log: %+v, %v", all, err)
	}
	mustExec(t, s, "DROP TRIGGER no")
	for _, revoked := range []time.Time{{}, moment} {
		b.Revoked = revoked
		if err := s.Offline().KeepBadge(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, e := range entries(t, s)[1:] {
		got = append(got, fmt.Sprint(e.Event, e.Method, e.UserID, e.Name))
	}
	if want := []string{"enrolledbadgeuser-zhang张三丰", "revokedbadgeuser-zhang张三丰"}; !slices.Equal(got, want) {
		t.Errorf("entries = %q, want %q", got, want)
	}
}

// The commit of an event may be reported as failed and be done all the same.
func TestEventThatIsWrittenAgainIsInTheLogOnce(t *testing.T) {
	t.Parallel()
	s := openAs(t, keyed(dataDir(t), "k"))
	note(t, s, 1, 2)
	note(t, s, 1, 3)
	if got := entries(t, s); len(got) != 3 || got[2].ID != "event-3" {
		t.Errorf("entries = %+v, want three", got)
	}
}

// A row at the end of all numbers leaves none for the next: that is damage, with
// a way out of it.
func TestALogWithoutANumberLeftIsDamaged(t *testing.T) {
	t.Parallel()
	s := openAs(t, keyed(dataDir(t), "k"))
	mustKeep(t, s, person())
	mustExec(t, s, "INSERT INTO log SELECT 9223372036854775807, 'x', key_id, body, link FROM log")
	err := s.Keep(t.Context(), person())
	wantCode(t, err, login.StoreUnavailable)
	if detail := login.DetailOf(err); !strings.Contains(detail, "damaged") || !strings.Contains(detail, "move it away") {
		t.Errorf("detail = %q, want the damage and the way out", detail)
	}
}

// kimai #429, icehrm #259: people edited their own times.
func TestLogRefusesEverythingButRowsAtTheEnd(t *testing.T) {
	t.Parallel()
	s := openAs(t, keyed(dataDir(t), "k"))
	note(t, s, 1, 3)
	for _, statement := range []string{
		"UPDATE log SET body = x'00' WHERE seq = 2",
		"UPDATE log SET seq = 9 WHERE seq = 2",
		"DELETE FROM log WHERE seq = 3",
		"DELETE FROM log",
		"INSERT OR REPLACE INTO log SELECT * FROM log WHERE seq = 2",
		"INSERT OR REPLACE INTO log SELECT seq + 5, event_id, key_id, body, link FROM log WHERE seq = 2",
		"INSERT INTO log SELECT seq - 2, event_id || 'x', key_id, body, link FROM log WHERE seq = 2",
	} {
		if err := s.Exec(t.Context(), statement); err == nil {
			t.Errorf("%s: was done", statement)
		}
	}
	if report := verified(t, s); !report.Sound() || report.Rows != 3 {
		t.Errorf("report = %+v", report)
	}
}

// agent-bom #3697, payment-reconciliation-agent-platform #18: without its newest
// rows a log still verified.
func TestHandsInTheDatabaseAreNamed(t *testing.T) {
	t.Parallel()
	const flip = "CAST(substr(%[1]s, 1, 20) AS BLOB) || CASE hex(substr(%[1]s, 21, 1)) WHEN '41' THEN x'42' ELSE x'41' END || substr(%[1]s, 22)"
	edit := func(column, kind string) string {
		value := fmt.Sprintf(flip, column)
		return fmt.Sprintf("UPDATE log SET %s = CAST(%s AS %s) WHERE seq = 4", column, value, kind)
	}
	for name, c := range map[string]struct {
		sql  string
		want signlog.Finding
	}{
		"a byte of the body":   {edit("body", "BLOB"), signlog.Finding{Row: 4, Kind: signlog.Altered}},
		"a byte of the link":   {edit("link", "BLOB"), signlog.Finding{Row: 4, Kind: signlog.Altered}},
		"the id":               {"UPDATE log SET event_id = 'event-5x' WHERE seq = 4", signlog.Finding{Row: 4, Kind: signlog.Altered}},
		"the key's id":         {"UPDATE log SET key_id = 'x' WHERE seq = 4", signlog.Finding{Row: 4, Kind: signlog.OtherKey}},
		"the number":           {"UPDATE log SET seq = 90 WHERE seq = 4", signlog.Finding{Row: 4, Kind: signlog.Renumbered, Other: 90}},
		"one deleted":          {"DELETE FROM log WHERE seq = 4", signlog.Finding{Row: 4, Kind: signlog.Missing, Through: 4}},
		"the tail deleted":     {"DELETE FROM log WHERE seq > 4", signlog.Finding{Row: 5, Kind: signlog.Missing, Through: 8}},
		"all deleted":          {"DELETE FROM log", signlog.Finding{Row: 1, Kind: signlog.Missing, Through: 8}},
		"two swapped":          {"UPDATE log SET seq = -1 WHERE seq = 3; UPDATE log SET seq = 3 WHERE seq = 6; UPDATE log SET seq = 6 WHERE seq = -1", signlog.Finding{Row: 3, Kind: signlog.Swapped, Other: 6}},
		"a copy at the end":    {"INSERT INTO log SELECT 9, 'event-x', key_id, body, link FROM log WHERE seq = 2", signlog.Finding{Row: 9, Kind: signlog.Altered}},
		"the bodies exchanged": {"UPDATE log SET body = (SELECT body FROM log WHERE seq = 6) WHERE seq = 3", signlog.Finding{Row: 3, Kind: signlog.Altered}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := keyed(dataDir(t), "k")
			o.Anchor = &memory{}
			s := openAs(t, o)
			note(t, s, 1, 8)
			mustClose(t, s)
			tamper(t, o.Dir, c.sql)
			o.ReadOnly = true
			report := verified(t, openAs(t, o))
			if report.Sound() || report.Findings[0] != c.want {
				t.Errorf("findings = %+v, want first %+v", report.Findings, c.want)
			}
		})
	}
}

// tamper runs SQL past the store, and past the triggers.
func tamper(t *testing.T, dir, statements string) {
	t.Helper()
	_, err := raw(t, dir).ExecContext(t.Context(),
		"DROP TRIGGER log_only_grows; DROP TRIGGER log_never_changes; DROP TRIGGER log_never_shrinks; "+statements)
	if err != nil {
		t.Fatal(err)
	}
}

func TestRowsOfAnotherMachineAreNamed(t *testing.T) {
	t.Parallel()
	ours, theirs := keyed(dataDir(t), "k"), keyed(dataDir(t), "other")
	for _, o := range []store.Options{ours, theirs} {
		s := openAs(t, o)
		note(t, s, 1, 8)
		mustClose(t, s)
	}
	tamper(t, ours.Dir, fmt.Sprintf("ATTACH %q AS theirs; DELETE FROM log WHERE seq > 4; INSERT INTO log SELECT * FROM theirs.log WHERE seq > 4",
		filepath.Join(theirs.Dir, "dingpass.db")))
	want := signlog.Finding{Row: 5, Kind: signlog.OtherKey}
	if report := verified(t, openAs(t, ours)); report.Sound() || report.Findings[0] != want {
		t.Errorf("findings = %+v, want first %+v", report.Findings, want)
	}
}

func TestEntriesThatCannotBeReadAreNamedAndTheOthersTold(t *testing.T) {
	t.Parallel()
	o := keyed(dataDir(t), "k")
	s := openAs(t, o)
	note(t, s, 1, 3)
	tamper(t, o.Dir, "UPDATE log SET body = x'00' WHERE seq = 2")
	var bad, good []int64
	for e, err := range s.LogEntries(t.Context()) {
		if err != nil {
			wantCode(t, err, login.StoreUnavailable)
			bad = append(bad, e.Sequence)
			continue
		}
		good = append(good, e.Sequence)
	}
	if !slices.Equal(bad, []int64{2}) || !slices.Equal(good, []int64{1, 3}) {
		t.Errorf("unreadable %v, told %v", bad, good)
	}
}
