package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

// resealAtOnce is how many people are sealed anew in one transaction: few
// enough that a sign-in is not kept waiting, and that a kill loses little.
const resealAtOnce = 100

// reseal seals everybody with the current key who is under an earlier one, or
// under none, as in files from before there were keys. It may be killed at any
// point, and others may write at the same time: each row is always under one
// key or another, and the pass is noted as done only at its end.
//
// Who is under a key that is not here, for now perhaps, keeps the pass from being
// done: the key stays in use, and the next start tries again.
//
// Tokens are not carried over: DingTalk gives new ones. What the sign-in log
// has of earlier keys stays under these (see former.go), and what is nobody's was
// sealed anew when the key was begun (see adopt).
func (s *Store) reseal(ctx context.Context) error {
	missing, err := s.resealPeople(ctx)
	if err != nil {
		return fmt.Errorf("seal people anew: %w", err)
	}
	err = s.inTx(ctx, func(t *tx) error {
		if missing != nil {
			return nil
		}
		_, err := t.ExecContext(ctx, "DELETE FROM tokens; UPDATE sealing SET resealed = 1")
		return err
	})
	if err != nil {
		return err
	}
	if err := s.foldWAL(ctx); err != nil {
		s.log.WarnContext(ctx, "fold the write-ahead log behind what was sealed anew", "error", err)
	}
	return missing
}

// resealPeople is the pass over everybody. missing is why somebody is left.
func (s *Store) resealPeople(ctx context.Context) (missing, err error) {
	for after := (row{}); ; {
		rows, err := s.rowsAfter(ctx, after)
		if err != nil || len(rows) == 0 {
			return missing, err
		}
		after = rows[len(rows)-1]
		err = s.inTx(ctx, func(t *tx) error {
			left, err := s.resealRows(ctx, t, rows)
			missing = cmp.Or(missing, left)
			return err
		})
		if err != nil {
			return missing, err
		}
		if len(rows) == resealAtOnce {
			if err := breathe(ctx); err != nil {
				return missing, err
			}
		}
	}
}

// breathe lets others write. SQLite's queue is no queue: who waits looks now and
// then, and would find the database taken for as long as transactions follow
// each other without a gap.
func breathe(ctx context.Context) error {
	pause := time.NewTimer(30 * time.Millisecond)
	defer pause.Stop()
	select {
	case <-pause.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// rowsAfter reads the next people in the order of the table. A row that was
// sealed anew may come again further on; nobody is left out.
func (s *Store) rowsAfter(ctx context.Context, after row) (found []row, err error) {
	rows, err := s.finders[byOrder].QueryContext(ctx, asked(s.keyring.deviceKey(), after.corpID, after.userKey, resealAtOnce)...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

func (s *Store) resealRows(ctx context.Context, t *tx, rows []row) (missing, err error) {
	for _, old := range rows {
		if s.keyring.sealedNow(old.body) {
			continue
		}
		rec, err := s.earlier(old)
		switch {
		case login.CodeOf(err) == login.KeyUnavailable:
			missing = err
			continue
		case err != nil: // nobody can read them, under this key or another
			s.log.WarnContext(ctx, "a person cannot be sealed anew", "error", err)
			continue
		}
		if err := s.replace(ctx, t, old, rec); err != nil {
			return missing, err
		}
	}
	return missing, nil
}

// earlier opens a row from before.
func (s *Store) earlier(old row) (identity.Record, error) {
	if s.keyring.isSealed(old.body) {
		return s.record(old)
	}
	var b body // schema 5 and before: as JSON, and found by the ids themselves
	if err := json.Unmarshal(old.body, &b); err != nil || b.Identity.UserID != string(old.userKey) {
		return identity.Record{}, fmt.Errorf("%w: the record of a person does not parse", errDamaged)
	}
	return identity.Record{Identity: b.Identity, VerifiedAt: time.Unix(b.VerifiedAt, 0).UTC(), Refused: b.Refused}, nil
}

// replace puts a record's new row in the place of its old one, unless that has
// been replaced or forgotten meanwhile. Who was signed in still is.
func (s *Store) replace(ctx context.Context, t *tx, old row, rec identity.Record) error {
	fresh, err := s.rowOf(rec)
	if err != nil {
		return err
	}
	var since []byte
	err = t.QueryRowContext(ctx, "SELECT user_key FROM identities WHERE corp_id = ? AND user_key <> ? AND (user_key = ? OR union_key = ?)",
		old.corpID, old.userKey, fresh.userKey, fresh.unionKey).Scan(&since)
	if err == nil {
		fresh.userKey = since
		return s.giveWay(ctx, t, old, fresh)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	moved, err := t.ExecContext(ctx, `
		INSERT INTO identities (corp_id, user_key, union_key, job_key, body, verified_at, written_at, revision)
		SELECT corp_id, ?, ?, ?, ?, ?, written_at, revision FROM identities
		WHERE corp_id = ? AND user_key = ? AND revision = ?`,
		fresh.userKey, fresh.unionKey, s.jobKey(rec.Identity), fresh.body, fresh.verifiedAt, old.corpID, old.userKey, old.revision)
	if err != nil {
		return err
	}
	if n, err := moved.RowsAffected(); err != nil || n == 0 {
		return err
	}
	if _, err := t.ExecContext(ctx, "UPDATE current SET user_key = ? WHERE corp_id = ? AND user_key = ?",
		fresh.userKey, old.corpID, old.userKey); err != nil {
		return err
	}
	if err := s.Offline().moveTo(ctx, t, old, fresh, rec.Identity); err != nil {
		return err
	}
	_, err = deleteRows(ctx, t, old.corpID, [][]byte{old.userKey})
	return err
}

// giveWay removes the row of somebody who has signed in anew while its key was
// away: what DingTalk said then is later. Their PIN and badges go along, unless
// there are others since; counts were begun anew.
func (s *Store) giveWay(ctx context.Context, t *tx, old, since row) error {
	_, err := t.ExecContext(ctx, "UPDATE current SET user_key = ? WHERE corp_id = ? AND user_key = ?", since.userKey, old.corpID, old.userKey)
	if err != nil {
		return err
	}
	if err := errors.Join(s.Offline().movePIN(ctx, t, old, since), s.Offline().moveBadges(ctx, t, old, since)); err != nil {
		return err
	}
	_, err = deleteRows(ctx, t, old.corpID, [][]byte{old.userKey})
	return err
}
