package command

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

func cacheListCommand() command {
	return command{
		name:    "cache list",
		summary: "everybody who is kept, and what may be said of them now",
		example: "dingpass cache list\ndingpass cache list --json",
		options: []option{jsonFlag("one JSON object a person, one to a line"), settingsFlags},
		run:     runCacheList,
	}
}

// cachedPerson is a line of «cache list --json».
type cachedPerson struct {
	UserID       string          `json:"user_id"`
	Name         string          `json:"name"`
	Verdict      identity.Answer `json:"verdict"`
	Reason       identity.Reason `json:"reason"`
	VerifiedAt   time.Time       `json:"verified_at"`
	OfflineUntil time.Time       `json:"offline_until,omitzero"`
	UsesLeft     int             `json:"uses_left"`
}

func runCacheList(ctx context.Context, p *Program, line *line) error {
	if err := p.cacheList(ctx, line); err != nil {
		return p.failed(line, err)
	}
	return nil
}

func (p *Program) cacheList(ctx context.Context, line *line) error {
	settings, err := p.settings(line)
	if err != nil {
		return err
	}
	db, err := p.openToRead(ctx, settings)
	if login.CodeOf(err) == login.NotSignedIn {
		return nil // there is no database, and nobody in it
	}
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // read only: nothing can be lost
	db.glance(ctx)
	now := db.clock.Now()
	decide := func(rec identity.Record) cachedPerson { return personOf(rec, policyOf(settings), now) }
	if line.json() {
		return p.listInJSON(ctx, db, decide)
	}
	return p.listInWords(ctx, db, decide)
}

func (p *Program) listInJSON(ctx context.Context, db *database, decide func(identity.Record) cachedPerson) error {
	for rec, err := range db.People(ctx) {
		if err != nil {
			return err
		}
		if err := p.result(decide(rec)); err != nil {
			return err
		}
	}
	return nil
}

func (p *Program) listInWords(ctx context.Context, db *database, decide func(identity.Record) cachedPerson) error {
	table := tabwriter.NewWriter(p.Stdout, 0, 0, 2, ' ', 0)
	for rec, err := range db.People(ctx) {
		if err != nil {
			return errors.Join(err, table.Flush())
		}
		who := decide(rec)
		_, err := fmt.Fprintf(table, "%s\t%s\t%s (%s)\tverified %s\n", who.UserID, who.Name, who.Verdict, who.Reason, localTime(who.VerifiedAt))
		if err != nil {
			return err
		}
	}
	return table.Flush()
}

func personOf(rec identity.Record, policy identity.Policy, now identity.Moment) cachedPerson {
	v := identity.Decide(rec, policy, now)
	return cachedPerson{
		UserID: rec.Identity.UserID, Name: rec.Identity.DisplayName(), Verdict: v.Answer, Reason: v.Reason,
		VerifiedAt: rec.VerifiedAt, OfflineUntil: v.Until, UsesLeft: v.UsesLeft,
	}
}
