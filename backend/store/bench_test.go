package store_test

import (
	"path/filepath"
	"testing"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/store"
)

// A verdict reads one row, opens it and decides. «make bench» has the figures
// that count, with many people; this one is for whoever changes the code.
func BenchmarkVerdict(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "data")
	s, err := store.Open(b.Context(), keysOf(dir).options())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	const people = 500
	for n := range people {
		if err := s.Keep(b.Context(), colleague(n)); err != nil {
			b.Fatal(err)
		}
	}
	policy := identity.Policy{Offline: true, For: 1 << 60, Uses: 20}
	for i := 0; b.Loop(); i++ {
		who := colleague(i % people).Identity
		rec, err := s.Record(b.Context(), who.CorpID, who.UserID)
		if err != nil {
			b.Fatal(err)
		}
		if v := identity.Decide(rec, policy, identity.Moment{Now: moment}); v.Answer != identity.Allow {
			b.Fatal(v)
		}
	}
}
