package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/signlog"
)

// Offline is what the database keeps for sign-in by PIN and badge.
type Offline struct{ store *Store }

var (
	_ offline.Store      = (*Offline)(nil)
	_ offline.BadgeStore = (*Offline)(nil)
)

// Offline is the database's part in offline sign-in.
func (s *Store) Offline() *Offline { return &Offline{s} }

// Recall tells a remembered fact about this machine.
func (o *Offline) Recall(ctx context.Context, key string) (value string, ok bool, err error) {
	return o.store.Recall(ctx, key)
}

// Remember keeps a fact about this machine.
func (o *Offline) Remember(ctx context.Context, key, value string) error {
	return o.store.Remember(ctx, key, value)
}

// ByJobNumber finds a person by their job number, the current one by an empty
// one.
func (o *Offline) ByJobNumber(ctx context.Context, number string) (identity.Record, bool, error) {
	if number == "" {
		rec, err := o.store.Current(ctx)
		if login.CodeOf(err) == login.NotSignedIn {
			return identity.Record{}, false, nil
		}
		return rec, err == nil, err
	}
	return o.found(ctx, func() (r row, err error) {
		if err := o.ofOne(ctx, number); err != nil {
			return r, err
		}
		err = o.store.under("job_key", number, func(key []byte) error {
			r, err = o.store.findRow(ctx, byJobNumber, key)
			return err
		})
		return r, err
	})
}

// ofOne is sql.ErrNoRows where two people have a job number, one of whom is
// sealed anew and the other one is not. Otherwise the question itself sees to it.
func (o *Offline) ofOne(ctx context.Context, number string) error {
	keys := o.store.sealer.lookups("job_key", number)
	if len(keys) < 2 {
		return nil
	}
	var all []any
	for _, key := range keys {
		all = append(all, key)
	}
	var people int
	err := o.store.read.QueryRowContext(ctx,
		"SELECT count(*) FROM identities WHERE job_key IN (?"+strings.Repeat(", ?", len(all)-1)+")", all...).Scan(&people)
	if err == nil && people > 1 {
		err = sql.ErrNoRows
	}
	return err
}

// ByWho finds a person.
func (o *Offline) ByWho(ctx context.Context, who identity.Who) (identity.Record, bool, error) {
	return o.found(ctx, func() (r row, err error) {
		err = o.store.under("user_key", who.UserID, func(key []byte) error {
			r, err = o.store.findRow(ctx, byUser, who.CorpID, key)
			return err
		})
		return r, err
	})
}

// found reads a person's row, with the key of a rotation elsewhere where there
// was one.
func (o *Offline) found(ctx context.Context, find func() (row, error)) (rec identity.Record, ok bool, err error) {
	err = o.store.again(ctx, func() error {
		r, err := find()
		if err == nil {
			rec, err = o.store.record(r)
		}
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return identity.Record{}, false, nil
	}
	if err != nil {
		return identity.Record{}, false, o.store.fail("find person", err)
	}
	return rec, true, nil
}

// jobKey is what a person is found by who types their job number.
func (s *Store) jobKey(id identity.Identity) []byte {
	return s.sealer.lookup("job_key", offline.JobNumber(id.JobNo))
}

func (o *Offline) userKey(who identity.Who) []byte {
	return o.store.sealer.lookup("user_key", who.UserID)
}

// pinPlace is where a person's PIN lives.
func pinPlace(corpID string, userKey []byte) place {
	return place{table: "pins", row: corpID + "\x00" + string(userKey), column: "body"}
}

// AnyPIN reports whether anybody has a PIN.
func (o *Offline) AnyPIN(ctx context.Context) (any bool, err error) {
	err = o.store.read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pins)").Scan(&any)
	if err != nil {
		return false, o.store.fail("look for PINs", err)
	}
	return any, nil
}

// PIN is what is kept of a person's PIN; nil where there is none.
func (o *Offline) PIN(ctx context.Context, who identity.Who) (kept []byte, err error) {
	err = o.store.again(ctx, func() error {
		kept, err = o.pin(ctx, o.store.read, who)
		return err
	})
	if err != nil {
		return nil, o.store.fail("read PIN", err)
	}
	return kept, nil
}

