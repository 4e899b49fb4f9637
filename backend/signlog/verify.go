package signlog

import "bytes"

// Verifier reads a log row by row, in the order of the sequence. Make one with
// [NewVerifier].
type Verifier struct {
	chain Chain
	head  Head
	open  func(Row) (Entry, error)

	last    Row      // the last one that is sound, the zero Row before the first
	suspect *suspect // the first one that is not; nothing is judged after it
	report  Report
}

// suspect is a row that is not linked to the one before. What has happened to
// it may show further on.
type suspect struct {
	want    int64 // the sequence that was its turn
	prev    []byte
	finding Finding // what it is if nothing more shows
	own     int64   // the sequence in its own body; 0 where that cannot be read
	here    int64   // the sequence that it stands at
}

// NewVerifier verifies with this chain. head is nil where none is kept outside
// the log. open unseals and decodes a row.
func NewVerifier(chain Chain, head *Head, open func(Row) (Entry, error)) *Verifier {
	v := &Verifier{chain: chain, open: open}
	v.report = Report{Keyed: chain.Keyed(), Anchored: head != nil, Findings: []Finding{}}
	if head != nil {
		v.head = *head
	}
	return v
}

// Next takes the next row. Its slices are not changed, and may be after it.
func (v *Verifier) Next(r Row) {
	v.report.Rows++
	if v.suspect != nil {
		v.explain(r)
		return
	}
	holds, known := v.chain.Holds(v.last.Link, r)
	if !holds || r.Sequence <= v.last.Sequence {
		v.doubt(r, known)
		return
	}
	v.read(r)
	if r.Sequence == v.head.Length && !bytes.Equal(r.Link, v.head.Link) {
		v.report.add(Finding{Row: r.Sequence, Kind: Replaced})
	}
	v.last = Row{Sequence: r.Sequence, Link: bytes.Clone(r.Link)}
}

// read looks into a row that was linked here. Whoever linked it had the key, so
// a gap before it is one that was found and noted.
func (v *Verifier) read(r Row) {
	entry, err := v.open(r)
	if entry.Event == Restored {
		v.report.Restored = r.Sequence
	}
	switch {
	case err != nil:
		v.report.add(Finding{Row: r.Sequence, Kind: Unreadable})
	case entry.Missing != nil && entry.Missing.From > v.last.Sequence:
		v.report.add(Finding{Row: entry.Missing.From, Kind: Missing, Through: r.Sequence - 1, Noted: true})
	case entry.Missing != nil:
		v.report.add(Finding{Row: entry.Missing.From, Kind: Replaced, Through: entry.Missing.Through, Noted: true})
	case r.Sequence > v.last.Sequence+1:
		v.report.add(Finding{Row: v.last.Sequence + 1, Kind: Missing, Through: r.Sequence - 1})
	}
}

// doubt takes up a row that does not follow the last one.
func (v *Verifier) doubt(r Row, known bool) {
	s := &suspect{want: v.last.Sequence + 1, prev: v.last.Link, here: r.Sequence}
	if entry, err := v.open(r); err == nil && entry.ID == r.ID {
		s.own = max(0, entry.Sequence)
	}
	switch {
	case r.Sequence > s.want:
		s.finding = Finding{Row: s.want, Kind: Missing, Through: r.Sequence - 1}
	case !known:
		s.finding = Finding{Row: r.Sequence, Kind: OtherKey}
	case r.Sequence < s.want && s.own > 0:
		s.finding = Finding{Row: s.own, Kind: Renumbered, Other: r.Sequence}
	case s.own > s.want:
		s.finding = Finding{Row: s.want, Kind: Renumbered, Other: s.own}
	case r.Sequence < s.want, 0 < s.own && s.own < s.want:
		s.finding = Finding{Row: r.Sequence, Kind: Inserted, Other: s.own}
	default:
		s.finding = Finding{Row: r.Sequence, Kind: Altered}
	}
	v.suspect = s
	v.explain(r)
}

// explain looks whether this row is the one whose turn it was.
func (v *Verifier) explain(r Row) {
	s := v.suspect
	turn := r
	turn.Sequence = s.want
	if holds, _ := v.chain.Holds(s.prev, turn); !holds || r.Sequence == s.want {
		return
	}
	switch {
	case s.here == s.want && s.own == r.Sequence:
		s.finding = Finding{Row: s.want, Kind: Swapped, Other: r.Sequence}
	case s.here == s.want && r.Sequence == s.want+1:
		s.finding = Finding{Row: s.want, Kind: Inserted}
	default:
		s.finding = Finding{Row: s.want, Kind: Renumbered, Other: r.Sequence}
	}
}

// Report is what came out, once all rows have been taken.
func (v *Verifier) Report() Report {
	report := v.report
	switch {
	case v.suspect != nil:
		report.add(v.suspect.finding)
	case v.last.Sequence < v.head.Length:
		report.add(Finding{Row: v.last.Sequence + 1, Kind: Missing, Through: v.head.Length})
	case report.Anchored:
		report.Beyond = v.last.Sequence - v.head.Length
	}
	return report
}
