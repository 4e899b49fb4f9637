package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
)

// markPlace is where the mark lives.
var markPlace = place{table: "trusted_time", column: "body"}

// markBody is what is sealed of a mark. Times are in nanoseconds: seconds would
// lose up to one with each time that it is written.
type markBody struct {
	At      int64         `json:"at"`
	Wall    int64         `json:"wall"`
	Boot    string        `json:"boot"`
	Since   time.Duration `json:"since"`
	Contact bool          `json:"contact"`
}

// Mark is the latest moment that is known to have passed (package clock); the
// zero mark where there is none, or no key to read it with; a lost one where it
// was damaged, or written by another program.
func (s *Store) Mark(ctx context.Context) (mark identity.Mark, err error) {
	if s.Locked() != nil {
		return identity.Mark{}, nil
	}
	err = s.again(ctx, func() error {
		mark, err = s.mark(ctx, s.read)
		return err
	})
	if errors.Is(err, errNoMark) && s.Locked() == nil {
		return identity.Mark{Lost: true}, nil
	}
	if err != nil {
		return identity.Mark{}, s.fail("read trusted time", err)
	}
	return mark, nil
}

// MoveMark puts what move makes of the mark in its place, in one step for all
// processes. move may be called without its result being kept; without a key it
// never is.
func (s *Store) MoveMark(ctx context.Context, move func(identity.Mark) identity.Mark) error {
	if s.Locked() != nil {
		return nil
	}
	err := s.again(ctx, func() error { return s.moveMark(ctx, move) })
	if err != nil {
		return s.fail("keep trusted time", err)
	}
	return nil
}

func (s *Store) moveMark(ctx context.Context, move func(identity.Mark) identity.Mark) error {
	return s.inTx(ctx, func(t *tx) error {
		kept, err := s.mark(ctx, t)
		if errors.Is(err, errNoMark) && s.Locked() == nil {
			kept, err = identity.Mark{Lost: true}, nil
		}
		if err != nil {
			return err
		}
		next := move(kept)
		if next == kept {
			return nil
		}
		return s.writeMark(ctx, t, next)
	})
}

func (s *Store) writeMark(ctx context.Context, t *tx, mark identity.Mark) error {
	sealed, err := s.sealMark(mark)
	if err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, "INSERT OR REPLACE INTO trusted_time (one, body) VALUES (1, ?)", sealed)
	return err
}

// resealMark seals the mark with the present key. One that nobody can read any
// more stays, so that it is not taken for none: the next contact makes another.
func (s *Store) resealMark(ctx context.Context, t *tx) error {
	mark, err := s.mark(ctx, t)
	if errors.Is(err, errNoMark) || err == nil && mark.At.IsZero() {
		return nil
	}
	if err != nil {
		return err
	}
	return s.writeMark(ctx, t, mark)
}

// errNoMark is a row that holds no mark of ours, or one under a key that is gone.
var errNoMark = errors.New("what is known of the time cannot be read")

func (s *Store) mark(ctx context.Context, db querier) (identity.Mark, error) {
	var sealed []byte
	err := db.QueryRowContext(ctx, "SELECT body FROM trusted_time").Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return identity.Mark{}, nil
	}
	if err != nil {
		return identity.Mark{}, err
	}
	text, err := s.sealer.open(markPlace, sealed)
	if err != nil {
		return identity.Mark{}, fmt.Errorf("%w: %w", errNoMark, err)
	}
	var b markBody
	if err := json.Unmarshal(text, &b); err != nil {
		return identity.Mark{}, fmt.Errorf("%w: it does not parse", errNoMark)
	}
	return identity.Mark{
		At: time.Unix(0, b.At).UTC(), Contact: b.Contact,
		Reading: identity.Reading{Wall: time.Unix(0, b.Wall).UTC(), Boot: b.Boot, Since: b.Since},
	}, nil
}

func (s *Store) sealMark(mark identity.Mark) ([]byte, error) {
	text, err := json.Marshal(markBody{
		At: mark.At.UnixNano(), Contact: mark.Contact,
		Wall: mark.Reading.Wall.UnixNano(), Boot: mark.Reading.Boot, Since: mark.Reading.Since,
	})
	if err != nil {
		return nil, err
	}
	return s.sealer.seal(markPlace, text)
}
