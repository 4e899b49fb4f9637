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
//
// Without a key nobody can be found: whoever is the current one is not any
// more, and what is sealed of them stays.
func (s *Store) Forget(ctx context.Context, who identity.Identity) error {
	if s.Locked() != nil {
		return s.signOut(ctx)
	}
	err := s.again(ctx, func() error {
		return s.logged(ctx, func(t *tx) (signlog.Entry, error) { return s.forget(ctx, t, who) })
	})
	if err != nil {
		return s.fail("forget identity", err)
	}
	s.drop(who)
	if err := s.foldWAL(ctx); err != nil {
		s.log.Warn("fold the write-ahead log behind a forgotten identity", "error", err)
	}
	return nil
}

// signOut makes nobody the current one.
func (s *Store) signOut(ctx context.Context) error {
	err := s.inTx(ctx, func(t *tx) error {
		_, err := t.ExecContext(ctx, "DELETE FROM current")
		return err
	})
	if err != nil {
		return s.fail("sign out", err)
	}
	s.held.Store(nil)
	return nil
}

// forget deletes a person's row, and tells the event that it is: none where
// nobody was known.
func (s *Store) forget(ctx context.Context, t *tx, who identity.Identity) (signlog.Entry, error) {
	keys := s.sealer.lookups("user_key", who.UserID)
	var current bool
	for _, key := range keys {
		err := t.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM current WHERE corp_id = ? AND user_key = ?) OR ?",
			who.CorpID, key, current).Scan(&current)
		if err != nil {
			return signlog.Entry{}, err
		}
	}
	gone, err := deleteRows(ctx, t, who.CorpID, keys)
	if err != nil || gone == 0 {
		return signlog.Entry{}, err
	}
	event := signlog.Forgotten
	if current {
		event = signlog.SignedOut
	}
	return signlog.Entry{Event: event}.Of(who), nil
}

// deleteRows deletes a person's row, and the row of current goes with it.
func deleteRows(ctx context.Context, t *tx, corpID string, keys [][]byte) (gone int64, err error) {
	for _, key := range keys {
		done, err := t.ExecContext(ctx, "DELETE FROM identities WHERE corp_id = ? AND user_key = ?", corpID, key)
		if err != nil {
			return gone, err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return gone, err
		}
		gone += n
	}
	return gone, nil
}

// foldWAL folds the write-ahead log into the database and leaves it empty. It
// waits for readers as long as busy_timeout.
func (s *Store) foldWAL(ctx context.Context) error {
	var busy, pages, folded int
	if err := s.write.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &folded); err != nil {
		return err
	}
	if busy != 0 {
		return fmt.Errorf("%w: a reader holds on to the log", errBusy)
	}
	return nil
}
