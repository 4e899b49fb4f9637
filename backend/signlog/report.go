package signlog

// Kind is what is wrong with a row. The values are part of «log verify --json».
type Kind string

// The kinds.
const (
	Altered    Kind = "altered"    // something of it was changed
	Missing    Kind = "missing"    // it is not there, nor any up to Through
	Swapped    Kind = "swapped"    // it and Other have changed places
	Renumbered Kind = "renumbered" // it stands at Other, or Other stands in its place
	Inserted   Kind = "inserted"   // it was never written here; a copy of Other where that is set
	Replaced   Kind = "replaced"   // sound in itself, and another than the one the head outside was of
	Unreadable Kind = "unreadable" // as it was written, and what sealed it is not here
	OtherKey   Kind = "other_key"  // linked with a key that is not this log's
)

// Finding is something wrong.
type Finding struct {
	Row     int64 `json:"row"` // the sequence
	Kind    Kind  `json:"kind"`
	Through int64 `json:"through,omitempty"` // of Missing and Replaced: the last row of a range
	Other   int64 `json:"other,omitempty"`   // another row; see the kinds

	// Noted says that the log itself tells of it, in an entry LogCut.
	Noted bool `json:"noted,omitempty"`
}

// Report is what came out of verifying.
type Report struct {
	Rows     int64     `json:"rows"`
	Keyed    bool      `json:"keyed"`              // false: whoever can write the file can write links too
	Anchored bool      `json:"anchored"`           // false: nothing outside tells how long the log should be
	Beyond   int64     `json:"beyond_head"`        // rows after the head outside; they chain onto it
	Restored int64     `json:"restored,omitempty"` // the last entry that says that the database was put back from a copy
	Findings []Finding `json:"findings"`           // in the order of the rows, never null
	More     int64     `json:"more"`               // findings beyond those
}

// mostFindings bounds a report: of a log whose key is gone no row can be read.
const mostFindings = 16

func (r *Report) add(f Finding) {
	if len(r.Findings) == mostFindings {
		r.More++
		return
	}
	r.Findings = append(r.Findings, f)
}

// Sound reports whether nothing is wrong.
func (r Report) Sound() bool { return len(r.Findings) == 0 }
