package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/signlog"
)

// row is one line of the table identities, as it is stored.
type row struct {
	corpID     string
	userKey    []byte
	userID     string // what userKey was made of; "" where the row was not found by it
	unionKey   []byte // nil: DingTalk told no union id
	body       []byte // sealed
	verifiedAt int64  // unix seconds
	revision   int64  // set when it is written

	tally       []byte // what is counted of the person, sealed; nil where nothing is
	deviceTally []byte // and of the device
}

// place is where the row's body lives. Neither part can hold the separator: a
// corp id is ASCII, and the key comes last.
func (r row) place() place {
	return place{table: "identities", row: r.corpID + "\x00" + string(r.userKey), column: "body"}
}

// tallyPlace is where what is counted of the person lives.
func (r row) tallyPlace() place {
	at := r.place()
	at.column = "tally"
	return at
}

// body is what is sealed of a person. The moment is in it as well as in its
// own column, so that moving the one does not make a person fresh again.
type body struct {
	Identity   identity.Identity `json:"identity"`
	VerifiedAt int64             `json:"verified_at"`
	Refused    identity.Reason   `json:"refused,omitempty"`

	Log identity.LogLengths `json:"-"` // there was none where there was JSON
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
	b := body{Identity: id, VerifiedAt: r.verifiedAt, Refused: rec.Refused, Log: rec.Log}
	sealed, err := s.sealer.seal(r.place(), write(b.fields))
	r.body = sealed
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
	if err := read(text, &b, b.fields); err != nil {
		return identity.Record{}, fmt.Errorf("%w: the record of a person does not parse", errDamaged)
	}
	if b.Identity.CorpID != r.corpID || !s.isUser(r, b.Identity.UserID) || b.VerifiedAt != r.verifiedAt {
		return identity.Record{}, fmt.Errorf("%w: a record is not of its row", errDamaged)
	}
	who, verifiedAt := identity.Who{CorpID: r.corpID, UserID: b.Identity.UserID}, time.Unix(r.verifiedAt, 0).UTC()
	return identity.Record{
		Identity: b.Identity, VerifiedAt: verifiedAt, Refused: cmp.Or(s.journal.noTo(who, verifiedAt), b.Refused),
		Used: s.Offline().usage(r, b.Identity), Stale: s.journal.doubts(b.Log), Log: b.Log,
	}, nil
}

// isUser reports whether a row's key is that of a user id.
func (s *Store) isUser(r row, userID string) bool {
	if r.userID != "" {
		return r.userID == userID
	}
	same := func(key []byte) bool { return bytes.Equal(key, r.userKey) }
	return slices.ContainsFunc(s.sealer.lookups("user_key", userID), same)
}

// Keep writes the person down, makes them the current one, and notes in the
// sign-in log that they signed in with DingTalk. It returns nil only when all
// that is on disk and was read back, through another connection, equal to what
// was written. An older row of the same person is replaced, also when they came
// back to the company under another user id.
//
// Without a key nothing of them is written: they are the current one for as
// long as the store is open, and the entry waits in memory.
func (s *Store) Keep(ctx context.Context, rec identity.Record) error {
	if s.Locked() != nil && s.Unlock(ctx) != nil { // somebody may have unlocked the keychain since
		return s.hold(ctx, rec)
	}
	err := s.again(ctx, func() error { return s.keepSealed(ctx, rec) })
	if err != nil && s.Locked() != nil { // another process has rotated, and the new key cannot be had
		return s.hold(ctx, rec)
	}
	if err != nil {
		return s.fail("keep identity", err)
	}
	s.held.Store(nil)
	return nil
}

func (s *Store) keepSealed(ctx context.Context, rec identity.Record) error {
	var want row
	err := s.logged(ctx, func(t *tx) (_ signlog.Entry, err error) {
		length, err := logLength(ctx, t)
		if err != nil {
			return signlog.Entry{}, err
		}
		rec.Log = identity.LogLengths{SignedIn: length, Answered: length}
		if want, err = s.rowOf(rec); err != nil {
			return signlog.Entry{}, err
		}
		if err := s.keepRow(ctx, t, &want, rec.Identity); err != nil {
			return signlog.Entry{}, err
		}
		return cameByQR(rec), errors.Join(s.markSignIn(ctx, t, rec.VerifiedAt), s.Offline().resetAfterSignIn(ctx, t, rec.Identity))
	})
	if err != nil {
		return err
	}
	if err := s.confirm(ctx, want); err != nil {
		return fmt.Errorf("read it back: %w", err)
	}
	return nil
}

// cameByQR is the event that somebody has signed in with DingTalk.
func cameByQR(rec identity.Record) signlog.Entry {
	return signlog.Entry{Event: signlog.SignedIn, Method: signlog.ByQR, Source: signlog.FromDingTalk}.Of(rec.Identity)
}

