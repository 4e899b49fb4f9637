package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"

	"github.com/dingpass/dingpass/backend/identity"
)

// While people are sealed anew, and where that was cut off until the next start,
// some are still under an earlier key. Each person is, with all that hangs on
// them, under one key: who reads looks under each, and who writes seals the
// person anew first. Everything else is under the present key from the start
// (see adopt).

// under finds something by what the keys make of a value: by the present one,
// and while people are sealed anew by the others. find says sql.ErrNoRows where
// it has found nothing.
func (s *Store) under(column, value string, find func(key []byte) error) error {
	keys := s.sealer.lookups(column, value)
	if len(keys) > 1 {
		keys = append(keys, keys[0]) // a row may be sealed anew between two looks
	}
	err := sql.ErrNoRows
	for _, key := range keys {
		if err = find(key); !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	return err
}

// bring seals a person anew who is under an earlier key, with all that hangs on
// them. That they are not known is no error.
func (s *Store) bring(ctx context.Context, t *tx, who identity.Who) error {
	if !s.keyring.halfDone() {
		return nil
	}
	old, err := s.findPerson(ctx, t, who.CorpID, who.UserID)
	if errors.Is(err, sql.ErrNoRows) || err == nil && bytes.Equal(old.userKey, s.sealer.lookup("user_key", who.UserID)) {
		return nil
	}
	if err != nil {
		return err
	}
	rec, err := s.earlier(old)
	if err != nil {
		return err
	}
	return s.replace(ctx, t, old, rec)
}
