package store

import (
	"context"
	"iter"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/signlog"
)

// People are all who are kept, a few hundred read at a time, in no order that
// says anything. Who cannot be read comes as an error, and the next ones follow;
// a person who signs in while it runs may be in it or not.
func (s *Store) People(ctx context.Context) iter.Seq2[identity.Record, error] {
	return func(yield func(identity.Record, error) bool) {
		if err := s.Locked(); err != nil {
			yield(identity.Record{}, err)
			return
		}
		for after := (row{}); ; {
			rows, err := s.rowsAfter(ctx, after)
			if err != nil {
				yield(identity.Record{}, s.fail("read people", err))
				return
			}
			if len(rows) == 0 {
				return
			}
			after = rows[len(rows)-1]
			for _, r := range rows {
				rec, err := s.record(r)
				if err != nil {
					err = s.fail("read people", err)
				}
				if !yield(rec, err) {
					return
				}
			}
		}
	}
}

// Purge forgets everybody whom expired names, and tells how many that were. The
// one who is signed in goes like the others. Somebody who cannot be read keeps
// nobody else here, and is an error in the end; after another error some are
// gone already.
func (s *Store) Purge(ctx context.Context, expired func(identity.Record) bool) (gone int, err error) {
	var who []identity.Record
	var unread error
	for rec, err := range s.People(ctx) {
		if err != nil {
			unread = err
		} else if expired(rec) {
			who = append(who, rec)
		}
	}
	if len(who) == 0 {
		return 0, unread
	}
	err = s.again(ctx, func() error {
		for len(who) > 0 {
			n, err := s.purge(ctx, who[0])
			if err != nil {
				return err
			}
			gone, who = gone+n, who[1:]
		}
		return nil
	})
	if gone > 0 {
		if err := s.foldWAL(context.WithoutCancel(ctx)); err != nil {
			s.log.WarnContext(ctx, "fold the write-ahead log behind people who were purged", "error", err)
		}
	}
	if err != nil {
		return gone, s.fail("purge people", err)
	}
	return gone, unread
}

// purge forgets a person, unless they have been confirmed again meanwhile.
func (s *Store) purge(ctx context.Context, rec identity.Record) (gone int, err error) {
	err = s.logged(ctx, func(t *tx) (signlog.Entry, error) {
		gone, err = s.purgeRow(ctx, t, rec)
		if err != nil || gone == 0 {
			return signlog.Entry{}, err
		}
		return signlog.Entry{Event: signlog.Forgotten}.Of(rec.Identity), nil
	})
	return gone, err
}

func (s *Store) purgeRow(ctx context.Context, t *tx, rec identity.Record) (gone int, err error) {
	for _, key := range s.sealer.lookups("user_key", rec.Identity.UserID) {
		done, err := t.ExecContext(ctx, "DELETE FROM identities WHERE corp_id = ? AND user_key = ? AND verified_at = ?",
			rec.Identity.CorpID, key, rec.VerifiedAt.Unix())
		if err != nil {
			return 0, err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return 0, err
		}
		gone += int(n)
	}
	return gone, nil
}