// hold makes somebody the current one without a word on the disk, and nobody
// the current one there.
func (s *Store) hold(ctx context.Context, rec identity.Record) error {
	if err := s.signOut(ctx); err != nil {
		return err
	}
	s.held.Store(&rec)
	s.Note(ctx, cameByQR(rec))
	return nil
}

// confirm reads a row back. A later revision is fine: the same person has
// signed in elsewhere in the meantime, on top of what was written here.
func (s *Store) confirm(ctx context.Context, want row) error {
	got, err := s.findRow(ctx, byUser, want.corpID, want.userKey)
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

// keepRow writes the row and points at it. Another row with the same union id
// is the same person under an earlier user id. One under an earlier key, which
// was not sealed anew yet, is sealed anew first: their PIN and badges hang on
// it.
func (s *Store) keepRow(ctx context.Context, t *tx, r *row, id identity.Identity) error {
	if err := s.takeAlong(ctx, t, *r, id); err != nil {
		return err
	}
	for _, key := range s.sealer.lookups("union_key", id.UnionID) {
		_, err := t.ExecContext(ctx, "DELETE FROM identities WHERE corp_id = ? AND union_key = ? AND user_key <> ?",
			r.corpID, key, r.userKey)
		if err != nil {
			return err
		}
	}
	return upsert(ctx, t, r)
}

// takeAlong seals a person's row under an earlier key anew. One that cannot be
// read any more is given up.
func (s *Store) takeAlong(ctx context.Context, t *tx, r row, id identity.Identity) error {
	old, err := s.findPerson(ctx, t, id.CorpID, id.UserID)
	if errors.Is(err, sql.ErrNoRows) || err == nil && bytes.Equal(old.userKey, r.userKey) {
		return nil
	}
	if err != nil {
		return err
	}
	rec, err := s.earlier(old)
	if err != nil {
		s.log.WarnContext(ctx, "a person cannot be sealed anew", "error", err)
		_, err = deleteRows(ctx, t, old.corpID, [][]byte{old.userKey})
		return err
	}
	return s.replace(ctx, t, old, rec)
}

// upsert puts a row in the place of the person's, and makes them the current
// one.
func upsert(ctx context.Context, t *tx, r *row) error {
	err := t.QueryRowContext(ctx, `
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
	return makeCurrent(ctx, t, *r)
}

// Current tells who is signed in, or fails with not_signed_in; with
// key_unavailable where there is somebody, and no key to tell who.
func (s *Store) Current(ctx context.Context) (identity.Record, error) {
	if held := s.held.Load(); held != nil {
		if isNobody(held) { // has signed out, which could not be written
			return identity.Record{}, login.Fail(login.NotSignedIn, nil)
		}
		return *held, nil
	}
	var rec identity.Record
	err := s.again(ctx, func() error {
		r, err := s.findRow(ctx, byCurrent)
		if err == nil {
			rec, err = s.record(r)
		}
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return identity.Record{}, login.Fail(login.NotSignedIn, nil)
	}
	if err != nil {
		return identity.Record{}, s.fail("read current identity", err)
	}
	return rec, nil
}

// UserID tells the user id of a person of the company whose union id is known.
// A failure is logged and counts as unknown: then DingTalk is asked.
func (s *Store) UserID(ctx context.Context, corpID, unionID string) (string, bool) {
	rec, err := s.find(ctx, "union_key", unionID, func(key []byte) (row, error) { return s.findRow(ctx, byUnion, corpID, key) })
	if err != nil && !errors.Is(err, sql.ErrNoRows) && s.Locked() == nil {
		s.log.WarnContext(ctx, "known person not found", "op", "user_id", "err", s.fail("look up user id", err))
	}
	return rec.Identity.UserID, err == nil
}

// find reads the person whose row is found by what one of the keys makes of a
// value: a row that is not sealed anew yet is under an earlier one.
func (s *Store) find(ctx context.Context, column, value string, in func(key []byte) (row, error)) (rec identity.Record, err error) {
	err = s.again(ctx, func() error {
		err := s.under(column, value, func(key []byte) error {
			r, err := in(key)
			if err == nil {
				rec, err = s.record(r)
			}
			return err
		})
		if errors.Is(err, sql.ErrNoRows) {
			err = errors.Join(s.Locked(), err)
		}
		return err
	})
	return rec, err
}

// Record tells what is kept of a person of the company: nobody else needs to be
// read for a verdict. Somebody who is not known is not_signed_in.
func (s *Store) Record(ctx context.Context, corpID, userID string) (rec identity.Record, err error) {
	rec, err = s.find(ctx, "user_key", userID, func(key []byte) (row, error) { return s.findUser(ctx, corpID, userID, key) })
	if errors.Is(err, sql.ErrNoRows) && s.Locked() == nil {
		return identity.Record{}, login.Fail(login.NotSignedIn, nil)
	}
	if err != nil {
		return identity.Record{}, s.fail("read a person", err)
	}
	return rec, nil
}
