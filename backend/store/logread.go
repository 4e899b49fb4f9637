package store

import (
	"context"
	"errors"
	"iter"
	"math"

	"github.com/dingpass/dingpass/backend/signlog"
)

// VerifyLog reads the whole sign-in log and says whether it is as it was
// written. Others may write meanwhile. A head outside that cannot be read is an
// error: without it a log that was cut would pass.
func (s *Store) VerifyLog(ctx context.Context) (signlog.Report, error) {
	var report signlog.Report
	err := s.again(ctx, func() (err error) {
		report, err = s.verifyLog(ctx)
		return err
	})
	if err != nil {
		return signlog.Report{}, s.fail("verify the sign-in log", err)
	}
	return report, nil
}

func (s *Store) verifyLog(ctx context.Context) (signlog.Report, error) {
	if locked := s.Locked(); locked != nil && s.journal.keys != nil {
		return signlog.Report{}, locked
	}
	chain, err := s.chain()
	if err != nil {
		return signlog.Report{}, err
	}
	head, err := HeadOf(ctx, s.journal.anchor) // first: a log that grows meanwhile is only longer
	if err != nil {
		return signlog.Report{}, err
	}
	v := signlog.NewVerifier(chain, head, s.openLogRow)
	for r, err := range s.logRows(ctx, math.MinInt64) {
		if err != nil {
			return signlog.Report{}, err
		}
		v.Next(r)
	}
	return v.Report(), s.notBehind(ctx, s.read)
}

// HeadOf reads the head outside; nil where there is no anchor.
func HeadOf(ctx context.Context, anchor Anchor) (*signlog.Head, error) {
	if anchor == nil {
		return nil, nil // none is an answer
	}
	head, err := anchor.Read(ctx)
	if errors.Is(err, ErrNoAnchor) {
		return nil, nil // likewise
	}
	return &head, err
}

// LogEntries reads the entries of the sign-in log in their order, a few at a
// time however many there are. One that cannot be read has only its sequence
// and id, and comes with an error; the next ones follow.
func (s *Store) LogEntries(ctx context.Context) iter.Seq2[signlog.Entry, error] {
	return func(yield func(signlog.Entry, error) bool) {
		for r, err := range s.logRows(ctx, math.MinInt64) {
			e := signlog.Entry{Sequence: r.Sequence, ID: r.ID}
			if err == nil {
				var read signlog.Entry
				if read, err = s.openLogRow(r); err == nil {
					e = read
				}
			}
			if err != nil {
				err = s.fail("read the sign-in log", err)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// logRows reads the rows from a sequence on. After an error there are no more.
func (s *Store) logRows(ctx context.Context, from int64) iter.Seq2[signlog.Row, error] {
	return func(yield func(signlog.Row, error) bool) {
		rows, err := s.read.QueryContext(ctx,
			"SELECT seq, event_id, key_id, body, link FROM log WHERE seq >= ? ORDER BY seq", from)
		if err != nil {
			yield(signlog.Row{}, err)
			return
		}
		defer func() { _ = rows.Close() }() // its error is that of Err
		for rows.Next() {
			var r signlog.Row
			err := rows.Scan(&r.Sequence, &r.ID, &r.KeyID, &r.Body, &r.Link)
			if !yield(r, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(signlog.Row{}, err)
		}
	}
}
