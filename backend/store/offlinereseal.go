package store

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/offline"
)

// What is kept for sign-in by PIN and badge hangs on a person's row, and is
// found by keys like theirs: when the row is sealed anew, all of it is. What
// cannot be opened any more is left behind and goes with the old row.

// moveTo seals what hangs on an old row anew for its new one.
func (o *Offline) moveTo(ctx context.Context, t *tx, old, fresh row, id identity.Identity) error {
	return errors.Join(o.movePIN(ctx, t, old, fresh), o.moveBadges(ctx, t, old, fresh), o.movePersonsCount(ctx, t, old, id))
}

func (o *Offline) movePIN(ctx context.Context, t *tx, old, fresh row) error {
	return o.each(ctx, t, "SELECT user_key, body FROM pins WHERE corp_id = ? AND user_key = ?", old, func(_, sealed []byte) error {
		kept, err := o.store.sealer.open(pinPlace(old.corpID, old.userKey), sealed)
		if err != nil {
			return o.leave(ctx, "a PIN", err)
		}
		sealed, err = o.store.sealer.seal(pinPlace(fresh.corpID, fresh.userKey), kept)
		if err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, "INSERT OR IGNORE INTO pins (corp_id, user_key, body) VALUES (?, ?, ?)", fresh.corpID, fresh.userKey, sealed)
		return err
	})
}

func (o *Offline) moveBadges(ctx context.Context, t *tx, old, fresh row) error {
	return o.each(ctx, t, "SELECT badge_key, body FROM badges WHERE corp_id = ? AND user_key = ?", old, func(key, sealed []byte) error {
		text, err := o.store.sealer.open(badgePlace(key), sealed)
		var b badgeBody
		if err = errors.Join(err, json.Unmarshal(text, &b)); err != nil {
			return o.leave(ctx, "a badge", err)
		}
		key = o.store.sealer.lookup("badge_key", b.ID)
		if sealed, err = o.store.sealer.seal(badgePlace(key), text); err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, "INSERT OR REPLACE INTO badges (badge_key, corp_id, user_key, body) VALUES (?, ?, ?, ?)",
			key, fresh.corpID, fresh.userKey, sealed)
		return err
	})
}

// movePersonsCount reads the count anew: it may be later than the old row was.
func (o *Offline) movePersonsCount(ctx context.Context, t *tx, old row, id identity.Identity) error {
	var sealed []byte
	err := t.QueryRowContext(ctx, "SELECT tally FROM identities WHERE corp_id = ? AND user_key = ?", old.corpID, old.userKey).Scan(&sealed)
	if err != nil || sealed == nil {
		return err
	}
	of := subject(offline.Subject{Who: id.Who()})
	tally, err := o.openTally(of, old.tallyPlace(), sealed)
	if err != nil {
		return o.leave(ctx, "a count of tries", err)
	}
	return o.putTally(ctx, t, of, tally)
}

// moveCount seals a count that is nobody's anew, under the key that its body
// names.
func (o *Offline) moveCount(ctx context.Context, t *tx, with sealer, key, sealed []byte) error {
	text, err := with.open(tallyPlace(key), sealed)
	var b tallyBody
	if err = errors.Join(err, read(text, &b, b.fields)); err != nil {
		return o.leave(ctx, "a count of tries", err)
	}
	key = with.lookup("subject_key", b.Of)
	if sealed, err = with.seal(tallyPlace(key), text); err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, "INSERT OR IGNORE INTO attempts (subject_key, body) VALUES (?, ?)", key, sealed)
	return err
}

// carryCounts seals the counts that are no person's anew: the device's, and those
// of job numbers that are nobody's. What cannot be read is given up; where it was
// the device's, that is told by its absence.
func (s *Store) carryCounts(ctx context.Context, t *tx, with sealer) error {
	pairs, err := readPairs(ctx, t, "SELECT subject_key, body FROM attempts")
	for _, pair := range pairs {
		if err == nil {
			_, err = t.ExecContext(ctx, "DELETE FROM attempts WHERE subject_key = ?", pair[0])
		}
		if err == nil {
			err = s.Offline().moveCount(ctx, t, with, pair[0], pair[1])
		}
	}
	return err
}

// each hands what hangs on a row to do, after it was all read.
func (o *Offline) each(ctx context.Context, t *tx, query string, of row, do func(key, sealed []byte) error) error {
	pairs, err := readPairs(ctx, t, query, of.corpID, of.userKey)
	for _, pair := range pairs {
		err = errors.Join(err, do(pair[0], pair[1]))
	}
	return err
}

func readPairs(ctx context.Context, t *tx, query string, args ...any) (pairs [][2][]byte, err error) {
	rows, err := t.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var pair [2][]byte
		if err := rows.Scan(&pair[0], &pair[1]); err != nil {
			return nil, err
		}
		pairs = append(pairs, pair)
	}
	return pairs, rows.Err()
}

// leave leaves behind what nobody can read.
func (o *Offline) leave(ctx context.Context, what string, err error) error {
	o.store.log.WarnContext(ctx, what+" cannot be sealed anew", "error", err)
	return nil
}
