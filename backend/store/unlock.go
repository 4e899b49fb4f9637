package store

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/dingpass/dingpass/backend/login"
)

// Locked says why the store has no key: a *login.Error with key_unavailable.
// It is nil where there is one. A locked store signs in, and keeps who that is
// in memory; it writes nothing personal.
func (s *Store) Locked() error { return s.keyring.locked() }

// Unlock looks for the keys again: somebody may have unlocked the keychain.
// Where the file was sealed with earlier keys, or not at all, it is sealed
// anew; a kill in the middle of that is made good by the next time.
func (s *Store) Unlock(ctx context.Context) error {
	if err := s.unlock(ctx); err != nil {
		err = s.fail("unlock the identity database", err)
		s.keyring.lock(err)
		return err
	}
	s.journal.nudge()
	return nil
}

func (s *Store) unlock(ctx context.Context) error {
	if s.ask == nil {
		return errNoUnlock
	}
	known, err := readEpochs(ctx, s.read)
	if err != nil {
		return err
	}
	keys, err := s.ask(ctx, known.latest > 0)
	if err != nil {
		return err
	}
	if s.write != nil && known.current != keys.Current() {
		if known, err = s.adopt(ctx, keys.Current()); err != nil {
			return err
		}
	}
	s.keyring.set(keys, known)
	if s.write != nil && !known.resealed {
		if err := s.reseal(ctx); err != nil { // a full disk, say: everything works, and the next time goes on
			s.log.WarnContext(ctx, "not everybody is sealed with the present key yet", "error", err)
		}
	}
	return nil
}

// adopt begins an epoch with a key, unless another process has just done so.
func (s *Store) adopt(ctx context.Context, key string) (known epochs, err error) {
	err = inTx(ctx, s.write, s.now, func(t *tx) error {
		if known, err = readEpochs(ctx, t); err != nil || known.current == key {
			return err
		}
		if _, back := known.of[key]; back {
			return login.Fail(login.KeyUnavailable, errOtherKey) // these are the keys of before a rotation
		}
		_, err := t.ExecContext(ctx, "INSERT INTO sealing (epoch, key_id, resealed) VALUES (?, ?, 0)", known.latest+1, key)
		if err != nil {
			return err
		}
		known, err = readEpochs(ctx, t)
		return err
	})
	return known, err
}

// sameKey refuses to write what was sealed with a key that another process has
// replaced meanwhile.
func (s *Store) sameKey(ctx context.Context, t *tx) error {
	if s.keyring.locked() != nil {
		return nil // nothing personal is being written
	}
	known, err := readEpochs(ctx, t)
	if err == nil && known.current != s.keyring.current() {
		err = errOtherKey
	}
	return err
}

// again does something once more with the present keys, where it failed because
// another process has replaced them.
func (s *Store) again(ctx context.Context, do func() error) error {
	failed := do()
	if failed == nil || s.keyring.locked() != nil {
		return failed
	}
	if !errors.Is(failed, errOtherKey) {
		known, err := readEpochs(ctx, s.read)
		if err != nil || known.current == s.keyring.current() {
			return failed
		}
	}
	if err := s.Unlock(ctx); err != nil {
		return err
	}
	return do()
}

// KeysInUse are the ids of the keys that something in the file may still be
// sealed with: the others can be given up.
func (s *Store) KeysInUse(ctx context.Context) (ids []string, err error) {
	known, err := readEpochs(ctx, s.read)
	if err != nil {
		return nil, s.fail("read which keys are in use", err)
	}
	if !known.resealed {
		return slices.Collect(maps.Keys(known.of)), nil
	}
	rows, err := s.read.QueryContext(ctx, "SELECT DISTINCT key_id FROM log")
	if err != nil {
		return nil, s.fail("read which keys the sign-in log needs", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	ids = []string{known.current}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, s.fail("read which keys the sign-in log needs", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
