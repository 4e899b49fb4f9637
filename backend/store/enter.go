package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/signlog"
)

// Enter lets a person who is known come in without DingTalk, where change agrees:
// what it makes of the counts, that they are the current one, and the entry of
// the sign-in log are written in one step. change is given the person as they
// are kept at that moment. Where nothing can be written all of it is held in
// memory: see [offline.Store].
func (o *Offline) Enter(ctx context.Context, who identity.Who, by signlog.Method, change func(identity.Record, *offline.Tallies) (in bool)) error {
	came := o.store.stamp(signlog.Entry{Event: signlog.SignedIn, Method: by, Source: signlog.FromCache})
	in := false
	err := o.store.again(ctx, func() error {
		return o.store.logged(ctx, func(t *tx) (_ signlog.Entry, err error) {
			in, err = o.enter(ctx, t, who, &came, change)
			if err != nil || !in {
				return signlog.Entry{}, err
			}
			return came, nil
		})
	})
	if waits(err) {
		return o.enterInMemory(ctx, who, came, o.store.fail("sign in without DingTalk", err), change)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return login.Fail(login.NotSignedIn, nil)
	}
	if err != nil {
		return o.store.fail("sign in without DingTalk", err)
	}
	if in {
		o.store.held.Store(nil)
	}
	return nil
}

func (o *Offline) enter(ctx context.Context, t *tx, who identity.Who, came *signlog.Entry, change func(identity.Record, *offline.Tallies) bool) (in bool, err error) {
	if err := o.store.bring(ctx, t, who); err != nil { // before the row is read that the current one is pointed at
		return false, err
	}
	r, err := o.store.findPerson(ctx, t, who.CorpID, who.UserID)
	if err != nil {
		return false, err
	}
	rec, err := o.store.record(r)
	if err != nil {
		return false, err
	}
	err = o.count(ctx, t, subject(offline.Subject{Who: who}), func(c *offline.Tallies) { in = change(rec, c) })
	if err != nil || !in {
		return false, err
	}
	*came = came.Of(rec.Identity)
	return true, makeCurrent(ctx, t, r)
}

// enterInMemory is Enter where nothing can be written, which is why.
func (o *Offline) enterInMemory(ctx context.Context, who identity.Who, came signlog.Entry, why error, change func(identity.Record, *offline.Tallies) bool) error {
	rec, ok, err := o.ByWho(ctx, who)
	if err != nil {
		return err
	}
	if !ok {
		return login.Fail(login.NotSignedIn, nil)
	}
	in := false
	err = o.countInMemory(ctx, subject(offline.Subject{Who: who}), why, func(c *offline.Tallies) {
		in = change(rec, c)
		rec.Used = identity.Usage{Person: c.Person.Uses, Device: c.Device.Uses}
	})
	if err != nil {
		return o.store.fail("sign in without DingTalk", err)
	}
	if in {
		o.store.holdCurrent(ctx, &rec, came.Of(rec.Identity), why)
	}
	return nil
}

// makeCurrent makes the person of a row the current one.
func makeCurrent(ctx context.Context, t *tx, r row) error {
	_, err := t.ExecContext(ctx, "INSERT OR REPLACE INTO current (one, corp_id, user_key) VALUES (1, ?, ?)", r.corpID, r.userKey)
	return err
}

// Leave signs a person out who stays known here, to come back without DingTalk:
// they are not the current one any more, and the sign-in log says that they
// left. That they are not the current one is no error. Where nothing can be
// written both are held in memory, so that nobody has to stay. Without a key it
// is as with [Store.Forget].
func (s *Store) Leave(ctx context.Context, who identity.Identity) error {
	if s.Locked() != nil {
		return s.signOut(ctx)
	}
	err := s.again(ctx, func() error {
		return s.logged(ctx, func(t *tx) (signlog.Entry, error) { return s.leave(ctx, t, who) })
	})
	if waits(err) {
		return s.leaveInMemory(ctx, who, s.fail("sign out", err))
	}
	if err != nil {
		return s.fail("sign out", err)
	}
	s.drop(who)
	return nil
}

// drop forgets in memory that a person is the current one.
func (s *Store) drop(who identity.Identity) {
	if held := s.held.Load(); held != nil && held.Identity.Who() == who.Who() {
		s.held.Store(nil)
	}
}

func (s *Store) leaveInMemory(ctx context.Context, who identity.Identity, why error) error {
	rec, err := s.Current(ctx)
	if login.CodeOf(err) == login.NotSignedIn {
		return nil
	}
	if err != nil {
		return why
	}
	if rec.Identity.Who() == who.Who() {
		s.holdCurrent(ctx, &identity.Record{}, signlog.Entry{Event: signlog.SignedOut}.Of(who), why)
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
