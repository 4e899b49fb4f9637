package store

import (
	"context"
	"errors"

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
	err := s.unlockInTurn(ctx)
	if err != nil {
		return s.fail("unlock the identity database", err)
	}
	s.journal.nudge()
	return nil
}

// unlockInTurn lets one goroutine look at a time: what a slower one had found
// before a rotation must not take the place of what another has found since.
// Only the word that there is no key locks; who went away, or a file that is
// busy, takes nobody's keys.
func (s *Store) unlockInTurn(ctx context.Context) error {
	select {
	case s.unlocking <- struct{}{}:
		defer func() { <-s.unlocking }()
	case <-ctx.Done():
		return ctx.Err()
	}
	err := s.unlock(ctx)
	if login.CodeOf(err) == login.KeyUnavailable {
		s.keyring.lock(err)
	}
	return err
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

// sameKey refuses to write with a key that another process has replaced
// meanwhile.
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

// notBehind fails with errOtherKey where another process has begun a key that
// is not known here yet: what was read and could not be opened may be under it.
func (s *Store) notBehind(ctx context.Context) error {
	known, err := readEpochs(ctx, s.read)
	if err == nil && known.latest > 0 && !s.keyring.knows(known.current) {
		err = errOtherKey
	}
	return err
}

// again does something once more with the present keys, where it failed because
// another process has replaced them.
func (s *Store) again(ctx context.Context, do func() error) error {
	with := s.keyring.current()
	failed := do()
	if failed == nil || s.keyring.locked() != nil {
		return failed
	}
	if !errors.Is(failed, errOtherKey) {
		known, err := readEpochs(ctx, s.read)
		if err != nil || known.current == with {
			return failed
		}
	}
	if s.keyring.current() == with { // else somebody else here has found the present keys meanwhile
		if err := s.Unlock(ctx); err != nil {
			return err
		}
	}
	return do()
}
