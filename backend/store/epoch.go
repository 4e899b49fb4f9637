package store

import (
	"context"
	"errors"
)

// The epoch outside is advanced to each one that a key begins. The file has all
// that it went through, so one that does not have the epoch outside was copied
// before that: it is older. It goes on with one that is later than both, which
// leaves a gap, and the one outside follows only when the log tells of it: a
// kill in between takes nothing back. The log's head tells of older copies with
// the same key.

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
	for _, epoch := range known.of {
		if epoch == outside {
			return outside, false, nil
		}
	}
	return outside, true, nil
}

// advanceEpoch brings the epoch outside to where the file is, and notes that it
// and the log's head are there. A file that is older, and was not given another
// key since, stays behind.
func (s *Store) advanceEpoch(ctx context.Context, outside uint64, last int64) error {
	known, err := readEpochs(ctx, s.read)
	if err == nil && known.latest > outside {
		err = s.journal.anchor.AdvanceEpoch(ctx, known.latest)
	}
	if err == nil {
		s.journal.anchored, s.journal.epoch = last, known.latest
	}
	return err
}
