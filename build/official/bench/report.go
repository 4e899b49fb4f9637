package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
)

// row is one thing that was measured of both.
type row struct {
	name, unit           string
	ours, theirs, ratios spread
}

// spread is what of many values fits in a table.
type spread struct{ median, min, max float64 }

// spreadOf needs at least one value.
func spreadOf(values []float64) spread {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	median := sorted[middle]
	if len(sorted)%2 == 0 {
		median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return spread{median, sorted[0], sorted[len(sorted)-1]}
}

// beside makes a row; the values of both are of the same rounds.
func beside(name, unit string, ours, theirs []float64) row {
	ratios := make([]float64, len(ours))
	for i := range ours {
		ratios[i] = ours[i] / theirs[i]
	}
	return row{name, unit, spreadOf(ours), spreadOf(theirs), spreadOf(ratios)}
}

// machine is what was measured on. Programs that run beside (proc(5), Linux
// only) spoil it where they are more than the CPUs.
func machine() string {
	load, _ := os.ReadFile("/proc/loadavg")
	average, _, _ := strings.Cut(string(load), " ")
	return fmt.Sprintf("%s/%s, %s, %d CPUs, load %s at the start",
		runtime.GOOS, runtime.GOARCH, runtime.Version(), runtime.NumCPU(), cmp.Or(average, "unknown"))
}

// report writes the table.
func report(out io.Writer, on string, p plan, rows []row) error {
	text := &strings.Builder{}
	fmt.Fprintf(text, "%s; %d rounds of %d calls\n\n", on, p.rounds, p.calls)
	text.WriteString("| measured, per call | dingpass | official Go SDK | ours ÷ theirs, round by round: median (min – max) |\n|---|--:|--:|--:|\n")
	for _, r := range rows {
		fmt.Fprintf(text, "| %s | %s %s | %s %s | %.2f (%.2f – %.2f) |\n",
			r.name, short(r.ours.median), r.unit, short(r.theirs.median), r.unit, r.ratios.median, r.ratios.min, r.ratios.max)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// short has three digits or the whole number.
func short(value float64) string {
	digits := 2 - int(math.Floor(math.Log10(math.Max(math.Abs(value), 0.1))))
	return fmt.Sprintf("%.*f", min(max(digits, 0), 2), value)
}
