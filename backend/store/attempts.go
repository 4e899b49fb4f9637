package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/signlog"
)

// counted is what a count is of.
type counted struct {
	text string       // what it is found by, or sealed for; kept in the body, so that it cannot stand for another
	who  identity.Who // nobody, but for a person's
}

func (c counted) isPerson() bool { return c.who != (identity.Who{}) }

// device is the count of all people together.
var device = counted{text: "device"}

func subject(of offline.Subject) counted {
	if of.Who == (identity.Who{}) {
		return counted{text: "number\x00" + of.JobNumber}
	}
	return counted{"person\x00" + of.Who.CorpID + "\x00" + of.Who.UserID, of.Who}
}

// tallyBody is what is sealed of a count.
type tallyBody struct {
	Of     string `json:"of"`
	Failed int64  `json:"failed"`
	Last   int64  `json:"last"` // unix milliseconds; 0 where nothing failed
	Uses   int64  `json:"uses"`
}

// mostStrangers is how many job numbers that are nobody's are counted. More are
// not mistakes, and the device's own count has stopped them before.
const mostStrangers = 1000

// Tries puts what change makes of the counts in their place, in one transaction:
// two processes take turns, and what is counted is on disk when it returns.
// Counts that do not change are not written. Where nothing can be written, what
// change adds is held in memory: see [offline.Store].
func (o *Offline) Tries(ctx context.Context, of offline.Subject, change func(*offline.Tallies)) error {
	err := o.store.again(ctx, func() error { return o.tries(ctx, subject(of), change) })
	if waits(err) {
		err = o.countInMemory(ctx, subject(of), o.store.fail("count a try", err), change)
	}
	if err != nil {
		return o.store.fail("count a try", err)
	}
	return nil
}

func (o *Offline) tries(ctx context.Context, of counted, change func(*offline.Tallies)) error {
	return o.store.logged(ctx, func(t *tx) (signlog.Entry, error) { return signlog.Entry{}, o.count(ctx, t, of, change) })
}

func (o *Offline) count(ctx context.Context, t *tx, of counted, change func(*offline.Tallies)) error {
	if err := o.store.bring(ctx, t, of.who); err != nil {
		return err
	}
	was, err := o.tallies(ctx, t, of)
	if err != nil {
		return err
	}
	is := was
	change(&is)
	return errors.Join(o.moveTally(ctx, t, of, was.Person, is.Person), o.moveTally(ctx, t, device, was.Device, is.Device))
}

// Tallies are the counts as they are now.
func (o *Offline) Tallies(ctx context.Context, of offline.Subject) (t offline.Tallies, err error) {
	err = o.store.again(ctx, func() error {
		t, err = o.tallies(ctx, o.store.read, subject(of))
		return err
	})
	if err != nil {
		return offline.Tallies{}, o.store.fail("read counts", err)
	}
	j := o.store.journal
	return offline.Tallies{Person: plus(t.Person, j.counted(subject(of))), Device: plus(t.Device, j.counted(device))}, nil
}

// Used tells how often a person, and anybody on this device, came in without
// DingTalk.
func (o *Offline) Used(ctx context.Context, who identity.Who) (identity.Usage, error) {
	t, err := o.Tallies(ctx, offline.Subject{Who: who})
	if err != nil {
		return identity.Usage{}, err
	}
	return identity.Usage{Person: t.Person.Uses, Device: t.Device.Uses}, nil
}

// usage is what a row tells of uses. A count that was changed is as good as one
// that is used up: a sign-in with DingTalk writes it anew, and by PIN it is told.
func (o *Offline) usage(r row, id identity.Identity) identity.Usage {
	of := subject(offline.Subject{Who: id.Who()})
	person, err := o.uses(of, r.tallyPlace(), r.tally)
	all, deviceErr := o.deviceUses(r.deviceTally)
	if err := errors.Join(err, deviceErr); err != nil {
		o.store.log.Warn("uses cannot be counted", "error", err)
		return identity.Usage{Person: math.MaxInt32, Device: math.MaxInt32}
	}
	j := o.store.journal
	return identity.Usage{Person: person + j.counted(of).Uses, Device: all + j.counted(device).Uses}
}

// usesOf is a sealed count that was opened.
type usesOf struct {
	sealed []byte
	uses   int
}

// deviceUses opens the device's count once for all verdicts, until it is another.
func (o *Offline) deviceUses(sealed []byte) (int, error) {
	if last := o.store.deviceUses.Load(); last != nil && bytes.Equal(last.sealed, sealed) {
		return last.uses, nil
	}
	uses, err := o.uses(device, tallyPlace(o.store.keyring.deviceKey()), sealed)
	if err == nil {
		o.store.deviceUses.Store(&usesOf{sealed, uses})
	}
	return uses, err
}

func (o *Offline) uses(of counted, at place, sealed []byte) (int, error) {
	if sealed == nil {
		return 0, nil
	}
	t, err := o.openTally(of, at, sealed)
	return t.Uses, err
}

func (o *Offline) tallies(ctx context.Context, in querier, of counted) (t offline.Tallies, err error) {
	if t.Person, err = o.tally(ctx, in, of); err != nil {
		return offline.Tallies{}, err
	}
	t.Device, err = o.tally(ctx, in, device)
	return t, err
}

