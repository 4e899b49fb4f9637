package command

import (
	"context"
	"time"
)

// purgeEvery is how often it is looked for people who have been kept for as long
// as they may be.
const purgeEvery = 24 * time.Hour

// keepRetention forgets them, until ctx ends: once DingTalk has told the time,
// and then every day. A wall clock alone never makes anybody go, so nothing is
// looked for before.
func (c *core) keepRetention(ctx context.Context) {
	if c.policy.Retain <= 0 {
		return
	}
	select {
	case <-c.contact.Done():
	case <-ctx.Done():
		return
	}
	day := time.NewTicker(purgeEvery)
	defer day.Stop()
	for {
		c.purge(ctx)
		select {
		case <-day.C:
		case <-ctx.Done():
			return
		}
	}
}

// purge forgets who has been kept long enough, unless nobody can be read now.
func (c *core) purge(ctx context.Context) {
	if c.store.Locked() != nil {
		return
	}
	r, err := purge(ctx, c.store, c.policy, false)
	if err != nil && ctx.Err() == nil {
		c.log.Warn("forget people who were kept long enough", "error", err)
	}
	if r.People > 0 {
		c.log.Info("people were kept long enough", "forgotten", r.People)
		c.service.Refresh(ctx) // one of them may be shown
	}
}
