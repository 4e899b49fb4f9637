package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// row is one thing that was measured.
type row struct {
	Name   string    `json:"name"`
	Unit   string    `json:"unit"` // ms, µs or MB
	Values []float64 `json:"values"`
	Spread spread    `json:"spread"`
	Limit  float64   `json:"limit,omitempty"` // the median is not to be larger; 0: nothing was promised

	Against []against `json:"against,omitempty"`
}

// against is the row beside something else, pair by pair.
type against struct {
	What    string    `json:"what"`
	Ratios  []float64 `json:"ratios"`
	Spread  spread    `json:"spread"`
	Promise float64   `json:"promise,omitempty"` // the median is not to be larger; 0: nothing was promised
}

// spread is what of many values fits in a table.
type spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

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

// timed makes a row of durations, in milliseconds.
func timed(name string, took []time.Duration, beside ...against) row {
	return timedIn("ms", time.Millisecond, name, took, beside)
}

// quick is timed in microseconds.
func quick(name string, took []time.Duration, beside ...against) row {
	return timedIn("µs", time.Microsecond, name, took, beside)
}

func timedIn(name string, unit time.Duration, what string, took []time.Duration, beside []against) row {
	values := make([]float64, len(took))
	for i, d := range took {
		values[i] = float64(d) / float64(unit)
	}
	return row{Name: what, Unit: name, Values: values, Spread: spreadOf(values), Against: beside}
}

// sized makes a row of megabytes.
func sized(name string, sizes ...float64) row {
	return row{Name: name, Unit: "MB", Values: sizes, Spread: spreadOf(sizes)}
}

// ratios divides each value by the one of the same run.
func ratios[T time.Duration | float64](what string, promise float64, ours, theirs []T) against {
	ratios := make([]float64, len(ours))
	for i := range ours {
		ratios[i] = float64(ours[i]) / float64(theirs[i])
	}
	return against{what, ratios, spreadOf(ratios), promise}
}

// constant is what is compared with where it does not vary.
func constant(d time.Duration, n int) []time.Duration { return slices.Repeat([]time.Duration{d}, n) }

// report is all of it. What the machine is belongs to it.
type report struct {
	Version string `json:"version"`
	System  string `json:"system"`
	CPUs    int    `json:"cpus"`
	Load    string `json:"load,omitempty"` // running programs on average in the minute before: more than CPUs spoils it
	Rows    []row  `json:"rows"`
}

func newReport(ctx context.Context, p plan) *report {
	r := &report{System: runtime.GOOS + "/" + runtime.GOARCH + ", " + runtime.Version(), CPUs: runtime.NumCPU()}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil { // Linux only, proc(5)
		r.Load, _, _ = strings.Cut(string(load), " ")
	}
	version, err := exec.CommandContext(ctx, filepath.Join(p.bin, "dingpass"), "version").Output() //nolint:gosec // the program that is measured
	if r.Version, _, _ = strings.Cut(string(version), "\n"); err != nil {
		r.Version = "dingpass (not built)"
	}
	return r
}

func (r *report) print(out io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	text := &strings.Builder{}
	fmt.Fprintf(text, "%s; %s, %d CPUs, load %s at the start\n\n", r.Version, r.System, r.CPUs, cmp.Or(r.Load, "unknown"))
	text.WriteString("| measured | runs | median | min – max | beside it, pair by pair: median (min – max) | promise |\n|---|--:|--:|--:|---|---|\n")
	for _, row := range r.Rows {
		var compared, promised []string
		for _, a := range row.Against {
			compared = append(compared, fmt.Sprintf("%.2f × %s (%.2f – %.2f)", a.Spread.Median, a.What, a.Spread.Min, a.Spread.Max))
			promised = append(promised, verdict(a.Promise, a.Spread.Median, ""))
		}
		if row.Limit > 0 {
			promised = append(promised, verdict(row.Limit, row.Spread.Median, " "+row.Unit))
		}
		fmt.Fprintf(text, "| %s | %d | %s %s | %s – %s | %s | %s |\n", row.Name, len(row.Values),
			short(row.Spread.Median), row.Unit, short(row.Spread.Min), short(row.Spread.Max),
			strings.Join(compared, "<br>"), joined(promised))
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// joined is the lines of a cell, or nothing where all are empty.
func joined(lines []string) string {
	if !slices.ContainsFunc(lines, func(line string) bool { return line != "" }) {
		return ""
	}
	return strings.Join(lines, "<br>")
}

// verdict is the promise, and whether the median keeps it.
func verdict(promise, median float64, unit string) string {
	switch {
	case promise == 0:
		return ""
	case median <= promise:
		return fmt.Sprintf("≤ %s%s: kept", short(promise), unit)
	}
	return fmt.Sprintf("≤ %s%s: **missed**", short(promise), unit)
}

// short has three digits or the whole number.
func short(value float64) string {
	digits := 2 - int(math.Floor(math.Log10(math.Max(math.Abs(value), 0.1))))
	return fmt.Sprintf("%.*f", min(max(digits, 0), 2), value)
}
