package store

import (
	"context"
	"fmt"
)

// Forget forgets who is signed in: that they are, and who they are. Nobody
// signed in is no error. Afterwards their bytes are in none of the files:
// secure_delete has overwritten them in the database, and the log, which still
// has them, is folded in and cut.
func (s *Store) Forget(ctx context.Context) error {
	err := s.inTx(ctx, func(t *tx) error {
		_, err := t.ExecContext(ctx, // and the row of current goes with it
			"DELETE FROM identities WHERE (corp_id, user_key) = (SELECT corp_id, user_key FROM current)")
		return err
	})
	if err == nil {
		err = s.cutLog(ctx)
	}
	if err != nil {
		return s.fail("forget identity", err)
	}
	return nil
}

// cutLog folds the write-ahead log into the database and leaves it empty. It
// waits for readers as long as busy_timeout.
func (s *Store) cutLog(ctx context.Context) error {
	var busy, pages, folded int
	if err := s.write.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &folded); err != nil {
		return err
	}
	if busy != 0 {
		return fmt.Errorf("%w: a reader holds on to the log", errBusy)
	}
	return nil
}
