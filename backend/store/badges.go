package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/signlog"
)

// badgeBody is what is sealed of a badge. Times are unix seconds.
type badgeBody struct {
	ID      string `json:"id"`
	CorpID  string `json:"corp_id"`
	UserID  string `json:"user_id"`
	Key     string `json:"key"`
	Issued  int64  `json:"issued"`
	Expires int64  `json:"expires"`
	Revoked int64  `json:"revoked,omitempty"`
}

// badgePlace is where a badge lives.
func badgePlace(key []byte) place {
	return place{table: "badges", row: string(key), column: "body"}
}

// Badge finds a badge.
func (o *Offline) Badge(ctx context.Context, id string) (offline.Badge, bool, error) {
	var b offline.Badge
	err := o.store.again(ctx, func() error {
		return o.store.under("badge_key", id, func(key []byte) error {
			var sealed []byte
			err := o.store.read.QueryRowContext(ctx, "SELECT body FROM badges WHERE badge_key = ?", key).Scan(&sealed)
			if err == nil {
				b, err = o.badge(key, sealed)
			}
			return err
		})
	})
	if errors.Is(err, sql.ErrNoRows) {
		return offline.Badge{}, false, nil
	}
	if err == nil && b.ID != id {
		err = fmt.Errorf("%w: a badge is not of its row", errDamaged)
	}
	if err != nil {
		return offline.Badge{}, false, o.store.fail("read badge", err)
	}
	return b, true, nil
}

func (o *Offline) badge(key, sealed []byte) (offline.Badge, error) {
	text, err := o.store.sealer.open(badgePlace(key), sealed)
	if err != nil {
		return offline.Badge{}, err
	}
	var b badgeBody
	if err := json.Unmarshal(text, &b); err != nil {
		return offline.Badge{}, fmt.Errorf("%w: a badge does not parse", errDamaged)
	}
	badge := offline.Badge{
		ID: b.ID, Who: identity.Who{CorpID: b.CorpID, UserID: b.UserID}, Key: b.Key,
		Issued: time.Unix(b.Issued, 0).UTC(), Expires: time.Unix(b.Expires, 0).UTC(),
	}
	if b.Revoked != 0 {
		badge.Revoked = time.Unix(b.Revoked, 0).UTC()
	}
	return badge, nil
}

// KeepBadge writes a badge, also over one with the same id, and notes in the
// sign-in log that it was given or taken back, in one step.
func (o *Offline) KeepBadge(ctx context.Context, b offline.Badge) error {
	body := badgeBody{ID: b.ID, CorpID: b.Who.CorpID, UserID: b.Who.UserID, Key: b.Key,
		Issued: b.Issued.Unix(), Expires: b.Expires.Unix()}
	if !b.Revoked.IsZero() {
		body.Revoked = b.Revoked.Unix()
	}
	e := signlog.Entry{Event: signlog.Enrolled, Method: signlog.ByBadge}
	if body.Revoked != 0 {
		e.Event = signlog.Revoked
	}
	err := o.store.again(ctx, func() error {
		return o.store.logged(ctx, func(t *tx) (signlog.Entry, error) {
			return e.Of(o.known(ctx, t, b.Who)), o.putBadge(ctx, t, b, body)
		})
	})
	if err != nil {
		return o.store.fail("keep badge", err)
	}
	return nil
}

func (o *Offline) putBadge(ctx context.Context, t *tx, b offline.Badge, body badgeBody) error {
	if err := o.store.bring(ctx, t, b.Who); err != nil {
		return err
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	key := o.store.sealer.lookup("badge_key", b.ID)
	sealed, err := o.store.sealer.seal(badgePlace(key), text)
	if err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, "INSERT OR REPLACE INTO badges (badge_key, corp_id, user_key, body) VALUES (?, ?, ?, ?)",
		key, b.Who.CorpID, o.userKey(b.Who), sealed)
	return err
}

// known is who somebody is, by their ids alone where nobody can be read.
func (o *Offline) known(ctx context.Context, t *tx, who identity.Who) identity.Identity {
	r, err := o.store.findPerson(ctx, t, who.CorpID, who.UserID)
	if err == nil {
		var rec identity.Record
		if rec, err = o.store.record(r); err == nil {
			return rec.Identity
		}
	}
	return identity.Identity{CorpID: who.CorpID, UserID: who.UserID}
}

// Badges are all badges, in the order in which they were issued, but for those
// that cannot be read.
func (o *Offline) Badges(ctx context.Context) ([]offline.Badge, error) {
	all, err := o.badges(ctx)
	if isUnreadable(err) {
		o.store.log.WarnContext(ctx, "a badge cannot be read", "error", err)
		err = nil
	}
	if err != nil {
		return nil, o.store.fail("list badges", err)
	}
	slices.SortFunc(all, func(a, b offline.Badge) int {
		return cmp.Or(a.Issued.Compare(b.Issued), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// AnyBadge reports whether there is a badge that suits. It looks until it finds
// one: the screen asks at each change, and there may be thousands. Whose badges
// they are counts where who is somebody. One that cannot be read suits nobody,
// and is the error where no other does.
func (o *Offline) AnyBadge(ctx context.Context, who identity.Who, suits func(offline.Badge) bool) (any bool, err error) {
	err = o.store.again(ctx, func() (unreadable error) {
		for b, err := range o.badgesOf(ctx, who) {
			switch {
			case isUnreadable(err):
				unreadable = err
			case err != nil:
				return err
			case suits(b):
				any = true
				return nil
			}
		}
		if unreadable != nil {
			return unreadable
		}
		return o.store.notBehind(ctx, o.store.read) // else it may have been sealed anew
	})
	if err != nil {
		return false, o.store.fail("look for badges", err)
	}
	return any, nil
}

// badges are all that can be read. The error may be one of them that cannot.
func (o *Offline) badges(ctx context.Context) (all []offline.Badge, unreadable error) {
	for b, err := range o.badgesOf(ctx, identity.Who{}) {
		switch {
		case isUnreadable(err):
			unreadable = err
		case err != nil:
			return nil, err
		default:
			all = append(all, b)
		}
	}
	return all, unreadable
}

// badgesOf are a person's badges, or all of them for nobody. While everybody is
// sealed anew, a row may be under an earlier key.
func (o *Offline) badgesOf(ctx context.Context, who identity.Who) iter.Seq2[offline.Badge, error] {
	if who == (identity.Who{}) {
		return o.eachBadge(ctx, "SELECT badge_key, body FROM badges")
	}
	return func(yield func(offline.Badge, error) bool) {
		for _, key := range o.store.sealer.lookups("user_key", who.UserID) {
			for b, err := range o.eachBadge(ctx, "SELECT badge_key, body FROM badges WHERE corp_id = ? AND user_key = ?", who.CorpID, key) {
				if !yield(b, err) {
					return
				}
			}
		}
	}
}

// eachBadge reads the badges that a question finds. After an error there are no
// more, unless it is that of one badge.
func (o *Offline) eachBadge(ctx context.Context, question string, args ...any) iter.Seq2[offline.Badge, error] {
	return func(yield func(offline.Badge, error) bool) {
		rows, err := o.store.read.QueryContext(ctx, question, args...)
		if err != nil {
			yield(offline.Badge{}, err)
			return
		}
		defer func() { _ = rows.Close() }() // its error is that of Err
		for rows.Next() {
			var key, sealed []byte
			err := rows.Scan(&key, &sealed)
			var b offline.Badge
			if err == nil {
				b, err = o.badge(key, sealed)
			}
			if !yield(b, err) || err != nil && !isUnreadable(err) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(offline.Badge{}, err)
		}
	}
}
