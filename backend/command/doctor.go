package command

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/dingtalk"
)

func doctorCommand() command {
	return command{
		name:    "doctor",
		summary: "check the set-up and say how to mend what is wrong",
		example: "dingpass doctor",
		options: []option{jsonFlag("one JSON object"), settingsFlags},
		run:     runDoctor,
	}
}

// finding is what one check found.
type finding struct {
	Check  string `json:"check"`
	Status status `json:"status"`
	Found  string `json:"found"`
	Mend   string `json:"mend,omitempty"` // what to do; only where something is to be done

	err error // what decides the exit code; nil where nothing is wrong
}

// status is the judgement of a finding.
type status string

const (
	fine    status = "ok"
	wrong   status = "problem"
	notable status = "note"    // works, but the administrator should know
	unknown status = "skipped" // could not be checked because of another finding
)

// doctorResult is the JSON of «doctor --json».
type doctorResult struct {
	OK     bool      `json:"ok"`
	Checks []finding `json:"checks"`
}

// checks are done in this order: each stands on those before it.
var checks = []struct {
	name string
	run  func(ctx context.Context, d *doctor) finding
}{
	{"settings", checkSettings},
	{"secret", checkSecret},
	{"key", checkKey},
	{"database", checkDatabase},
	{"window", checkWindow},
	{"redirect", checkRedirect},
	{"dingtalk", checkDingTalk},
	{"clock", checkClock},
}

// doctor is what the checks know.
type doctor struct {
	p         *Program
	settings  config.Settings
	problems  error
	secretErr error           // why the keychain did not tell the client secret
	health    dingtalk.Health // what asking DingTalk once has told
	suspended string          // why nobody is let in without DingTalk for want of the time; "" where that is not so, or not known
}

func runDoctor(ctx context.Context, p *Program, line *line) error {
	d := &doctor{p: p}
	d.settings, d.problems = p.settings(line)
	d.settings, d.secretErr = d.settings.WithKept(p.kept(ctx))
	r := doctorResult{OK: true}
	var first error
	for _, check := range checks {
		f := check.run(ctx, d)
		f.Check = check.name
		r.Checks = append(r.Checks, f)
		if f.Status == wrong {
			r.OK = false
			if first == nil {
				first = told{f.err}
			}
		}
	}
	if line.json() {
		if err := p.result(r); err != nil {
			return err
		}
		return first
	}
	if _, err := io.WriteString(p.Stdout, r.String()); err != nil {
		return err
	}
	return first
}

// marks stand before each line for people.
var marks = map[status]string{fine: "ok  ", wrong: "FAIL", notable: "note", unknown: "–   "}

// String is the result for people.
func (r doctorResult) String() string {
	out := &strings.Builder{}
	for _, f := range r.Checks {
		fmt.Fprintf(out, "%s  %-9s %s\n", marks[f.Status], f.Check, indented(f.Found))
		if f.Mend != "" {
			fmt.Fprintf(out, "      %-9s → %s\n", "", indented(f.Mend))
		}
	}
	return out.String()
}

// indented keeps the further lines of a text under its first.
func indented(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n                ")
}
