package command

import (
	"context"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/store"
)

// lookWithin is how long somebody may wait for the first look at the head of
// the sign-in log, which a keychain keeps.
const lookWithin = 2 * time.Second

// Current is who is signed in, with whether that may be of an older copy of the
// database: one from before DingTalk refused them, say. Everything that tells of
// the person who is signed in asks here, the service included.
func (db *database) Current(ctx context.Context) (identity.Record, error) {
	rec, err := db.Store.Current(ctx)
	if err == nil {
		rec.Stale = db.stale(ctx, rec)
	}
	return rec, err
}

// stale reports whether what is kept of a person may be of an older copy.
func (db *database) stale(ctx context.Context, rec identity.Record) bool {
	return db.stands(ctx).Distrusts(rec.VerifiedAt)
}

// stands is what the head outside says of the database, if it can be had soon.
func (db *database) stands(ctx context.Context) store.Standing {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	return db.Standing(ctx)
}
