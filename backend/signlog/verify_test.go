package signlog_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
)

var moment = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func key(id string) signlog.Key {
	return signlog.Key{ID: id, Secret: secret.New(strings.Repeat(id, 32))}
}

// entry is the n-th of a log.
func entry(n int64) signlog.Entry {
	return signlog.Entry{
		Sequence: n, ID: fmt.Sprintf("event-%d", n), Event: signlog.SignedIn,
		DeviceTime: moment.Add(time.Duration(n) * time.Minute), TrustedTime: moment.Add(time.Duration(n) * time.Minute),
		Trust: identity.Measured, Method: signlog.ByQR, Source: signlog.FromDingTalk,
		CorpID: "dingcorp1", UserID: "user-zhang", Name: "张三丰",
	}
}

func open(r signlog.Row) (e signlog.Entry, err error) {
	err = json.Unmarshal(r.Body, &e)
	return e, err
}

// next is the row of an entry, linked to the last of rows.
func next(t *testing.T, c signlog.Chain, rows []signlog.Row, e signlog.Entry) signlog.Row {
	t.Helper()
	body, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var prev []byte
	if len(rows) > 0 {
		prev = rows[len(rows)-1].Link
	}
	return c.Next(prev, signlog.Row{Sequence: e.Sequence, ID: e.ID, Body: body})
}

// logOf is a log of n rows.
func logOf(t *testing.T, c signlog.Chain, n int64) (rows []signlog.Row) {
	t.Helper()
	for i := int64(1); i <= n; i++ {
		rows = append(rows, next(t, c, rows, entry(i)))
	}
	return rows
}

func headOf(rows []signlog.Row) *signlog.Head {
	last := rows[len(rows)-1]
	return &signlog.Head{Length: last.Sequence, Link: last.Link}
}

func verify(c signlog.Chain, head *signlog.Head, rows []signlog.Row) signlog.Report {
	slices.SortStableFunc(rows, func(a, b signlog.Row) int { return int(a.Sequence - b.Sequence) })
	v := signlog.NewVerifier(c, head, open)
	for _, r := range rows {
		v.Next(r)
	}
	return v.Report()
}

// flip changes one byte.
func flip(b []byte) []byte {
	b = slices.Clone(b)
	b[len(b)/2] ^= 1
	return b
}

func TestFirstBadRowIsNamedWithWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	ours := signlog.NewChain(key("k"))
	type rows = []signlog.Row
	for name, c := range map[string]struct {
		harm func(r rows) rows
		want signlog.Finding
	}{
		"a byte of the body":            {func(r rows) rows { r[4].Body = flip(r[4].Body); return r }, signlog.Finding{Row: 5, Kind: signlog.Altered}},
		"a byte of the link":            {func(r rows) rows { r[4].Link = flip(r[4].Link); return r }, signlog.Finding{Row: 5, Kind: signlog.Altered}},
		"a byte of the last link":       {func(r rows) rows { r[9].Link = flip(r[9].Link); return r }, signlog.Finding{Row: 10, Kind: signlog.Altered}},
		"a link cut short":              {func(r rows) rows { r[4].Link = r[4].Link[:31]; return r }, signlog.Finding{Row: 5, Kind: signlog.Altered}},
		"an empty body":                 {func(r rows) rows { r[4].Body = nil; return r }, signlog.Finding{Row: 5, Kind: signlog.Altered}},
		"a byte of the id":              {func(r rows) rows { r[4].ID = "Event-5"; return r }, signlog.Finding{Row: 5, Kind: signlog.Altered}},
		"a byte of the key id":          {func(r rows) rows { r[4].KeyID = "l"; return r }, signlog.Finding{Row: 5, Kind: signlog.OtherKey}},
		"no key id":                     {func(r rows) rows { r[4].KeyID = ""; return r }, signlog.Finding{Row: 5, Kind: signlog.OtherKey}},
		"one number":                    {func(r rows) rows { r[4].Sequence = 77; return r }, signlog.Finding{Row: 5, Kind: signlog.Renumbered, Other: 77}},
		"the last number":               {func(r rows) rows { r[9].Sequence = 12; return r }, signlog.Finding{Row: 10, Kind: signlog.Renumbered, Other: 12}},
		"another row's body":            {func(r rows) rows { r[4].Body = r[2].Body; return r }, signlog.Finding{Row: 5, Kind: signlog.Altered}},
		"a gap that nobody noted":       {func(r rows) rows { return append(r[:4], next(t, ours, r[:4], entry(7))) }, signlog.Finding{Row: 5, Kind: signlog.Missing, Through: 6}},
		"one number to nothing":         {func(r rows) rows { r[4].Sequence = 0; return r }, signlog.Finding{Row: 5, Kind: signlog.Renumbered}},
		"a forged row before the first": {func(r rows) rows { return append(r, forged(-3)) }, signlog.Finding{Row: -3, Kind: signlog.Inserted}},
		"the first row deleted":         {func(r rows) rows { return r[1:] }, signlog.Finding{Row: 1, Kind: signlog.Missing, Through: 1}},
		"one row deleted":               {func(r rows) rows { return slices.Delete(r, 4, 5) }, signlog.Finding{Row: 5, Kind: signlog.Missing, Through: 5}},
		"three rows deleted":            {func(r rows) rows { return slices.Delete(r, 4, 7) }, signlog.Finding{Row: 5, Kind: signlog.Missing, Through: 7}},
		"the tail deleted":              {func(r rows) rows { return r[:7] }, signlog.Finding{Row: 8, Kind: signlog.Missing, Through: 10}},
		"all deleted":                   {func(rows) rows { return nil }, signlog.Finding{Row: 1, Kind: signlog.Missing, Through: 10}},
		"two rows swapped": {func(r rows) rows {
			r[2].Sequence, r[6].Sequence = 7, 3
			return r
		}, signlog.Finding{Row: 3, Kind: signlog.Swapped, Other: 7}},
		"two neighbours swapped": {func(r rows) rows {
			r[2].Sequence, r[3].Sequence = 4, 3
			return r
		}, signlog.Finding{Row: 3, Kind: signlog.Swapped, Other: 4}},
		"one deleted and the rest numbered anew": {func(r rows) rows {
			r = slices.Delete(r, 4, 5)
			for i := 4; i < len(r); i++ {
				r[i].Sequence--
			}
			return r
		}, signlog.Finding{Row: 5, Kind: signlog.Renumbered, Other: 6}},
		"one inserted and the rest numbered anew": {func(r rows) rows {
			for i := 4; i < len(r); i++ {
				r[i].Sequence++
			}
			return slices.Insert(r, 4, forged(5))
		}, signlog.Finding{Row: 5, Kind: signlog.Inserted}},
		"a copy of a row at the end": {func(r rows) rows {
			again := r[2]
			again.Sequence = 11
			return append(r, again)
		}, signlog.Finding{Row: 11, Kind: signlog.Inserted, Other: 3}},
		"a forged row at the end": {func(r rows) rows { return append(r, forged(11)) }, signlog.Finding{Row: 11, Kind: signlog.Altered}},
		"rows of another machine in their place": {func(r rows) rows {
			return append(r[:4], logOf(t, signlog.NewChain(key("other")), 10)[4:]...)
		}, signlog.Finding{Row: 5, Kind: signlog.OtherKey}},
		"the log of another machine": {func(rows) rows {
			return logOf(t, signlog.NewChain(key("other")), 10)
		}, signlog.Finding{Row: 1, Kind: signlog.OtherKey}},
		"a log made anew without a key": {func(rows) rows {
			return logOf(t, signlog.Chain{}, 10)
		}, signlog.Finding{Row: 1, Kind: signlog.OtherKey}},
		"an older log that went on differently": {func(r rows) rows {
			r = r[:7]
			for n := int64(8); n <= 12; n++ {
				e := entry(n)
				e.Name = "李四"
				r = append(r, next(t, ours, r, e))
			}
			return r
		}, signlog.Finding{Row: 10, Kind: signlog.Replaced}},
		"one row of another course of the same log": {func(r rows) rows {
			e := entry(5)
			e.Name = "李四"
			r[4] = next(t, ours, r[:4], e)
			return r
		}, signlog.Finding{Row: 6, Kind: signlog.Altered}},
		"a row that nothing here can read": {func(r rows) rows {
			r = r[:9]
			last := ours.Next(r[8].Link, signlog.Row{Sequence: 10, ID: "event-10", Body: []byte("sealed with a key that is gone")})
			return append(r, last)
		}, signlog.Finding{Row: 10, Kind: signlog.Unreadable}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := logOf(t, ours, 10)
			head := headOf(whole)
			got := verify(ours, head, c.harm(whole))
			if got.Sound() || got.Findings[0] != c.want {
				t.Errorf("findings = %+v, want first %+v", got.Findings, c.want)
			}
		})
	}
}

// forged is a row by somebody without the key.
func forged(n int64) signlog.Row {
	body, _ := json.Marshal(entry(n)) // plain fields always encode
	return signlog.Row{Sequence: n, ID: entry(n).ID, KeyID: "k", Body: body, Link: make([]byte, 32)}
}

