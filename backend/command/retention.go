package command

import (
	"context"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
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
	for c.untilMeasured(ctx) {
		switch r, err := purge(ctx, c.store, c.policy, false); {
		case err != nil && ctx.Err() == nil:
			c.log.Warn("forget people who were kept long enough", "error", err)
		case r.People > 0:
			c.log.Info("people were kept long enough", "forgotten", r.People)
			c.service.Refresh(ctx) // one of them may be shown
		}
		tomorrow := time.NewTimer(purgeEvery)
		select {
		case <-tomorrow.C:
		case <-ctx.Done():
			tomorrow.Stop()
		}
	}
}

// untilMeasured waits until the time is known by DingTalk's; false where ctx
// ends before.
func (c *core) untilMeasured(ctx context.Context) bool {
	for ctx.Err() == nil {
		changed := c.network.Changed() // before it is looked, so that nothing is missed
		if c.clock.Now().Trust == identity.Measured && c.store.Locked() == nil {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
	return false
}
