package command

import (
	"context"
	"fmt"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

func whoamiCommand() command {
	return command{
		name:    "whoami",
		summary: "the cached identity and whether it may be relied on now",
		example: "dingpass whoami --json",
		options: []option{
			jsonFlag("one JSON object"),
			{name: "offline", value: false, help: "say nothing that would need the network; this version never does"},
			settingsFlags,
		},
		run: runWhoami,
	}
}

// whoamiResult is the JSON of «whoami --json» (design 3.2).
type whoamiResult struct {
	Identity     identity.Identity `json:"identity"`
	Verdict      identity.Answer   `json:"verdict"`
	Reason       identity.Reason   `json:"reason"`
	Source       login.Source      `json:"source"`
	VerifiedAt   time.Time         `json:"verified_at"`
	OfflineUntil time.Time         `json:"offline_until,omitzero"`
	UsesLeft     int               `json:"uses_left"`
}

func runWhoami(ctx context.Context, p *Program, line *line) error {
	r, err := p.whoami(ctx, line)
	if err != nil {
		return p.failed(line, err)
	}
	if line.json() {
		if err := p.result(r); err != nil {
			return err
		}
	} else if err := p.tellWhoami(r); err != nil {
		return err
	}
	return verdictError(r)
}

func (p *Program) whoami(ctx context.Context, line *line) (whoamiResult, error) {
	settings, err := p.settings(line)
	if err != nil {
		return whoamiResult{}, err
	}
	db, err := p.openToRead(ctx, settings)
	if err != nil {
		return whoamiResult{}, err
	}
	defer func() { _ = db.Close() }() // read only: nothing can be lost
	db.glance(ctx)
	rec, err := db.Current(ctx)
	if err != nil {
		return whoamiResult{}, err
	}
	now := db.clock.Now()
	policy := policyOf(settings)
	return newWhoamiResult(rec, policy, identity.Decide(rec, policy, now)), nil
}

func newWhoamiResult(rec identity.Record, policy identity.Policy, verdict identity.Verdict) whoamiResult {
	return whoamiResult{
		Identity: rec.Identity, Verdict: verdict.Answer, Reason: verdict.Reason, Source: login.FromCache,
		VerifiedAt: rec.VerifiedAt, OfflineUntil: policy.Until(rec), UsesLeft: verdict.UsesLeft,
	}
}

// tellWhoami is the result for people.
func (p *Program) tellWhoami(r whoamiResult) error {
	_, err := fmt.Fprintf(p.Stdout, "%s  %s\n", r.Identity.DisplayName(), r.Identity.Title)
	if err != nil {
		return err
	}
	if r.Verdict != identity.Allow {
		_, err = fmt.Fprintf(p.Stdout, "%s (%s), verified %s\n", r.Verdict, r.Reason, localTime(r.VerifiedAt))
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "%s (%s), verified %s, offline until %s\n",
		r.Verdict, r.Reason, localTime(r.VerifiedAt), localTime(r.OfflineUntil))
	return err
}

// verdictError makes the exit code of a verdict: scripts ask «may I go on»,
// and only allow is yes. The words have been said.
func verdictError(r whoamiResult) error {
	code, is := map[identity.Answer]login.Code{
		identity.Deny:        login.CodeOfRefusal(r.Reason),
		identity.NeedsQR:     login.NeedsOnline,
		identity.NeedsOnline: login.NeedsOnline,
		identity.Suspended:   login.ClockWrong,
	}[r.Verdict]
	if !is {
		return nil
	}
	return told{login.Fail(code, nil)}
}
