package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"
)

func TestSpreads(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		values []float64
		want   spread
	}{
		{"one value is everything", []float64{3}, spread{3, 3, 3}},
		{"of an odd number the one in the middle", []float64{9, 1, 2}, spread{2, 1, 9}},
		{"of an even number the mean of two", []float64{9, 1, 2, 4}, spread{3, 1, 9}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := spreadOf(test.values); got != test.want {
				t.Errorf("spread of %v is %v, want %v", test.values, got, test.want)
			}
		})
	}
}

// The median of the ratios, not the ratio of the medians: the machine was as
// busy for both of a pair.
func TestRatiosArePairByPair(t *testing.T) {
	t.Parallel()
	got := ratios("other", 1.1, []float64{2, 10, 30}, []float64{1, 10, 10})
	if want := (spread{2, 1, 3}); got.Spread != want {
		t.Errorf("got %v, want %v", got.Spread, want)
	}
}

func TestTheReport(t *testing.T) {
	t.Parallel()
	took := []time.Duration{120 * time.Millisecond, 100 * time.Millisecond}
	memory := sized("memory", 20)
	memory.Limit = 40
	r := &report{Version: "dingpass 1", System: "linux", CPUs: 2, Rows: []row{
		timed("late", took, ratios("nothing", 1.05, took, constant(100*time.Millisecond, 2))),
		timed("free", took, ratios("something", 0, took, took)),
		memory,
	}}
	var table, encoded bytes.Buffer
	for _, form := range []struct {
		out    io.Writer
		asJSON bool
	}{{&table, false}, {&encoded, true}} {
		if err := r.print(form.out, form.asJSON); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{
		"| late | 2 | 110 ms | 100 – 120 | 1.10 × nothing (1.00 – 1.20) | ≤ 1.05: **missed** |",
		"| free | 2 | 110 ms | 100 – 120 | 1.00 × something (1.00 – 1.00) |  |",
		"| memory | 1 | 20.0 MB | 20.0 – 20.0 |  | ≤ 40.0 MB: kept |",
	} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, table.String())
		}
	}
	var back report
	if err := json.Unmarshal(encoded.Bytes(), &back); err != nil || len(back.Rows) != 3 || back.Rows[0].Values[0] != 120 {
		t.Errorf("the JSON does not hold what was measured (%v):\n%s", err, encoded.String())
	}
}

func TestArgumentsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-n", "0"}, {"-only", "windows"}, {"-rtt", "fast"}, {"-rtt", "-1s"}, {"-http", "3"}, {"more"},
	} {
		if code := bench(t.Context(), args, io.Discard, io.Discard); code != 2 {
			t.Errorf("%q: exit code %d, want 2", args, code)
		}
	}
}
