package store_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
)

// harmed are all that a value becomes when it is cut anywhere, or has a bit of
// any byte flipped.
func harmed(whole []byte) (all [][]byte) {
	for n := range whole {
		flipped := bytes.Clone(whole)
		flipped[n] ^= 1 << (n % 8)
		all = append(all, whole[:n], flipped)
	}
	return all
}

// authd's password file, for what is sealed of no person: a typed error, never
// a panic, never a token or a time that nobody has kept. The others are in
// TestDamagedValuesAreNoticedAtEveryPosition and TestWhatIsSealedCutOrFlipped.
func TestATokenAndTheTimeCutOrFlipped(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
	if err := s.Tokens().Save(t.Context(), "slot", secret.New("a-token")); err != nil {
		t.Fatal(err)
	}
	if err := s.MoveMark(t.Context(), func(identity.Mark) identity.Mark { return identity.Mark{At: moment, Contact: true} }); err != nil {
		t.Fatal(err)
	}
	if err := s.Exec(t.Context(), "PRAGMA synchronous = 0"); err != nil { // no power will be cut here
		t.Fatal(err)
	}
	unreadable := func(err error) bool {
		code := login.CodeOf(err)
		return code == login.StoreUnavailable || code == login.KeyUnavailable
	}
	for table, told := range map[string]func() (what string, err error){
		"tokens": func() (string, error) {
			token, err := s.Tokens().Load(t.Context(), "slot")
			return token.Reveal(), err
		},
		"trusted_time": func() (string, error) {
			mark, err := s.Mark(t.Context())
			if mark.At.IsZero() {
				return "", err
			}
			return mark.At.String(), err
		},
	} {
		whole := sealedBody(t, s, "SELECT hex(body) FROM "+table)
		if what, err := told(); what == "" || err != nil {
			t.Fatalf("%s: whole, it is %q, %v", table, what, err)
		}
		for _, body := range harmed(whole) {
			if err := s.Exec(t.Context(), "UPDATE "+table+" SET body = ?", body); err != nil {
				t.Fatal(err)
			}
			if what, err := told(); what != "" || err != nil && !unreadable(err) {
				t.Fatalf("%s, %d bytes: %q, %v", table, len(body), what, err)
			}
		}
	}
}

// agent-bom #3697, payment-reconciliation-agent-platform #18: whatever becomes of
// an entry of the log, it is that entry which is named.
func TestAnEntryCutOrFlippedIsNamed(t *testing.T) {
	t.Parallel()
	o := keyed(dataDir(t), "k")
	s := openAs(t, o)
	note(t, s, 1, 3)
	tamper(t, o.Dir, "")
	if err := s.Exec(t.Context(), "PRAGMA synchronous = 0"); err != nil {
		t.Fatal(err)
	}
	for _, column := range []string{"body", "link"} {
		whole := sealedBody(t, s, fmt.Sprintf("SELECT hex(%s) FROM log WHERE seq = 2", column))
		for _, value := range append(harmed(whole), append(bytes.Clone(whole), 0)) {
			if err := s.Exec(t.Context(), "UPDATE log SET "+column+" = ? WHERE seq = 2", value); err != nil {
				t.Fatal(err)
			}
			report := verified(t, s)
			if report.Sound() || report.Findings[0].Row != 2 || report.Findings[0].Kind != signlog.Altered {
				t.Fatalf("%s of %d bytes: %+v", column, len(value), report.Findings)
			}
		}
		if err := s.Exec(t.Context(), "UPDATE log SET "+column+" = ? WHERE seq = 2", whole); err != nil {
			t.Fatal(err)
		}
	}
	if report := verified(t, s); !report.Sound() {
		t.Errorf("as it was: %+v", report.Findings)
	}
}
