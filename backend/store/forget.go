package store

import (
	"context"
	"fmt"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/signlog"
)

// Forget forgets a person: who they are, and that they are signed in if they
// are. That they are not known is no error. Afterwards their bytes are in none
// of the files: secure_delete has overwritten them in the database, and the
// write-ahead log, which still has them, is folded in and cut. A log that
// another process is reading is cut when the last process closes the database;
// the person is forgotten all the same. Only the sign-in log goes on to say,
// sealed, that somebody of this user id and name was here and left.
func (s *Store) Forget(ctx context.Context, who identity.Identity) error {
	err := s.logged(ctx, func(t *tx) (signlog.Entry, error) { return s.forget(ctx, t, who) })
	if err != nil {
		return s.fail("forget identity", err)
	}
	if err := s.cutLog(ctx); err != nil {
		s.log.Warn("cut the log behind a forgotten identity", "error", err)
	}
	return nil
}

// forget deletes a person's row, and tells the event that it is: none where
// nobody was known.
func (s *Store) forget(ctx context.Context, t *tx, who identity.Identity) (signlog.Entry, error) {
	userKey := s.sealer.lookup("user_key", who.UserID)
	var current bool
	err := t.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM current WHERE corp_id = ? AND user_key = ?)",
		who.CorpID, userKey).Scan(&current)
	if err != nil {
		return signlog.Entry{}, err
	}
	done, err := t.ExecContext(ctx, // and the row of current goes with it
		"DELETE FROM identities WHERE corp_id = ? AND user_key = ?", who.CorpID, userKey)
	if err != nil {
		return signlog.Entry{}, err
	}
	event := signlog.Forgotten
	if current {
		event = signlog.SignedOut
	}
	if known, err := done.RowsAffected(); err != nil || known == 0 {
		return signlog.Entry{}, err
	}
	return signlog.Entry{Event: event}.Of(who), nil
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
