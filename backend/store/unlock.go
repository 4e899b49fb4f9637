package store

import (
	"context"
	"database/sql"
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
	now, err := s.findKeys(ctx, known.latest > 0)
	if errors.Is(err, errOtherKey) || err == nil && !now.hasPresent() { // another process has rotated since the keys were asked for
		now, err = s.findKeys(ctx, true)
	}
	if err != nil {
		return err
	}
	if s.unlocked != nil { // first: what is sealed with a key is linked with it, too
		s.unlocked(now.keys)
	}
	s.keyring.set(now)
	if s.write == nil || now.known.resealed {
		return nil
	}
	if err := s.reseal(ctx); err != nil { // a full disk, say: everything works, and the next time goes on
		s.log.WarnContext(ctx, "not everybody is sealed with the present key yet", "error", err)
	} else {
		s.keyring.resealed()
	}
	return nil
}

// findKeys asks for the keys, and completes them with what the file has of former
// ones. A file that can be written is brought under the present key.
func (s *Store) findKeys(ctx context.Context, sealed bool) (now keysOf, err error) {
	found, err := s.ask(ctx, sealed)
	if err != nil {
		return now, err
	}
	if now, err = s.snapshot(ctx, found); err != nil || s.write == nil {
		return now, err
	}
	if now.known.latest == 0 || now.known.current != found.Current() {
		return s.adopt(ctx, found)
	}
	if len(now.unkept()) > 0 { // one that was not to be had before, say
		if _, err := s.adopt(ctx, found); err != nil { // a full disk: the vault keeps it until the next time
			s.log.WarnContext(ctx, "a former key is in the vault alone", "error", err)
		}
	}
	return now, nil
}

// snapshot is keysIn of the file as it is at one moment.
func (s *Store) snapshot(ctx context.Context, found Keys) (now keysOf, err error) {
	t, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return now, err
	}
	defer func() { _ = t.Rollback() }() // nothing was written
	return s.keysIn(ctx, t, found)
}

// adopt begins an epoch with the current key, unless another process has just
// done so. In one step with it, all that is not a person's is sealed anew, and
// what the file needs of former keys: from then on these are of use to nobody
// without the present one, and the vault may give them up.
func (s *Store) adopt(ctx context.Context, found Keys) (now keysOf, err error) {
	outside := s.epochOutside(ctx)
	err = inTx(ctx, s.write, s.now, func(t *tx) error {
		if now, err = s.keysIn(ctx, t, found); err != nil {
			return err
		}
		if now.known.latest > 0 && now.known.current == found.Current() {
			return keepFormer(ctx, t, now)
		}
		if now.known.of[found.Current()] > 0 && now.known.latest > 0 {
			return login.Fail(login.KeyUnavailable, errOtherKey) // these are the keys of before a rotation
		}
		_, err := t.ExecContext(ctx, "INSERT INTO sealing (epoch, key_id, resealed) VALUES (?, ?, 0)",
			max(now.known.latest, outside)+1, found.Current())
		if err != nil {
			return err
		}
		if now, err = s.keysIn(ctx, t, found); err != nil {
			return err
		}
		return errors.Join(keepFormer(ctx, t, now), s.carryMark(ctx, t, now), s.carryCounts(ctx, t, now))
	})
	return now, err
}

// sameKey refuses to write with a key that another process has replaced
// meanwhile.
func (s *Store) sameKey(ctx context.Context, t *tx) error {
	if s.keyring.locked() != nil {
		return nil // nothing personal is being written
	}
	known, err := readEpochs(ctx, t)
	if err == nil && known.current != s.keyring.writes() {
		err = errOtherKey
	}
	return err
}

// notBehind fails with errOtherKey where another process has begun a key that
// is not known here yet: what was read and could not be opened, or was not
// found, may be under it.
func (s *Store) notBehind(ctx context.Context, db querier) error {
	if s.keyring.locked() != nil {
		return nil
	}
	known, err := readEpochs(ctx, db)
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
