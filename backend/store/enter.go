package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/signlog"
)

// Enter makes a person who is known the current one without DingTalk, and notes
// it in the sign-in log as the entry says, in one step. It returns who that is,
// as they are kept at that moment. Somebody who is not known is not_signed_in,
// and whom DingTalk has refused meanwhile has the code of that: see
// [login.CodeOfRefusal].
func (s *Store) Enter(ctx context.Context, who identity.Identity, e signlog.Entry) (rec identity.Record, err error) {
	err = s.again(ctx, func() error {
		return s.logged(ctx, func(t *tx) (signlog.Entry, error) {
			rec, err = s.enter(ctx, t, who)
			return e.Of(rec.Identity), err
		})
	})
	if errors.Is(err, sql.ErrNoRows) {
		return identity.Record{}, login.Fail(login.NotSignedIn, nil)
	}
	if err != nil {
		return identity.Record{}, s.fail("sign in without DingTalk", err)
	}
	s.held.Store(nil)
	return rec, nil
}

func (s *Store) enter(ctx context.Context, t *tx, who identity.Identity) (identity.Record, error) {
	r, err := s.findPerson(ctx, t, who.CorpID, who.UserID)
	if err != nil {
		return identity.Record{}, err
	}
	rec, err := s.record(r)
	if err != nil {
		return identity.Record{}, err
	}
	if rec.Refused != "" {
		return identity.Record{}, login.Fail(login.CodeOfRefusal(rec.Refused), nil)
	}
	_, err = t.ExecContext(ctx, "INSERT OR REPLACE INTO current (one, corp_id, user_key) VALUES (1, ?, ?)", r.corpID, r.userKey)
	return rec, err
}

// Leave signs a person out who stays known here, to come back without DingTalk:
// they are not the current one any more, and the sign-in log says that they
// left. That they are not the current one is no error.
func (s *Store) Leave(ctx context.Context, who identity.Identity) error {
	err := s.again(ctx, func() error {
		return s.logged(ctx, func(t *tx) (signlog.Entry, error) { return s.leave(ctx, t, who) })
	})
	if err != nil {
		return s.fail("sign out", err)
	}
	return nil
}

func (s *Store) leave(ctx context.Context, t *tx, who identity.Identity) (signlog.Entry, error) {
	var left int64
	for _, key := range s.sealer.lookups("user_key", who.UserID) {
		done, err := t.ExecContext(ctx, "DELETE FROM current WHERE corp_id = ? AND user_key = ?", who.CorpID, key)
		if err != nil {
			return signlog.Entry{}, err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return signlog.Entry{}, err
		}
		left += n
	}
	if left == 0 {
		return signlog.Entry{}, nil
	}
	return signlog.Entry{Event: signlog.SignedOut}.Of(who), nil
}
