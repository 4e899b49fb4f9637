package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

// row is one line of the table identities, as it is stored.
type row struct {
	corpID     string
	userKey    []byte
	unionKey   []byte // nil: DingTalk told no union id
	body       []byte // sealed
	verifiedAt int64  // unix seconds
	revision   int64  // set when it is written
}

// place is where the row's body lives. Neither part can hold the separator: a
// corp id is ASCII, and the key comes last.
func (r row) place() place {
	return place{table: "identities", row: r.corpID + "\x00" + string(r.userKey), column: "body"}
}

// body is what is sealed of a person. The moment is in it as well as in its
// own column, so that moving the one does not make a person fresh again.
type body struct {
	Identity   identity.Identity `json:"identity"`
	VerifiedAt int64             `json:"verified_at"`
}

// rowOf makes the row of a record.
func (s *Store) rowOf(rec identity.Record) (row, error) {
	id := rec.Identity
	if id.CorpID == "" || id.UserID == "" {
		return row{}, errors.New("an identity without a corp id or a user id cannot be kept")
	}
	r := row{
		corpID:     id.CorpID,
		userKey:    s.sealer.lookup("user_key", id.UserID),
		unionKey:   s.sealer.lookup("union_key", id.UnionID),
		verifiedAt: rec.VerifiedAt.Unix(),
	}
	text, err := json.Marshal(body{Identity: id, VerifiedAt: r.verifiedAt})
	if err != nil {
		return row{}, err
	}
	r.body, err = s.sealer.seal(r.place(), text)
	return r, err
}

// record is the reverse of rowOf. A body that is not this row's is damage, or
// someone at work.
func (s *Store) record(r row) (identity.Record, error) {
	text, err := s.sealer.open(r.place(), r.body)
	if err != nil {
		return identity.Record{}, err
	}
	var b body
	if err := json.Unmarshal(text, &b); err != nil {
		return identity.Record{}, fmt.Errorf("%w: the record of a person does not parse", errDamaged)
	}
	userKey := s.sealer.lookup("user_key", b.Identity.UserID)
	if b.Identity.CorpID != r.corpID || !bytes.Equal(userKey, r.userKey) || b.VerifiedAt != r.verifiedAt {
		return identity.Record{}, fmt.Errorf("%w: a record is not of its row", errDamaged)
	}
	return identity.Record{Identity: b.Identity, VerifiedAt: time.Unix(r.verifiedAt, 0).UTC()}, nil
}

// Keep writes the person down and makes them the current one. It returns nil
// only when that is on disk and was read back, through another connection,
// equal to what was written. An older row of the same person is replaced, also
// when they came back to the company under another user id.
func (s *Store) Keep(ctx context.Context, rec identity.Record) error {
	want, err := s.rowOf(rec)
	if err != nil {
		return s.fail("keep identity", err)
	}
	err = s.inTx(ctx, func(t *tx) error {
		if err := keep(ctx, t, &want); err != nil {
			return err
		}
		return s.Offline().renew(ctx, t, rec.Identity)
	})
	if err != nil {
		return s.fail("keep identity", err)
	}
	if err := s.confirm(ctx, want); err != nil {
		return s.fail("read identity back", err)
	}
	return nil
}

// confirm reads a row back. A later revision is fine: the same person has
// signed in elsewhere in the meantime, on top of what was written here.
func (s *Store) confirm(ctx context.Context, want row) error {
	got, err := s.findRow(ctx, "corp_id = ? AND user_key = ?", want.corpID, want.userKey)
	if err != nil {
		return err
	}
	same := bytes.Equal(got.unionKey, want.unionKey) && bytes.Equal(got.body, want.body) && got.verifiedAt == want.verifiedAt
	if got.revision < want.revision || got.revision == want.revision && !same {
		return errors.New("what was read is not what was written")
	}
	_, err = s.record(got)
	return err
}

// keep writes the row and points at it. Another row with the same union id is
// the same person under an earlier user id.
func keep(ctx context.Context, t *tx, r *row) error {
	_, err := t.ExecContext(ctx, "DELETE FROM identities WHERE corp_id = ? AND union_key = ? AND user_key <> ?",
		r.corpID, r.unionKey, r.userKey)
	if err != nil {
		return err
	}
	err = t.QueryRowContext(ctx, `
		INSERT INTO identities (corp_id, user_key, union_key, body, verified_at, written_at, revision)
		VALUES (?, ?, ?, ?, ?, ?, 1)
		ON CONFLICT (corp_id, user_key) DO UPDATE SET
			union_key = excluded.union_key, body = excluded.body, verified_at = excluded.verified_at,
			written_at = excluded.written_at, revision = revision + 1
		RETURNING revision`,
		r.corpID, r.userKey, r.unionKey, r.body, r.verifiedAt, t.now.Unix()).Scan(&r.revision)
	if err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, "INSERT OR REPLACE INTO current (one, corp_id, user_key) VALUES (1, ?, ?)",
		r.corpID, r.userKey)
	return err
}

// Current tells who is signed in, or fails with not_signed_in.
func (s *Store) Current(ctx context.Context) (identity.Record, error) {
	r, err := s.currentRow(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return identity.Record{}, login.Fail(login.NotSignedIn, nil)
	}
	if err != nil {
		return identity.Record{}, s.fail("read current identity", err)
	}
	rec, err := s.record(r)
	if err != nil {
		return identity.Record{}, s.fail("read current identity", err)
	}
	return rec, nil
}

// UserID tells the user id of a person of the company whose union id is known.
// A failure is logged and counts as unknown: then DingTalk is asked.
func (s *Store) UserID(ctx context.Context, corpID, unionID string) (string, bool) {
	key := s.sealer.lookup("union_key", unionID)
	if key == nil {
		return "", false
	}
	r, err := s.findRow(ctx, "corp_id = ? AND union_key = ?", corpID, key)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false
	}
	var rec identity.Record
	if err == nil {
		rec, err = s.record(r)
	}
	if err != nil {
		s.log.WarnContext(ctx, "known person not found", "op", "user_id", "err", s.fail("look up user id", err))
		return "", false
	}
	return rec.Identity.UserID, true
}

func (s *Store) currentRow(ctx context.Context) (row, error) {
	return s.findRow(ctx, "(corp_id, user_key) = (SELECT corp_id, user_key FROM current)")
}

// findRow reads the one row that a condition, a constant of this file, finds;
// sql.ErrNoRows where there is none.
func (s *Store) findRow(ctx context.Context, where string, args ...any) (row, error) {
	var r row
	err := s.read.QueryRowContext(ctx,
		"SELECT corp_id, user_key, union_key, body, verified_at, revision FROM identities WHERE "+where, args...).
		Scan(&r.corpID, &r.userKey, &r.unionKey, &r.body, &r.verifiedAt, &r.revision)
	return r, err
}
