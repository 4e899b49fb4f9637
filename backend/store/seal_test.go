package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/canary"
	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// planted are the personal strings of a record, found by reflection so that a
// field added later counts at once. The company is no person.
func planted(t *testing.T, rec identity.Record) []string {
	t.Helper()
	var values []string
	v := reflect.ValueOf(rec.Identity)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if v.Field(i).IsZero() {
			t.Fatalf("the planted person has no %s", name)
		}
		if v.Field(i).Kind() == reflect.String && name != "CorpID" {
			values = append(values, v.Field(i).String())
		}
	}
	return values
}

// hits names the values that occur in a text.
func hits(text []byte, values []string) (found []string) {
	for _, v := range values {
		if bytes.Contains(text, []byte(v)) {
			found = append(found, v)
		}
	}
	return found
}

func TestNoColumnButTheSealedHoldsAPersonalValue(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	mustKeep(t, s, person())
	if err := s.Remember(t.Context(), "embed", "frame"); err != nil {
		t.Fatal(err)
	}
	sealed := []string{
		"identities.body", "identities.tally", "identities.user_key", "identities.union_key", "identities.job_key",
		"current.user_key", "log.body",
	}

	db := raw(t, dir)
	var seen []string
	for _, table := range column(t, db, "SELECT name FROM sqlite_schema WHERE type = 'table'") {
		for _, name := range column(t, db, fmt.Sprintf("SELECT name FROM pragma_table_info('%s')", table)) {
			values := column(t, db, fmt.Sprintf("SELECT CAST(%q AS TEXT) FROM %q", name, table))
			found := hits([]byte(strings.Join(values, "\n")), planted(t, person()))
			if len(found) > 0 {
				seen = append(seen, table+"."+name)
			}
		}
	}
	slices.Sort(seen)
	slices.Sort(sealed)
	if !slices.Equal(seen, sealed) {
		t.Errorf("columns with personal values = %v, want exactly the sealed ones %v", seen, sealed)
	}
}

// With a real key everything works, and nothing personal is in any file.
func TestNothingPersonalIsInTheFiles(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
	mustKeep(t, s, person())
	mustKeep(t, s, person())
	if err := s.Tokens().Save(t.Context(), "slot-secret", secret.New("token-secret")); err != nil {
		t.Fatal(err)
	}
	wantCurrent(t, s, person())
	if got, ok := s.UserID(t.Context(), "dingcorp1", "union-zhang"); got != "user-zhang" || !ok {
		t.Errorf("user id = %q, %v", got, ok)
	}
	wantNothingOf(t, dir, append(planted(t, person()), "slot-secret", "token-secret"))
	if err := s.Forget(t.Context(), person().Identity); err != nil {
		t.Errorf("forget: %v", err)
	}
}

// wantNothingOf looks for values in every file, in every form that comes to
// mind.
func wantNothingOf(t *testing.T, dir string, values []string) {
	t.Helper()
	named := make(map[string]string)
	for _, v := range values {
		if v != person().Identity.State { // four bytes turn up by chance
			named[v] = v
		}
	}
	search, err := canary.For(named)
	if err != nil {
		t.Fatal(err)
	}
	found, err := search.Files(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) > 0 {
		t.Errorf("in the files: %q", found)
	}
}

func TestForgottenPersonIsInNoFile(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	mustKeep(t, s, person())
	if found := filesWith(t, dir, planted(t, person())); len(found) == 0 {
		t.Fatal("the person is in no file before; this test sees nothing")
	}
	if err := s.Forget(t.Context(), person().Identity); err != nil {
		t.Fatalf("forget: %v", err)
	}
	if found := filesWith(t, dir, forgotten(t)); len(found) > 0 {
		t.Errorf("still in the files: %v", found)
	}
}

// forgotten are the personal strings of which none may be left, as long as no
// sealer hides them: the sign-in log keeps two.
func forgotten(t *testing.T) []string {
	t.Helper()
	who := person().Identity
	return slices.DeleteFunc(planted(t, person()), func(value string) bool {
		return value == who.UserID || value == who.Name
	})
}

// Another process that reads holds on to the log. It once made signing out fail
// after the person had been forgotten.
func TestReaderElsewhereDoesNotKeepAnyoneSignedIn(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s, elsewhere := mustOpen(t, dir), mustOpen(t, dir)
	mustKeep(t, s, person())
	if err := s.Exec(t.Context(), "PRAGMA busy_timeout = 1"); err != nil { // it will not go, however long it is waited for
		t.Fatal(err)
	}
	err := elsewhere.ReadConn(t.Context(), func(query func(string) string) {
		query("BEGIN")
		if got := query("SELECT count(*) FROM current"); got != "1" {
			t.Errorf("the reader sees %s people signed in, want 1", got)
		}
		if err := s.Forget(t.Context(), person().Identity); err != nil {
			t.Errorf("forget: %v", err)
		}
		_, err := s.Current(t.Context())
		wantCode(t, err, login.NotSignedIn)
		if len(filesWith(t, dir, planted(t, person()))) == 0 {
			t.Error("the log was cut under the reader; this test sees nothing")
		}
		query("COMMIT")
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(elsewhere.Close(), s.Close()); err != nil {
		t.Errorf("close: %v", err)
	}
	if found := filesWith(t, dir, forgotten(t)); len(found) > 0 {
		t.Errorf("still in the files after the last process has gone: %v", found)
	}
}

func TestRowsEditedByHandAreNoticed(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]string{
		"body of another person": `UPDATE identities SET body = (SELECT body FROM identities WHERE user_key = CAST('Puser-li' AS BLOB))`,
		"made fresh again":       `UPDATE identities SET verified_at = verified_at + 86400`,
		"moved to a company":     `PRAGMA defer_foreign_keys = 1; UPDATE identities SET corp_id = 'other'; UPDATE current SET corp_id = 'other'`,
		"body that is no record": `UPDATE identities SET body = x'00'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mustOpen(t, dataDir(t))
			other := person()
			other.Identity.UserID, other.Identity.UnionID = "user-li", "union-li"
			mustKeep(t, s, other)
			mustKeep(t, s, person())
			if err := s.Exec(t.Context(), "BEGIN; "+edit+"; COMMIT"); err != nil {
				t.Fatalf("edit: %v", err)
			}
			_, err := s.Current(t.Context())
			wantCode(t, err, login.StoreUnavailable)
			if detail := login.DetailOf(err); !strings.Contains(detail, "damaged") {
				t.Errorf("detail = %q", detail)
			}
			if found := hits([]byte(err.Error()), planted(t, person())); len(found) > 0 {
				t.Errorf("the error shows %v", found)
			}
		})
	}
}

// raw opens the database past the store.
func raw(t *testing.T, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "dingpass.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func column(t *testing.T, db *sql.DB, query string) (values []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var v sql.NullString
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		values = append(values, v.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return values
}

// filesWith names the values that are in any file of the data directory.
func filesWith(t *testing.T, dir string, values []string) (found []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, hit := range hits(content, values) {
			found = append(found, e.Name()+": "+hit)
		}
	}
	return found
}
