package store

import (
	"context"
	"database/sql"
	"errors"
)

// Remember keeps a fact about this machine, such as which way of showing
// DingTalk worked. Never a fact about a person: it is not sealed.
func (s *Store) Remember(ctx context.Context, key, value string) error {
	err := s.inTx(ctx, func(t *tx) error {
		_, err := t.ExecContext(ctx, "INSERT OR REPLACE INTO remembered (key, value) VALUES (?, ?)", key, value)
		return err
	})
	if err != nil {
		return s.fail("remember "+key, err)
	}
	return nil
}

// Recall tells a remembered fact, and whether there is one.
func (s *Store) Recall(ctx context.Context, key string) (value string, ok bool, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT value FROM remembered WHERE key = ?", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, s.fail("recall "+key, err)
	}
	return value, true, nil
}
