package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// report prints the table as it grows: a run takes a minute.
type report interface {
	begin(out io.Writer)
	row(out io.Writer, name string, v verdict)
	end(out io.Writer, bad, of int)
}

func reportOf(markdown, asJSON bool) report {
	switch {
	case asJSON:
		return jsonReport{}
	case markdown:
		return markdownReport{}
	}
	return plainReport{}
}

// Where nobody reads any more there is nobody to tell, so errors of writing
// are let go in all three.

// plainReport is for a terminal.
type plainReport struct{}

func (plainReport) begin(io.Writer) {}

func (plainReport) row(out io.Writer, name string, v verdict) {
	mark := "  "
	if v.Bad {
		mark = "✗ "
	}
	_, _ = fmt.Fprintf(out, "%s%-42s %s\n", mark, name, v)
}

func (plainReport) end(out io.Writer, bad, of int) {
	_, _ = fmt.Fprintf(out, "%d bad of %d\n", bad, of)
}

// markdownReport is for a document.
type markdownReport struct{}

func (markdownReport) begin(out io.Writer) { _, _ = fmt.Fprint(out, "| probe | result |\n|---|---|\n") }

func (markdownReport) row(out io.Writer, name string, v verdict) {
	text := strings.ReplaceAll(v.String(), "|", `\|`)
	if v.Bad {
		text = "**" + text + "**"
	}
	_, _ = fmt.Fprintf(out, "| %s | %s |\n", name, text)
}

func (markdownReport) end(out io.Writer, bad, of int) {
	_, _ = fmt.Fprintf(out, "\n%d bad of %d\n", bad, of)
}

// jsonReport is for a program.
type jsonReport struct{}

func (jsonReport) begin(io.Writer) {}

func (jsonReport) row(out io.Writer, name string, v verdict) {
	_ = json.NewEncoder(out).Encode(struct {
		Probe  string `json:"probe"`
		Result string `json:"result"`
		Answer string `json:"answer,omitempty"`
		Bad    bool   `json:"bad"`
	}{name, v.Word, v.Answer, v.Bad})
}

func (jsonReport) end(out io.Writer, bad, of int) {
	_ = json.NewEncoder(out).Encode(map[string]int{"bad": bad, "of": of})
}

// String is the word, and in brackets what the client answered.
func (v verdict) String() string {
	if v.Answer == "" {
		return v.Word
	}
	return v.Word + " (" + v.Answer + ")"
}
