package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/identity"
)

func cacheForgetCommand() command {
	return command{
		name:    "cache forget",
		operand: "USER_ID",
		summary: "forget one person",
		example: "dingpass cache forget zhang01",
		options: []option{jsonFlag("one JSON object"), settingsFlags},
		run: func(ctx context.Context, p *Program, line *line) error {
			return p.changeCache(ctx, line, func(db *database, _ config.Settings) (cacheResult, error) {
				return forgetPerson(ctx, db, line.operand)
			})
		},
	}
}

func cachePurgeCommand() command {
	return command{
		name:    "cache purge",
		summary: "forget who has been kept for longer than retain_for, or everybody",
		example: "dingpass cache purge\ndingpass cache purge --all",
		options: []option{
			jsonFlag("one JSON object"),
			{name: "all", value: false, help: "forget everybody"},
			settingsFlags,
		},
		run: func(ctx context.Context, p *Program, line *line) error {
			return p.changeCache(ctx, line, func(db *database, settings config.Settings) (cacheResult, error) {
				return purge(ctx, db, policyOf(settings), line.get("all") == true)
			})
		},
	}
}

// cacheResult is the JSON of a command that changes the cache.
type cacheResult struct {
	Event  string `json:"event"` // forgotten or purged
	People int    `json:"people"`
}

// changeCache runs what changes the cache and tells its result.
func (p *Program) changeCache(ctx context.Context, line *line, do func(*database, config.Settings) (cacheResult, error)) error {
	r, err := p.changedCache(ctx, line, do)
	if err != nil {
		if r.People > 0 { // they are gone all the same
			p.say("%s: %d", r.Event, r.People)
		}
		return p.failed(line, err)
	}
	if line.json() {
		return p.result(r)
	}
	_, err = fmt.Fprintf(p.Stdout, "%s: %d\n", r.Event, r.People)
	return err
}

func (p *Program) changedCache(ctx context.Context, line *line, do func(*database, config.Settings) (cacheResult, error)) (cacheResult, error) {
	settings, err := p.settings(line)
	if err != nil {
		return cacheResult{}, err
	}
	db, err := p.openToWrite(ctx, settings)
	if err != nil {
		return cacheResult{}, err
	}
	r, err := do(db, settings)
	return r, errors.Join(err, db.Close())
}

// forgetPerson forgets everybody with that user id: a folder may have served
// two companies.
func forgetPerson(ctx context.Context, db *database, userID string) (cacheResult, error) {
	n, err := db.Purge(ctx, func(rec identity.Record) bool { return rec.Identity.UserID == userID })
	return cacheResult{"forgotten", n}, err
}

func purge(ctx context.Context, db *database, policy identity.Policy, all bool) (cacheResult, error) {
	now := db.clock.Now()
	n, err := db.Purge(ctx, func(rec identity.Record) bool { return all || policy.Expired(rec, now) })
	return cacheResult{"purged", n}, err
}