func TestSoundLog(t *testing.T) {
	t.Parallel()
	ours := signlog.NewChain(key("k"))
	rows := logOf(t, ours, 10)
	for name, c := range map[string]struct {
		head *signlog.Head
		want signlog.Report
	}{
		"with its head":        {headOf(rows), signlog.Report{Rows: 10, Keyed: true, Anchored: true}},
		"with an earlier head": {headOf(rows[:7]), signlog.Report{Rows: 10, Keyed: true, Anchored: true, Beyond: 3}},
		"never anchored":       {&signlog.Head{}, signlog.Report{Rows: 10, Keyed: true, Anchored: true, Beyond: 10}},
	} {
		got := verify(ours, c.head, rows)
		if !got.Sound() || got.Rows != c.want.Rows || got.Keyed != c.want.Keyed || got.Anchored != c.want.Anchored || got.Beyond != c.want.Beyond {
			t.Errorf("%s: report = %+v, want %+v", name, got, c.want)
		}
	}
	if got := verify(ours, nil, rows); !got.Sound() || got.Anchored {
		t.Errorf("without a head: %+v", got)
	}
	if got := verify(signlog.Chain{}, nil, logOf(t, signlog.Chain{}, 10)); !got.Sound() || got.Keyed {
		t.Errorf("without a key: %+v", got)
	}
}

// After the root key was changed, rows of the former key still stand.
func TestRowsOfAFormerKeyStand(t *testing.T) {
	t.Parallel()
	rows := logOf(t, signlog.NewChain(key("old")), 5)
	ours := signlog.NewChain(key("new"), key("old"))
	for n := int64(6); n <= 10; n++ {
		rows = append(rows, next(t, ours, rows, entry(n)))
	}
	if got := verify(ours, headOf(rows), rows); !got.Sound() {
		t.Errorf("findings = %+v", got.Findings)
	}
	got := verify(signlog.NewChain(key("new")), headOf(rows), rows)
	if want := (signlog.Finding{Row: 1, Kind: signlog.OtherKey}); got.Sound() || got.Findings[0] != want {
		t.Errorf("without the former key: %+v, want %+v", got.Findings, want)
	}
}

// What was once found missing stays in the report, and does not hide what comes
// after it.
func TestNotedCutIsToldForEver(t *testing.T) {
	t.Parallel()
	ours := signlog.NewChain(key("k"))
	rows := logOf(t, ours, 7)
	cut := entry(11)
	cut.Event, cut.Missing = signlog.LogCut, &signlog.Span{From: 8, Through: 10}
	rows = append(rows, next(t, ours, rows, cut))
	for n := int64(12); n <= 15; n++ {
		rows = append(rows, next(t, ours, rows, entry(n)))
	}
	noted := signlog.Finding{Row: 8, Kind: signlog.Missing, Through: 10, Noted: true}
	if got := verify(ours, headOf(rows), rows); !slices.Equal(got.Findings, []signlog.Finding{noted}) {
		t.Errorf("findings = %+v, want only %+v", got.Findings, noted)
	}
	head := headOf(rows)
	rows[9].Body = flip(rows[9].Body)
	altered := signlog.Finding{Row: 13, Kind: signlog.Altered}
	if got := verify(ours, head, rows); !slices.Equal(got.Findings, []signlog.Finding{noted, altered}) {
		t.Errorf("findings = %+v, want %+v and %+v", got.Findings, noted, altered)
	}
}

// An older copy of the log went on, and has other entries in place of those.
func TestNotedReplacementIsToldForEver(t *testing.T) {
	t.Parallel()
	ours := signlog.NewChain(key("k"))
	for _, from := range []int64{8, 10} {
		rows := logOf(t, ours, 10)
		cut := entry(11)
		cut.Event, cut.Missing = signlog.LogCut, &signlog.Span{From: from, Through: 10}
		rows = append(rows, next(t, ours, rows, cut))
		noted := signlog.Finding{Row: from, Kind: signlog.Replaced, Through: 10, Noted: true}
		if got := verify(ours, headOf(rows), rows); !slices.Equal(got.Findings, []signlog.Finding{noted}) {
			t.Errorf("findings = %+v, want only %+v", got.Findings, noted)
		}
	}
}

// A hundred thousand rows are verified without being held.
//
// Not in parallel: it measures the heap of the process.
func TestVerifyingTakesAsMuchMemoryForManyRowsAsForFew(t *testing.T) {
	ours := signlog.NewChain(key("k"))
	v := signlog.NewVerifier(ours, nil, func(r signlog.Row) (signlog.Entry, error) {
		return signlog.Entry{Sequence: r.Sequence, ID: r.ID}, nil
	})
	var prev []byte
	var before, after runtime.MemStats
	for n := int64(1); n <= 100_000; n++ {
		r := ours.Next(prev, signlog.Row{Sequence: n, ID: strconv.FormatInt(n, 10), Body: make([]byte, 300)})
		prev = r.Link
		v.Next(r)
		if n == 1000 {
			runtime.GC()
			runtime.ReadMemStats(&before)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if report := v.Report(); !report.Sound() || report.Rows != 100_000 {
		t.Errorf("report = %+v", report)
	}
	if before.HeapAlloc+4<<20 < after.HeapAlloc {
		t.Errorf("%d bytes after 1,000 rows, %d after 100,000", before.HeapAlloc, after.HeapAlloc)
	}
}
