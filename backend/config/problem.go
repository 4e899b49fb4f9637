package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Fault is the kind of a problem, for programs and translations.
type Fault string

// The kinds.
const (
	Unreadable Fault = "unreadable" // a file that cannot be read or parsed
	Unknown    Fault = "unknown"    // a key that there is not
	Misplaced  Fault = "misplaced"  // a secret where none may be
	Missing    Fault = "missing"    // needed, and not given
	Malformed  Fault = "malformed"  // a value of the wrong kind or form
	Unsafe     Fault = "unsafe"     // a value that would give something away
	Conflict   Fault = "conflict"   // two settings that exclude each other
)

// Problem is one thing that is wrong.
type Problem struct {
	Key    string // the setting, "" where the whole file is meant
	Source string // where its value came from: a flag, a variable, file:line; "" where it has none
	Fault  Fault
	What   string // what is wrong with it, to be read after the key
	Mend   string // what to do
}

// String is the problem in one line.
func (p Problem) String() string {
	key := p.Key
	if !printable(key) { // a key that there is not may be anything, and this goes to a terminal
		key = strconv.QuoteToASCII(key)
	}
	switch {
	case key == "":
		return fmt.Sprintf("%s %s: %s", p.Source, p.What, p.Mend)
	case p.Source == "":
		return fmt.Sprintf("%s %s: %s", key, p.What, p.Mend)
	}
	return fmt.Sprintf("%s (%s) %s: %s", key, p.Source, p.What, p.Mend)
}

// Problems is everything that is wrong with the settings, in the order of
// [Keys]; what concerns the whole file comes first, what is missing last.
type Problems struct{ All []Problem }

// Error lists the problems, one a line.
func (p *Problems) Error() string {
	lines := make([]string, len(p.All))
	for i, problem := range p.All {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

func (p *Problems) add(key, source string, f *fault) {
	p.All = append(p.All, Problem{Key: key, Source: source, Fault: f.kind, What: f.what, Mend: f.mend})
}

// orNil is nil, not a nil *Problems, where there are none.
func (p *Problems) orNil() error {
	if len(p.All) == 0 {
		return nil
	}
	return p
}

// fault is a problem as the parser of a value sees it: without key and place.
type fault struct {
	kind       Fault
	what, mend string
}