func (o *Offline) tally(ctx context.Context, in querier, of counted) (t offline.Tally, err error) {
	column, value := "subject_key", of.text
	if of.isPerson() {
		column, value = "user_key", of.who.UserID
	}
	err = o.store.under(column, value, func(key []byte) error {
		var sealed []byte
		found, at := o.tallyRow(ctx, in, of, key)
		err := found.Scan(&sealed)
		if err == nil && sealed == nil {
			err = sql.ErrNoRows
		}
		if err == nil {
			t, err = o.openTally(of, at, sealed)
		}
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = o.mayBeMissing(ctx, in, of)
	}
	return t, err
}

// tallyRow is where a count stands: a person's in their own row, so that a
// verdict finds it there.
func (o *Offline) tallyRow(ctx context.Context, in querier, of counted, key []byte) (*sql.Row, place) {
	if of.isPerson() {
		r := row{corpID: of.who.CorpID, userKey: key}
		return in.QueryRowContext(ctx, "SELECT tally FROM identities WHERE corp_id = ? AND user_key = ?", r.corpID, r.userKey), r.tallyPlace()
	}
	return in.QueryRowContext(ctx, "SELECT body FROM attempts WHERE subject_key = ?", key), tallyPlace(key)
}

// openTally opens a count that stands at a place. A person's of schema 6 was a
// row of attempts, and is sealed for that place until it is counted again; so is
// the device's of an earlier key for that key's.
func (o *Offline) openTally(of counted, at place, sealed []byte) (offline.Tally, error) {
	t, err := o.openTallyAt(at, of, sealed)
	if !errors.Is(err, errDamaged) {
		return t, err
	}
	for _, key := range o.store.sealer.lookups("subject_key", of.text) {
		if t, err := o.openTallyAt(tallyPlace(key), of, sealed); err == nil {
			return t, nil
		}
	}
	return offline.Tally{}, err
}

func (o *Offline) openTallyAt(at place, of counted, sealed []byte) (offline.Tally, error) {
	text, err := o.store.sealer.open(at, sealed)
	if errors.Is(err, errDamaged) {
		return offline.Tally{}, edited("a count of tries was changed")
	}
	if err != nil {
		return offline.Tally{}, err
	}
	var b tallyBody
	if read(text, &b, b.fields) != nil || b.Of != of.text || b.Failed < 0 || b.Uses < 0 || b.Last < 0 {
		return offline.Tally{}, edited("a count of tries is not of its row")
	}
	t := offline.Tally{Failed: int(b.Failed), Uses: int(b.Uses)}
	if b.Last != 0 {
		t.Last = time.UnixMilli(b.Last).UTC()
	}
	return t, nil
}

// mayBeMissing refuses a count that somebody has removed: a sign-in with DingTalk
// writes the person's and the device's, and nobody has a PIN or a badge without.
func (o *Offline) mayBeMissing(ctx context.Context, in querier, of counted) error {
	if err := o.store.notBehind(ctx, in); err != nil {
		return err
	}
	whose := o.store.sealer.lookups("user_key", of.who.UserID)
	if len(whose) == 0 {
		whose = [][]byte{nil} // nobody's
	}
	for _, key := range whose {
		var used bool
		err := in.QueryRowContext(ctx, `
			SELECT EXISTS (SELECT * FROM pins WHERE ?1 OR corp_id = ?2 AND user_key = ?3)
				OR EXISTS (SELECT * FROM badges WHERE ?1 OR corp_id = ?2 AND user_key = ?3)`,
			of == device, of.who.CorpID, key).Scan(&used)
		if err == nil && used {
			err = edited("a count of tries was removed")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// edited is a count that this package has not written so. A sign-in with DingTalk
// writes it anew (openwallet-foundation/bifold-wallet #1031: a counter that
// anybody could edit).
func edited(what string) error {
	return unavailable("what is counted against guessing was changed by another program: sign in with DingTalk",
		fmt.Errorf("%w: %s", errDamaged, what))
}

func (o *Offline) moveTally(ctx context.Context, t *tx, of counted, was, is offline.Tally) error {
	if was.Failed == is.Failed && was.Uses == is.Uses && was.Last.Equal(is.Last) {
		return nil
	}
	if of != device && !of.isPerson() {
		_, err := t.ExecContext(ctx, "DELETE FROM attempts WHERE subject_key <> ?1 AND (SELECT count(*) FROM attempts) > ?2",
			o.store.sealer.lookup("subject_key", device.text), mostStrangers)
		if err != nil {
			return err
		}
	}
	return o.putTally(ctx, t, of, is)
}

func (o *Offline) putTally(ctx context.Context, t *tx, of counted, tally offline.Tally) error {
	b := tallyBody{Of: of.text, Failed: int64(tally.Failed), Uses: int64(tally.Uses)}
	if !tally.Last.IsZero() {
		b.Last = max(1, tally.Last.UnixMilli())
	}
	if of.isPerson() {
		return o.putPersonsTally(ctx, t, row{corpID: of.who.CorpID, userKey: o.userKey(of.who)}, b)
	}
	key := o.store.sealer.lookup("subject_key", of.text)
	sealed, err := o.store.sealer.seal(tallyPlace(key), write(b.fields))
	if err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, "INSERT OR REPLACE INTO attempts (subject_key, body) VALUES (?, ?)", key, sealed)
	return err
}

func (o *Offline) putPersonsTally(ctx context.Context, t *tx, r row, b tallyBody) error {
	sealed, err := o.store.sealer.seal(r.tallyPlace(), write(b.fields))
	if err != nil {
		return err
	}
	done, err := t.ExecContext(ctx, "UPDATE identities SET tally = ? WHERE corp_id = ? AND user_key = ?", sealed, r.corpID, r.userKey)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errors.New("nobody is known to count for"))
	}
	return nil
}

// tallyPlace is where a count lives that is no person's.
func tallyPlace(key []byte) place {
	return place{table: "attempts", row: string(key), column: "body"}
}
