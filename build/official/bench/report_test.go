package main

import (
	"strings"
	"testing"
)

// The median of the ratios, not the ratio of the medians: the machine was as
// busy for both of a round.
func TestRatiosAreRoundByRound(t *testing.T) {
	t.Parallel()
	got := beside("a call", "µs", []float64{2, 10, 30}, []float64{1, 10, 10})
	if want := (spread{2, 1, 3}); got.ratios != want {
		t.Errorf("got %v, want %v", got.ratios, want)
	}
}

func TestTheTable(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	rows := []row{beside("a call", "µs", []float64{100, 120}, []float64{200, 200})}
	if err := report(&table, "a machine", plan{rounds: 2, calls: 7}, rows); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"a machine; 2 rounds of 7 calls\n\n| measured",
		"\n| a call | 110 µs | 200 µs | 0.55 (0.50 – 0.60) |\n",
	} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, table.String())
		}
	}
}

// What is measured is what the calls cost, each.
func TestACostIsThatOfOneCall(t *testing.T) {
	t.Parallel()
	var kept [][]byte
	got, err := measure([]string{"a", "b", "c", "d"}, func(string) error {
		kept = append(kept[:0], make([]byte, 1<<20))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got[0] <= 0 || got[1] < 1 || got[2] < 1<<20 || got[2] > 3<<20 {
		t.Errorf("got %v", got)
	}
}
