package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// tx is a running write transaction. Its moment is fixed once, so that all it
// writes carries the same time.
type tx struct {
	*sql.Tx
	now time.Time
}

// inTx runs do in one immediate transaction of the only writer and commits if
// it returns nil. This is the one way to write. The key that this process seals
// with must be the present one, else it fails with errOtherKey, for again; it
// cannot be replaced before the commit. What do writes is therefore sealed in
// do, not before.
func (s *Store) inTx(ctx context.Context, do func(*tx) error) error {
	if s.write == nil {
		return s.why
	}
	return inTx(ctx, s.write, s.now, func(t *tx) error {
		if err := s.sameKey(ctx, t); err != nil {
			return err
		}
		return do(t)
	})
}

func inTx(ctx context.Context, db *sql.DB, now func() time.Time, do func(*tx) error) error {
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(&tx{Tx: t, now: now()}); err != nil {
		rollback := t.Rollback()
		if errors.Is(rollback, sql.ErrTxDone) {
			rollback = nil // the context ended and took the transaction with it
		}
		return errors.Join(err, rollback)
	}
	return t.Commit()
}
