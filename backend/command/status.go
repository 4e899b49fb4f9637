package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/network"
	"github.com/dingpass/dingpass/backend/store"
	"github.com/dingpass/dingpass/backend/vault"
)

func statusCommand() command {
	return command{
		name:    "status",
		summary: "who is signed in and for how long, the network, the clock and the database",
		example: "dingpass status\ndingpass status --probe --json",
		options: []option{
			jsonFlag("one JSON object"),
			{name: "probe", value: false, help: "ask DingTalk now, for two seconds at most; otherwise what was known last is told"},
			settingsFlags,
		},
		run: runStatus,
	}
}

// statusResult is the JSON of «status --json». Events that wait to be written
// down are not in it: they wait in the memory of the app that has them, and a
// disk that takes nothing takes no word of them either. Why they would have to
// wait is told, under database.
type statusResult struct {
	Person   *personStatus  `json:"person,omitempty"` // none: nobody is signed in
	Network  networkStatus  `json:"network"`
	Clock    clockStatus    `json:"clock"`
	Database databaseStatus `json:"database"`
	Key      keyStatus      `json:"key"`
	Log      *logStatus     `json:"log,omitempty"` // none: there is no database
}

// personStatus is whoami's answer with what is left.
type personStatus struct {
	whoamiResult
	AgeSeconds  int64 `json:"age_seconds"`  // since DingTalk confirmed the person
	LeftSeconds int64 `json:"left_seconds"` // until the cache may not speak for them any more
}

type networkStatus struct {
	networkFact
	Asked bool `json:"asked"` // now; otherwise it is what was known last
}

type clockStatus struct {
	Trust      string    `json:"trust"` // measured, unconfirmed or behind
	Now        time.Time `json:"now"`
	OffSeconds int64     `json:"off_seconds"` // how far this machine's clock is ahead
	Detail     string    `json:"detail,omitempty"`
}

type databaseStatus struct {
	State  string `json:"state"` // ok, none or problem
	Detail string `json:"detail,omitempty"`
}

type keyStatus struct {
	State string `json:"state"` // ok; locked, gone, wrong or unavailable; none: the first sign-in makes one
}

// logStatus is how the sign-in log stands against its head outside (package
// store).
type logStatus struct {
	State  store.State `json:"state"` // sound, unanchored, unknown, removed or stale
	Detail string      `json:"detail,omitempty"`

	// Cut is the entry that tells that an older copy was last found or put in
	// place: nobody's PIN, badge and counts are taken who has not signed in with
	// DingTalk since.
	Cut int64 `json:"cut,omitempty"`
}

func runStatus(ctx context.Context, p *Program, line *line) error {
	settings, err := p.settings(line)
	if err != nil {
		return p.failed(line, err)
	}
	r, err := p.status(ctx, settings)
	if err != nil {
		return p.failed(line, err)
	}
	if line.get("probe") == true {
		r.Network = p.probe(ctx, settings)
	}
	if line.json() {
		return p.result(r)
	}
	_, err = io.WriteString(p.Stdout, r.String())
	return err
}

// status is what this machine knows by itself. A database that cannot be read
// is a finding, not an error.
func (p *Program) status(ctx context.Context, settings config.Settings) (statusResult, error) {
	r := statusResult{
		Network: networkStatus{networkFact: networkFact{State: login.ReachUnknown}},
		Clock:   newClockStatus(identity.Moment{Now: time.Now().UTC()}),
		Key:     keyStatus{State: "none"},
	}
	db, err := p.openToRead(ctx, settings)
	if err == nil {
		defer func() { _ = db.Close() }() // read only: nothing can be lost
		err = errors.Join(r.read(ctx, db, policyOf(settings)), db.Writable())
	} else if login.CodeOf(err) == login.NotSignedIn {
		r.Database.State = "none"
		return r, nil
	}
	if ctx.Err() != nil {
		return r, login.Fail(login.Cancelled, ctx.Err())
	}
	if r.Database.State = "ok"; err != nil {
		r.Database = databaseStatus{State: "problem", Detail: login.DetailOf(err)}
	}
	return r, nil
}

// read fills in what the database knows.
func (r *statusResult) read(ctx context.Context, db *database, policy identity.Policy) error {
	r.Network.networkFact = lastNetwork(ctx, db)
	r.Key.State = keyState(db.Locked())
	r.Log = newLogStatus(ctx, db)
	at := db.clock.Now()
	r.Clock = newClockStatus(at)
	rec, err := db.Current(ctx)
	if login.CodeOf(err) == login.NotSignedIn {
		return nil
	}
	if err != nil {
		return err
	}
	verdict := identity.Decide(rec, policy, at)
	r.Person = &personStatus{
		whoamiResult: newWhoamiResult(rec, policy, verdict),
		AgeSeconds:   int64(verdict.Age / time.Second), LeftSeconds: int64(verdict.Left / time.Second),
	}
	return nil
}

