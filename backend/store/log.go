package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/dingpass/dingpass/backend/signlog"
)

// Note writes an event of its own into the sign-in log. It does not fail: what
// cannot be written now is kept in memory, in its order, and written later (see
// [Store.Waiting]), for nobody is to be refused because of it. The times and
// the id are filled in here.
func (s *Store) Note(ctx context.Context, e signlog.Entry) {
	e = s.stamp(e)
	err := s.again(ctx, func() error {
		return s.logged(ctx, func(*tx) (signlog.Entry, error) { return e, nil })
	})
	if err != nil {
		s.holdEntry(ctx, e, s.fail("write the sign-in log", err))
	}
}

// holdEntry keeps an entry in memory, to be written later.
func (s *Store) holdEntry(ctx context.Context, e signlog.Entry, why error) {
	s.journal.wait(e, why)
	s.log.WarnContext(ctx, "an entry of the sign-in log waits in memory", "event", e.Event, "waiting", s.Waiting(), "error", why)
}

// stamp gives an entry its id and its times, unless it has them.
func (s *Store) stamp(e signlog.Entry) signlog.Entry {
	if e.ID == "" {
		e.ID = rand.Text()
	}
	if e.DeviceTime.IsZero() {
		at := s.journal.moment()
		e.DeviceTime = s.now().UTC().Truncate(time.Millisecond)
		e.TrustedTime, e.Trust = at.Now.UTC().Truncate(time.Millisecond), at.Trust
	}
	return e
}

// logged runs do in a transaction and commits what it wrote together with the
// entry that it returns; one without an event is none. What waits in memory is
// written before it. This is how everything that is an event too is written, and
// what is counted: after nil all of it is on disk, after an error nothing is.
func (s *Store) logged(ctx context.Context, do func(*tx) (signlog.Entry, error)) error {
	var late unwritten
	err := s.inTx(ctx, func(t *tx) error {
		late = s.journal.inMemory()
		if err := s.writeLate(ctx, t, &late); err != nil {
			return err
		}
		e, err := do(t)
		if err != nil {
			return err
		}
		if e.Event != "" {
			late.entries = append(late.entries, s.stamp(e))
		}
		return s.append(ctx, t, late.entries)
	})
	if err == nil && !late.none() {
		s.journal.committed(late)
		if late.current != nil {
			s.held.CompareAndSwap(late.current, nil)
		}
	}
	return err
}

// append adds entries at the end. One that is there already, by its id, is left
// out: the commit of an entry may have been reported as failed.
func (s *Store) append(ctx context.Context, t *tx, entries []signlog.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	chain, err := s.chain()
	if err != nil {
		return err
	}
	last, cut, err := s.end(ctx, t)
	for _, e := range entries {
		if err != nil {
			return err
		}
		var there bool
		err = t.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM log WHERE event_id = ?)", e.ID).Scan(&there)
		if err == nil && !there {
			e.Sequence, e.Cut = following(last.Sequence, e.Missing), cut
			if e.Event == signlog.LogCut || e.Event == signlog.Restored {
				e.Cut = e.Sequence
			}
			last, err = s.appendRow(ctx, t, chain, last, e)
			cut = e.Cut
		}
	}
	return err
}

// appendRow seals and links one entry, and returns its row. A log that has come
// to the end of all numbers was made to by somebody.
func (s *Store) appendRow(ctx context.Context, t *tx, chain signlog.Chain, last signlog.Row, e signlog.Entry) (signlog.Row, error) {
	if e.Sequence <= last.Sequence {
		return signlog.Row{}, fmt.Errorf("%w: no number is left for an entry of the sign-in log", errDamaged)
	}
	text, err := json.Marshal(e)
	if err != nil {
		return signlog.Row{}, err
	}
	sealed, err := s.sealer.seal(logPlace(e.ID), text)
	if err != nil {
		return signlog.Row{}, err
	}
	r := chain.Next(last.Link, signlog.Row{Sequence: e.Sequence, ID: e.ID, Body: sealed})
	_, err = t.ExecContext(ctx, "INSERT INTO log (seq, event_id, key_id, body, link) VALUES (?, ?, ?, ?, ?)",
		r.Sequence, r.ID, r.KeyID, r.Body, r.Link)
	return r, err
}

// following is the sequence of an entry after the last one. Numbers that were
// found missing are not given again: the head outside cannot go back, and the
// gap shows for ever. After the last number that there is comes the same again.
func following(last int64, missing *signlog.Span) int64 {
	if missing != nil {
		last = max(last, missing.Through)
	}
	return last + min(1, math.MaxInt64-last)
}

// chain links rows with the key that their bodies are sealed with, also where a
// newer one was found and is not begun yet: a row names one key only, and that
// has to stay for as long as the row (see KeysInUse).
func (s *Store) chain() (signlog.Chain, error) {
	if s.journal.keys == nil {
		return signlog.Chain{}, nil
	}
	keys, err := s.journal.keys()
	now := s.keyring.current()
	if i := slices.IndexFunc(keys, func(key signlog.Key) bool { return key.ID == now }); i > 0 {
		keys = slices.Concat(keys[i:i+1], keys[:i], keys[i+1:])
	}
	return signlog.NewChain(keys...), err
}

// end is the last row, the zero Row of an empty log, and the sequence of the
// last cut, which each entry carries on from the one before; 0 if there never
// was one. A last row that cannot be read counts as a cut.
func (s *Store) end(ctx context.Context, from querier) (last signlog.Row, cut int64, err error) {
	last, err = findLogRow(ctx, from, "ORDER BY seq DESC LIMIT 1")
	if errors.Is(err, sql.ErrNoRows) {
		return signlog.Row{}, 0, nil
	}
	if err != nil {
		return signlog.Row{}, 0, err
	}
	e, err := s.openLogRow(last)
	if err != nil {
		return last, last.Sequence, nil // what it is, verifying tells
	}
	return last, e.Cut, nil
}

// logLength is the sequence of the last row, 0 of an empty log.
func logLength(ctx context.Context, t *tx) (length int64, err error) {
	err = t.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM log").Scan(&length)
	return length, err
}

// openLogRow is the entry of a row.
func (s *Store) openLogRow(r signlog.Row) (e signlog.Entry, err error) {
	text, err := s.sealer.open(logPlace(r.ID), r.Body)
	if err != nil {
		return signlog.Entry{}, err
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return signlog.Entry{}, fmt.Errorf("%w: an entry of the sign-in log does not parse", errDamaged)
	}
	return e, nil
}

// logPlace is where an entry's body lives. It goes by the event, not by the
// row's number, so that a row that was moved still tells which it was.
func logPlace(id string) place { return place{table: "log", row: id, column: "body"} }

// findLogRow reads the one row that a clause, a constant of this package,
// finds.
func findLogRow(ctx context.Context, from querier, clause string, args ...any) (r signlog.Row, err error) {
	err = from.QueryRowContext(ctx, "SELECT seq, event_id, key_id, body, link FROM log "+clause, args...).
		Scan(&r.Sequence, &r.ID, &r.KeyID, &r.Body, &r.Link)
	return r, err
}
