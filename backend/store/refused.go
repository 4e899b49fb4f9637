package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/offline"
)

// What DingTalk says of a person after their sign-in. Both change a row that is
// there and make none, and leave alone who is signed in: another process may
// have signed the person out meanwhile.

// Refuse writes down why DingTalk has said no. It holds until the next
// [Store.Keep]. That the person is not known is no error; that nobody can tell,
// for want of a key, is key_unavailable. Where nothing can be written, which is
// the error then, it holds here all the same and is written later.
func (s *Store) Refuse(ctx context.Context, who identity.Identity, reason identity.Reason) error {
	err := s.amend(ctx, "refuse identity", who, func(rec *identity.Record) bool {
		rec.Refused = reason
		return true
	})
	if waits(err) {
		s.journal.refuse(offline.Who{CorpID: who.CorpID, UserID: who.UserID}, reason)
	}
	return err
}

// Renew puts a newer answer of DingTalk's in the place of an older one. Who was
// refused stays refused: only a sign-in takes that back.
func (s *Store) Renew(ctx context.Context, rec identity.Record) error {
	return s.amend(ctx, "renew identity", rec.Identity, func(old *identity.Record) bool {
		if old.Refused != "" || old.VerifiedAt.After(rec.VerifiedAt) {
			return false
		}
		old.Identity, old.VerifiedAt = rec.Identity, rec.VerifiedAt
		return true
	})
}

// amend changes the record of a person who is known, in one step. Who is held in
// memory may have a row as well, of an earlier sign-in.
func (s *Store) amend(ctx context.Context, doing string, who identity.Identity, change func(*identity.Record) bool) error {
	held := s.amendHeld(who, change)
	if s.Locked() != nil { // somebody may have unlocked the keychain since
		if err := s.Unlock(ctx); err != nil && held {
			return nil
		} else if err != nil {
			return err
		}
	}
	err := s.again(ctx, func() error { return s.amendSealed(ctx, who, change) })
	if err != nil {
		return s.fail(doing, err)
	}
	return nil
}

// amendHeld changes the one who was signed in without a key, and reports
// whether it is this one.
func (s *Store) amendHeld(who identity.Identity, change func(*identity.Record) bool) bool {
	held := s.held.Load()
	if held == nil || held.Identity.CorpID != who.CorpID || held.Identity.UserID != who.UserID {
		return false
	}
	if next := *held; change(&next) {
		s.held.CompareAndSwap(held, &next) // somebody else may have signed in meanwhile
	}
	return true
}

func (s *Store) amendSealed(ctx context.Context, who identity.Identity, change func(*identity.Record) bool) error {
	return s.inTx(ctx, func(t *tx) error { return s.amendRow(ctx, t, who, change) })
}

func (s *Store) amendRow(ctx context.Context, t *tx, who identity.Identity, change func(*identity.Record) bool) error {
	old, err := s.findPerson(ctx, t, who.CorpID, who.UserID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	rec, err := s.record(old)
	if err != nil {
		return err
	}
	if !change(&rec) {
		return nil
	}
	next, err := s.rowOf(rec)
	if err != nil {
		return err
	}
	if err := s.Offline().answered(ctx, t); err != nil {
		return err
	}
	if !bytes.Equal(next.userKey, old.userKey) { // under an earlier key
		return s.replace(ctx, t, old, rec)
	}
	_, err = t.ExecContext(ctx, `
		UPDATE identities SET union_key = ?, job_key = ?, body = ?, verified_at = ?, written_at = ?, revision = revision + 1
		WHERE corp_id = ? AND user_key = ?`,
		next.unionKey, s.jobKey(rec.Identity), next.body, next.verifiedAt, t.now.Unix(), next.corpID, next.userKey)
	return err
}
