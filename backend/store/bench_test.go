package store_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/store"
)

// A verdict reads one row, opens it and decides. «make bench» has the figures
// that count; this one is for whoever changes the code, with -cpuprofile.
func BenchmarkVerdict(b *testing.B) {
	for _, people := range []int{10_000, 200_000} {
		b.Run(fmt.Sprint(people), func(b *testing.B) { benchmarkVerdict(b, people) })
	}
}

func benchmarkVerdict(b *testing.B, people int) {
	dir := filepath.Join(b.TempDir(), "data")
	s, err := store.Open(b.Context(), keysOf(dir).options())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Keep(b.Context(), person()); err != nil {
		b.Fatal(err)
	}
	if err := s.Fill(b.Context(), people, 0, colleagueOf); err != nil {
		b.Fatal(err)
	}
	policy := identity.Policy{Offline: true, For: 1 << 60, Uses: 20}
	b.ReportAllocs()
	for b.Loop() {
		rec, err := s.Record(b.Context(), "dingcorp1", fmt.Sprintf("user-%04d", rand.IntN(people)))
		if err != nil {
			b.Fatal(err)
		}
		if v := identity.Decide(rec, policy, identity.Moment{Now: moment}); v.Answer != identity.Allow {
			b.Fatal(v)
		}
	}
}
