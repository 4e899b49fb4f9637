package store

import (
	"context"
	"errors"
)

// The epoch outside is advanced to each one that a key begins. The file has all
// that it went through, so one that does not have the epoch outside was copied
// before that: it is older. A key that it begins gets an epoch that is later than
// both, and the one that it has missed is filled in when the log tells of it, in
// one step: a kill in between takes nothing back. The log's head tells of older
// copies of the same epoch.

// epochOutside is what a new epoch comes after, whatever the file says. Where it
// cannot be read the key is begun all the same: without, nothing could be
// written.
func (s *Store) epochOutside(ctx context.Context) uint64 {
	if s.journal.anchor == nil {
		return 0
	}
	epoch, err := s.journal.anchor.Epoch(ctx)
	if err != nil && !errors.Is(err, ErrNoAnchor) {
		s.log.WarnContext(ctx, "the epoch outside cannot be read; whether this is an older copy of the database may not be noticed", "error", err)
	}
	if err != nil {
		return 0
	}
	return epoch
}

// lookAtEpoch tells the epoch outside, and whether the file is older. The one
// outside is read first: a file that begins another meanwhile still has it.
func (s *Store) lookAtEpoch(ctx context.Context) (outside uint64, older bool, err error) {
	if outside, err = s.journal.anchor.Epoch(ctx); err != nil || outside == 0 {
		return outside, false, err
	}
	known, err := readEpochs(ctx, s.read)
	if err != nil {
		return outside, false, err
	}
	return outside, !known.had[outside], nil
}

// catchUpEpoch has the file know of the epoch outside, once its log tells that it
// was older: an epoch that no key began.
func catchUpEpoch(ctx context.Context, t *tx, outside uint64) error {
	_, err := t.ExecContext(ctx, "INSERT OR IGNORE INTO sealing (epoch, key_id, resealed) SELECT ?, '', min(resealed) FROM sealing", outside)
	return err
}

// advanceEpoch brings the epoch outside to where the file is, and notes that it
// and the log's head are there.
func (s *Store) advanceEpoch(ctx context.Context, outside uint64, last int64) error {
	known, err := readEpochs(ctx, s.read)
	if err == nil && known.latest > outside {
		err = s.journal.anchor.AdvanceEpoch(ctx, known.latest)
	}
	if err == nil {
		s.journal.anchored, s.journal.epoch = last, s.keyring.epoch()
	}
	return err
}
