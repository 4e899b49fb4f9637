package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
)

// What DingTalk says of a person after their sign-in. Both change a row that is
// there and make none, and leave alone who is signed in: another process may
// have signed the person out meanwhile.

// Refuse writes down why DingTalk has said no to a sign-in. It holds until the
// next [Store.Keep]. That the person is not known is no error; that nobody can
// tell, for want of a key, is key_unavailable. What cannot be written, which is
// the error then, holds here all the same and is written later.
func (s *Store) Refuse(ctx context.Context, who identity.Identity, reason identity.Reason) error {
	return s.refuse(ctx, who, refusal{reason: reason})
}

// Renew puts what DingTalk has said of a person, who they are or a refusal, in the
// place of what it was asked about. Where a newer answer has taken that place
// meanwhile it changes nothing. Who was refused stays refused, and whose PIN,
// badges and counts are distrusted stays so ([Standing.Distrusts]): only a sign-in
// takes that back. A refusal that cannot be written is as with [Store.Refuse].
func (s *Store) Renew(ctx context.Context, asked, said identity.Record) error {
	if said.Refused != "" {
		return s.refuse(ctx, asked.Identity, refusal{said.Refused, asked.VerifiedAt})
	}
	return s.amend(ctx, "renew identity", asked.Identity, func(old *identity.Record) bool {
		if old.Refused != "" || old.VerifiedAt.After(asked.VerifiedAt) {
			return false
		}
		old.Identity, old.VerifiedAt = said.Identity, said.VerifiedAt
		return true
	})
}

// refusal is DingTalk's no.
type refusal struct {
	reason identity.Reason
	of     time.Time // of no answer that is newer than this; zero = whichever it is
}

// holds reports whether it is said of an answer.
func (r refusal) holds(verifiedAt time.Time) bool {
	return r.reason != "" && (r.of.IsZero() || !verifiedAt.After(r.of))
}

// amend writes it into a record.
func (r refusal) amend(rec *identity.Record) bool {
	if !r.holds(rec.VerifiedAt) {
		return false
	}
	rec.Refused = r.reason
	return true
}

func (s *Store) refuse(ctx context.Context, who identity.Identity, no refusal) error {
	err := s.amend(ctx, "refuse identity", who, no.amend)
	unwritten := err != nil || s.Locked() != nil   // who is held in memory may have a row as well
	if unwritten && !errors.Is(err, errReadOnly) { // what was opened to read will never write it
		s.journal.refuse(who.Who(), no, err)
	}
	return err
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
	if held == nil || held.Identity.Who() != who.Who() {
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
	if locked := s.Locked(); locked != nil { // nobody is found, which is not that nobody is there
		return locked
	}
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
	if rec.Log.Answered, err = logLength(ctx, t); err != nil {
		return err
	}
	next, err := s.rowOf(rec)
	if err != nil {
		return err
	}
	if err := s.Offline().resetDeviceUses(ctx, t); err != nil {
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