func (o *Offline) pin(ctx context.Context, in querier, who identity.Who) (kept []byte, err error) {
	err = o.store.under("user_key", who.UserID, func(key []byte) error {
		var sealed []byte
		err := in.QueryRowContext(ctx, "SELECT body FROM pins WHERE corp_id = ? AND user_key = ?", who.CorpID, key).Scan(&sealed)
		if err != nil {
			return err
		}
		if kept, err = o.store.sealer.open(pinPlace(who.CorpID, key), sealed); kept == nil {
			kept = []byte{} // nothing is not the same as no PIN
		}
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, o.store.notBehind(ctx, in)
	}
	return kept, err
}

// ChangePIN puts what change makes of a person's PIN in its place; nil removes
// it. What event that is goes into the sign-in log in the same step; "" is none,
// as is to leave the PIN as it was.
func (o *Offline) ChangePIN(ctx context.Context, who identity.Who, event signlog.Event, change func(old []byte) []byte) error {
	err := o.store.again(ctx, func() error {
		return o.store.logged(ctx, func(t *tx) (signlog.Entry, error) { return o.changePIN(ctx, t, who, event, change) })
	})
	if err != nil {
		return o.store.fail("change PIN", err)
	}
	return nil
}

func (o *Offline) changePIN(ctx context.Context, t *tx, who identity.Who, event signlog.Event, change func(old []byte) []byte) (signlog.Entry, error) {
	if err := o.store.bring(ctx, t, who); err != nil {
		return signlog.Entry{}, err
	}
	old, err := o.pin(ctx, t, who)
	damaged := errors.Is(err, errDamaged) // a new one, or none, is what mends it
	if err != nil && !damaged {
		return signlog.Entry{}, err
	}
	is := change(old)
	if !damaged && bytes.Equal(old, is) || event == "" {
		return signlog.Entry{}, o.putPIN(ctx, t, who, is)
	}
	return signlog.Entry{Event: event, Method: signlog.ByPIN}.Of(o.known(ctx, t, who)), o.putPIN(ctx, t, who, is)
}

func (o *Offline) putPIN(ctx context.Context, t *tx, who identity.Who, kept []byte) error {
	if kept == nil {
		_, err := t.ExecContext(ctx, "DELETE FROM pins WHERE corp_id = ? AND user_key = ?", who.CorpID, o.userKey(who))
		return err
	}
	sealed, err := o.store.sealer.seal(pinPlace(who.CorpID, o.userKey(who)), kept)
	if err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, "INSERT OR REPLACE INTO pins (corp_id, user_key, body) VALUES (?, ?, ?)",
		who.CorpID, o.userKey(who), sealed)
	return err
}

// resetDeviceUses follows an answer of DingTalk's that nobody had to scan for: the
// device's uses begin anew (identity.Usage). What counts against guessing is
// left alone, as is a count that cannot be read: these need a sign-in, and no
// refusal waits for it.
func (o *Offline) resetDeviceUses(ctx context.Context, t *tx) error {
	tally, err := o.tally(ctx, t, device)
	if isUnreadable(err) {
		return nil
	}
	if err != nil || tally.Uses == 0 {
		return err
	}
	tally.Uses = 0
	return o.putTally(ctx, t, device, tally)
}

// resetAfterSignIn follows a sign-in with DingTalk: the person is found by the job
// number that they have now, and what was counted before is over.
func (o *Offline) resetAfterSignIn(ctx context.Context, t *tx, id identity.Identity) error {
	who := id.Who()
	_, err := t.ExecContext(ctx, "UPDATE identities SET job_key = ? WHERE corp_id = ? AND user_key = ?",
		o.store.jobKey(id), who.CorpID, o.userKey(who))
	if err != nil {
		return err
	}
	return errors.Join(
		o.putTally(ctx, t, subject(offline.Subject{Who: who}), offline.Tally{}),
		o.putTally(ctx, t, device, offline.Tally{}))
}
