package command

import (
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

// The events of «login --json», one object a line (design 3.2).
type (
	openEvent struct {
		Event string `json:"event"` // open
		URL   string `json:"url"`
	}
	phaseEvent struct {
		Event string      `json:"event"` // phase
		Phase login.Phase `json:"phase"`
	}
	signedInEvent struct {
		Event        string            `json:"event"` // signed_in
		Identity     identity.Identity `json:"identity"`
		Source       login.Source      `json:"source"`
		VerifiedAt   time.Time         `json:"verified_at"`
		OfflineUntil time.Time         `json:"offline_until,omitzero"`
	}
	failedEvent struct {
		Event   string     `json:"event"` // failed
		Code    login.Code `json:"code"`
		Message string     `json:"message"`
	}
)

// reporter tells the course of a sign-in: as JSON lines on standard output, or
// in words on standard error with the result on standard output.
type reporter struct {
	p      *Program
	line   *line
	json   bool
	policy identity.Policy
	last   login.Phase
}

func (r *reporter) open(link string) error {
	if !r.json {
		return nil
	}
	return r.p.result(openEvent{"open", link})
}

// phase tells a change, once.
func (r *reporter) phase(phase login.Phase) error {
	if phase == r.last {
		return nil
	}
	r.last = phase
	if !r.json {
		return nil
	}
	return r.p.result(phaseEvent{"phase", phase})
}

func (r *reporter) signedIn(rec identity.Record, source login.Source) error {
	if r.json {
		return r.p.result(signedInEvent{"signed_in", rec.Identity, source, rec.VerifiedAt, r.policy.Until(rec)})
	}
	return r.p.tellSignedIn(rec)
}

// failed tells the last line of a sign-in that has none better.
func (r *reporter) failed(err error) error {
	if !r.json {
		return err
	}
	if printErr := r.tell(err); printErr != nil {
		return printErr
	}
	return told{err}
}

// tell writes the failure's line.
func (r *reporter) tell(err error) error {
	return r.p.result(failedEvent{"failed", codeOf(err), r.p.explain(r.line, err)})
}