func newLogStatus(ctx context.Context, db *database) *logStatus {
	ctx, cancel := context.WithTimeout(ctx, max(lookWithin, db.patience))
	defer cancel()
	now := db.Standing(ctx)
	if now.State == store.Removed {
		now.Cut = 0 // nobody is trusted
	}
	return &logStatus{State: now.State, Detail: login.DetailOf(now.Err), Cut: now.Cut}
}

// probe asks DingTalk now.
func (p *Program) probe(ctx context.Context, settings config.Settings) networkStatus {
	client := clientOf(settings, p.log())
	defer client.CloseIdleConnections()
	reach := network.New(network.Options{Probe: client.Ping, Log: p.log()}).Ask(ctx)
	return networkStatus{networkFact{reach.State, reach.Trouble, reach.Since.UTC().Truncate(time.Second)}, true}
}

func newClockStatus(at identity.Moment) clockStatus {
	trust := map[identity.Trust]string{
		identity.Measured: "measured", identity.Unconfirmed: "unconfirmed", identity.Behind: "behind",
	}[at.Trust]
	return clockStatus{
		Trust: trust, Now: at.Now.Truncate(time.Second), OffSeconds: int64(at.Off / time.Second), Detail: suspension(at),
	}
}

// suspension says why nobody is let in without DingTalk for want of the time; ""
// where that is not so.
func suspension(at identity.Moment) string {
	const until = "nobody is let in without DingTalk until it has answered once; nothing was deleted"
	switch {
	case at.Lost:
		return "what was known of the time cannot be read: " + until
	case at.Trust == identity.Behind:
		return "this machine's clock was set back: " + until
	}
	return ""
}

// String is the result for people.
func (r statusResult) String() string {
	out := &strings.Builder{}
	say := func(name, format string, args ...any) {
		fmt.Fprintf(out, "%-9s %s\n", name, fmt.Sprintf(format, args...))
	}
	say("person", "%s", r.Person)
	say("network", "%s", r.Network)
	say("clock", "%s", r.Clock)
	say("database", "%s", strings.TrimSpace(r.Database.State+"  "+r.Database.Detail))
	say("key", "%s", r.Key.State)
	if r.Log != nil {
		say("log", "%s", r.Log)
	}
	return out.String()
}

// String is who it is, why they may or may not, and what is left.
func (s *personStatus) String() string {
	if s == nil {
		return "nobody is signed in"
	}
	text := fmt.Sprintf("%s: %s (%s), verified %s, %s ago",
		s.Identity.DisplayName(), s.Verdict, s.Reason, localTime(s.VerifiedAt), seconds(s.AgeSeconds))
	if s.Verdict == identity.Allow {
		text += fmt.Sprintf(", offline until %s, %s", localTime(s.OfflineUntil), counted(int64(s.UsesLeft), "use left", "uses left"))
	}
	return text
}

// String is the state, why, since when, and how fresh that is.
func (s networkStatus) String() string {
	text := string(s.State)
	if s.Reason != "" {
		text += " (" + string(s.Reason) + ")"
	}
	if !s.Asked && !s.Since.IsZero() {
		text += " since " + localTime(s.Since) + ", when it was last looked; --probe asks now"
	}
	return text
}

// String is how the time is known, and how wrong the machine's clock is.
func (s clockStatus) String() string {
	text := s.Trust
	if s.OffSeconds != 0 {
		text = fmt.Sprintf("%s, this machine's is off by %s", s.Trust, seconds(s.OffSeconds))
	}
	if s.Detail != "" {
		text += "; " + s.Detail
	}
	return text
}

// String is the state, and whom it concerns.
func (s *logStatus) String() string {
	text := string(s.State)
	if s.Detail != "" {
		text += "  " + s.Detail
	}
	if s.Cut > 0 {
		text += fmt.Sprintf("; an older copy was put in place before entry %d: who has not scanned since does so once", s.Cut)
	}
	return text
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }

// keyState is the state of the key that the database is sealed with.
func keyState(locked error) string {
	if locked == nil {
		return "ok"
	}
	if state := vault.StateOf(locked); state != "" {
		return string(state)
	}
	return string(vault.Unavailable)
}
