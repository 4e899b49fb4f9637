package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
)

func TestAcknowledgedSignInSurvivesAKill(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	for acknowledged := range 12 {
		c := start(t, command(t, "keep", dir, ""))
		said := c.line(t)
		for range acknowledged {
			said = c.line(t)
		}
		if more := c.kill(t); len(more) > 0 {
			said = more[len(more)-1]
		}
		last, err := strconv.Atoi(said)
		if err != nil {
			t.Fatalf("the child said %q", said)
		}

		s := mustOpen(t, dir)
		rec, err := s.Current(t.Context())
		if err != nil {
			t.Fatalf("current after a kill: %v", err)
		}
		if at := moment.Add(time.Duration(last) * time.Second); rec.VerifiedAt.Before(at) {
			t.Errorf("after a kill the record is of %v, and %v was acknowledged", rec.VerifiedAt, at)
		}
		if err := s.Check(t.Context()); err != nil {
			t.Errorf("check after a kill: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

// A power cut leaves some of the log. Whatever it leaves opens to a moment of
// the past, and more of the log is never an earlier one.
func TestCutLogOpensToWhatWasCommittedBefore(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	const keeps = 6
	for i := range keeps {
		rec := person()
		rec.VerifiedAt = moment.Add(time.Duration(i) * time.Second)
		mustKeep(t, s, rec)
	}
	crashed := copyOf(t, dir) // while it is open, so that all of it is in the log
	log, err := os.ReadFile(filepath.Join(crashed, "dingpass.db-wal"))
	if err != nil {
		t.Fatal(err)
	}
	newest := time.Time{}
	for n := 0; n <= len(log); n += 997 {
		after := recovered(t, crashed, log[:n])
		if after.Before(newest) {
			t.Errorf("with %d bytes of the log the record is of %v, with less it was of %v", n, after, newest)
		}
		newest = after
	}
	if whole, want := recovered(t, crashed, log), moment.Add((keeps-1)*time.Second); !whole.Equal(want) {
		t.Errorf("with the whole log the record is of %v, want %v", whole, want)
	}
}

// recovered opens a copy of a data directory with this log, and tells of when
// the current record is; the zero time where nobody is signed in.
func recovered(t *testing.T, crashed string, log []byte) time.Time {
	t.Helper()
	dir := copyOf(t, crashed)
	if err := os.Remove(filepath.Join(dir, "dingpass.db-shm")); err != nil { // memory, gone with the power
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "dingpass.db-wal"), log, 0o600); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, dir)
	rec, err := s.Current(t.Context())
	if err != nil && login.CodeOf(err) != login.NotSignedIn {
		t.Errorf("with %d bytes of the log: %v", len(log), err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	return rec.VerifiedAt
}

// before is how many entries are there before the first step: that of the sign-in,
// and that of the PIN.
const before = 2

// Wherever it was cut, the sign-in log verifies up to its end, the head outside
// says how much of it is missing, and counts are those of the same moment.
func TestCutLogOpensToAPrefixOfEventsAndCounts(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := openAs(t, k.options())
	enrolled(t, s)
	mustClose(t, s) // so that the log has only what follows
	s = openAs(t, k.options())
	const steps = 6
	for n := 1; n <= steps; n++ {
		note(t, s, n, 1)
		err := s.Offline().Tries(t.Context(), offline.Subject{Who: zhang}, func(c *offline.Tallies) { c.Person.Uses++ })
		if err != nil {
			t.Fatal(err)
		}
	}
	crashed := copyOf(t, dir) // while it is open, so that all of it is in the log
	mustClose(t, s)           // the head outside is where the log was
	log, err := os.ReadFile(filepath.Join(crashed, "dingpass.db-wal"))
	if err != nil {
		t.Fatal(err)
	}
	most := int64(0)
	for n := 0; n < len(log)+997; n += 997 {
		rows := prefix(t, k, crashed, log[:min(n, len(log))], before+steps)
		if rows < most {
			t.Errorf("with %d bytes of the log %d entries, with less %d", n, rows, most)
		}
		most = max(most, rows)
	}
	if most != before+steps {
		t.Errorf("with the whole log %d entries, want %d", most, before+steps)
	}
}

// prefix opens a copy of a data directory with this log, wants what is there to
// be as it was at one moment, and tells how many entries that are, of so many.
func prefix(t *testing.T, k *keys, crashed string, log []byte, written int64) int64 {
	t.Helper()
	o := k.options()
	o.Dir, o.ReadOnly = copyOf(t, crashed), true
	err := errors.Join(os.Remove(filepath.Join(o.Dir, "dingpass.db-shm")), os.WriteFile(filepath.Join(o.Dir, "dingpass.db-wal"), log, 0o600))
	if err != nil {
		t.Fatal(err)
	}
	s := openAs(t, o)
	defer mustClose(t, s)
	report := verified(t, s)
	var want []signlog.Finding
	if report.Rows < written {
		want = []signlog.Finding{{Row: report.Rows + 1, Kind: signlog.Missing, Through: written}}
	}
	if !slices.Equal(report.Findings, want) {
		t.Errorf("with %d bytes of the log and %d entries: %+v, want %+v", len(log), report.Rows, report.Findings, want)
	}
	if stale := s.Standing(t.Context()).State == store.Stale; stale != (report.Rows < written) {
		t.Errorf("with %d bytes of the log and %d entries: stale is %v", len(log), report.Rows, stale)
	}
	used, err := s.Offline().Used(t.Context(), zhang)
	if err != nil {
		t.Fatalf("with %d bytes of the log: %v", len(log), err)
	}
	if uses := int64(used.Person); uses != report.Rows-before && uses != report.Rows-before-1 {
		t.Errorf("with %d bytes of the log %d uses, and %d entries", len(log), uses, report.Rows)
	}
	return report.Rows
}

func TestReadOnlyStoreReadsTheLogOfACrash(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	mustKeep(t, mustOpen(t, dir), person())
	dir = copyOf(t, dir)
	if err := os.Remove(filepath.Join(dir, "dingpass.db-shm")); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{Unlock: store.Plain, Dir: dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	wantCurrent(t, s, person())
}

// pausingMigrations are the shipped schema and four more steps, in the middle
// of each of which a child can be killed, as it can between the statements of
// the step that makes tables anew: there at 101 and so on.
func pausingMigrations() fstest.MapFS {
	files := shippedMigrations()
	shipped := len(files)
	for i := 2; i <= 5; i++ {
		files[fmt.Sprintf("%04d_step.sql", shipped+i-1)] = &fstest.MapFile{Data: fmt.Appendf(nil,
			"CREATE TABLE before%d (x); SELECT pause_at(%d); CREATE TABLE after%d (x);", i, i, i)}
	}
	var paused []byte
	for i, statement := range rebuilding() {
		paused = fmt.Appendf(paused, "%s;\nSELECT pause_at(%d);\n", statement, 101+i)
	}
	files["0007_verdict.sql"] = &fstest.MapFile{Data: paused}
	return files
}

// rebuilding are the statements of the step that makes tables anew.
func rebuilding() []string {
	all := strings.Split(string(shippedMigrations()["0007_verdict.sql"].Data), ";\n")
	return all[:len(all)-1] // nothing follows the last
}

// killMigrating opens a directory in a child that is killed at a step.
func killMigrating(t *testing.T, dir string, step int) {
	t.Helper()
	cmd := command(t, "migrate", dir, strconv.Itoa(step))
	stdin, err := cmd.StdinPipe() // held open: the child waits on it
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close() }()
	c := start(t, cmd)
	if said := c.line(t); said != "paused" {
		t.Fatalf("the child said %q", said)
	}
	c.kill(t)
}

// golang-migrate #282, OpenRisk #241: a mark of a migration under way blocked
// every later start.
func TestMigrationThatWasKilledIsDoneAgain(t *testing.T) {
	t.Parallel()
	for step := 2; step <= 5; step++ {
		t.Run(fmt.Sprintf("killed in step %d", step), func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			s := mustOpen(t, dir)
			mustKeep(t, s, person())
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			killMigrating(t, dir, step)

			s, err := store.OpenWith(t.Context(), store.Options{Unlock: store.Plain, Dir: dir}, pausingMigrations())
			if err != nil {
				t.Fatalf("open after a kill: %v", err)
			}
			defer func() { _ = s.Close() }()
			wantCurrent(t, s, person())
			for i := 2; i <= 5; i++ {
				if err := s.Exec(t.Context(), fmt.Sprintf("SELECT * FROM before%d, after%d", i, i)); err != nil {
					t.Errorf("step %d is not whole: %v", i, err)
				}
			}
		})
	}
}

// The step that makes tables anew carries everything over, wherever it was
// killed the first time.
func TestTablesThatAreMadeAnewLoseNothing(t *testing.T) {
	t.Parallel()
	for after := range len(rebuilding()) + 1 {
		t.Run(fmt.Sprintf("killed after %d statements", after), func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			fromDump(t, dir, "testdata/schema-0006.sql")
			_, err := raw(t, dir).ExecContext(t.Context(), `
				INSERT INTO identities SELECT 'other', user_key, union_key, body, verified_at, written_at, 7, x'01' FROM identities;
				INSERT INTO pins SELECT corp_id, user_key, x'05' FROM identities WHERE corp_id <> 'other';
				INSERT INTO badges SELECT CAST(corp_id AS BLOB), corp_id, user_key, x'02' FROM identities;
				INSERT INTO attempts VALUES (x'03', NULL, NULL, x'04');
				UPDATE attempts SET body = CAST(replace(CAST(body AS TEXT), '"failed":0', '"failed":3') AS BLOB)`)
			if err != nil {
				t.Fatal(err)
			}
			before := carried(t, raw(t, dir), 6)
			if after > 0 {
				killMigrating(t, dir, 100+after)
			}
			s := mustOpen(t, dir)
			if got := carried(t, raw(t, dir), 7); got != before {
				t.Errorf("after the step there is\n%s\nbefore it there was\n%s", got, before)
			}
			wantCurrent(t, s, person())
			if err := s.Check(t.Context()); err != nil {
				t.Error(err)
			}
			if lock, err := door(s).Lock(t.Context(), zhang); err != nil || lock.Left != 7 {
				t.Errorf("after three wrong PINs: %+v, %v", lock, err)
			}
			if err := s.Forget(t.Context(), person().Identity); err != nil {
				t.Fatal(err)
			}
			if left := column(t, raw(t, dir), "SELECT corp_id FROM identities UNION ALL SELECT corp_id FROM pins UNION ALL SELECT corp_id FROM badges"); !slices.Equal(left, []string{"other", "other"}) {
				t.Errorf("of a person who was forgotten there is still something: %v", left)
			}
		})
	}
}

// carried is what stands in the tables that are made anew, as text.
func carried(t *testing.T, db *sql.DB, schema int) string {
	t.Helper()
	tally := "tally"
	if schema == 6 {
		tally = "(SELECT body FROM attempts a WHERE (a.corp_id, a.user_key) = (identities.corp_id, identities.user_key))"
	}
	nobodys := map[int]string{6: " WHERE corp_id IS NULL"}[schema]
	var all []string
	for _, query := range []string{
		"SELECT json_array(corp_id, hex(user_key), hex(union_key), hex(job_key), verified_at, written_at, revision, hex(" + tally + `), hex(body))
			FROM identities ORDER BY corp_id, user_key`,
		"SELECT json_array(one, corp_id, hex(user_key)) FROM current",
		"SELECT json_array(corp_id, hex(user_key), hex(body)) FROM pins ORDER BY 1",
		"SELECT json_array(hex(badge_key), corp_id, hex(user_key), hex(body)) FROM badges ORDER BY 1",
		"SELECT json_array(hex(subject_key), hex(body)) FROM attempts" + nobodys + " ORDER BY 1",
	} {
		all = append(all, column(t, db, query)...)
	}
	return strings.Join(all, "\n")
}
