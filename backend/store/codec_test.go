package store_test

import (
	"encoding/json"
	"testing"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

// What was kept as JSON before is still read, and written as it is now with the
// next sign-in.
func TestABodyOfJSONIsStillRead(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	want := person()
	mustKeep(t, s, want)
	want.Identity.Departments, want.Refused = []int64{}, identity.Gone
	text, err := json.Marshal(map[string]any{"identity": want.Identity, "verified_at": want.VerifiedAt.Unix(), "refused": want.Refused})
	if err != nil {
		t.Fatal(err)
	}
	tally := `P{"of":"person\u0000dingcorp1\u0000user-zhang","failed":1,"last":1700000000000,"uses":3}`
	for query, value := range map[string]any{
		"UPDATE identities SET body = ?":  append([]byte("P"), text...),
		"UPDATE identities SET tally = ?": []byte(tally),
	} {
		if err := s.Exec(t.Context(), query, value); err != nil {
			t.Fatal(err)
		}
	}
	want.Used.Person = 3
	wantCurrent(t, s, want)
	for _, departments := range [][]int64{nil, {}, {-1, 1 << 40}} {
		want = person()
		want.Identity.Departments = departments
		mustKeep(t, s, want)
		wantCurrent(t, s, want)
	}
}

// Whatever stands in a body that a key has sealed: a record or a typed error.
func TestBodiesThatAreCutOrFlippedNeverPanic(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	mustKeep(t, s, person())
	if err := s.Exec(t.Context(), "PRAGMA synchronous = 0"); err != nil { // no power will be cut here
		t.Fatal(err)
	}
	whole := sealedBody(t, s, "SELECT hex(body) FROM identities")
	try := func(body []byte) {
		t.Helper()
		if err := s.Exec(t.Context(), "UPDATE identities SET body = ?", body); err != nil {
			t.Fatal(err)
		}
		rec, err := s.Current(t.Context())
		if err != nil {
			wantCode(t, err, login.StoreUnavailable)
		} else if rec.Identity.UserID != "user-zhang" || len(body) < len(whole) {
			t.Errorf("%d of %d bytes: %+v", len(body), len(whole), rec)
		}
	}
	for n := range whole {
		try(whole[:n])
		for bit := range 8 {
			flipped := append([]byte(nil), whole...)
			flipped[n] ^= 1 << bit
			try(flipped)
		}
	}
}
