package offline

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
)

// Badge is what is kept of a badge. A badge is of the device, or the devices with
// the same database, that issued it.
type Badge struct {
	ID      string // 20 hexadecimal digits, random
	Who     identity.Who
	Key     string    // the id of the key that it is signed with
	Issued  time.Time // UTC, whole seconds, by trusted time
	Expires time.Time
	Revoked time.Time // zero while it is good
}

// Good reports whether a badge lets in at a moment, as far as it is up to the
// badge.
func (b Badge) Good(at identity.Moment) bool { return b.Revoked.IsZero() && !b.expired(at) }

// expired is true too by a clock that is behind: then at least so much has passed.
func (b Badge) expired(at identity.Moment) bool { return !at.Now.Before(b.Expires) }

// BadgeStore keeps badges. What a method wrote is on disk when it returns nil;
// errors are *login.Error.
type BadgeStore interface {
	// Badge finds a badge; ok is false where there is none with this id.
	Badge(ctx context.Context, id string) (b Badge, ok bool, err error)

	// KeepBadge writes a badge, also over one with the same id, and notes in the
	// sign-in log that it was given or taken back. The person must be
	// known.
	KeepBadge(ctx context.Context, b Badge) error

	// Badges are all of them, in the order in which they were issued.
	Badges(ctx context.Context) ([]Badge, error)
}

// Badges issues, checks and revokes badges.
type Badges struct {
	Store BadgeStore
	Keys  Keys // what badges are signed with
	Clock Clock
}

// The text of a badge is 68 digits: badgeMark, and the id and tag as one number.
//
// Digits, because a scanner that types presses keys whose letters move from one
// keyboard layout to the next, while the ten digits can be told again (see
// [readings]); and because QR has a mode for digits of 3⅓ bits each. The signed
// fields other than the id are not in the text: whoever checks it has the
// database anyway, and with the company and the user id in it the code would be
// four times as large, slow to type, and readable by whoever finds the card.
//
// The tag is HMAC-SHA256, cut to 16 bytes (RFC 2104, 5), and no Ed25519
// signature: who issues is who checks, and 48 bytes more would say no more.
const (
	badgeMark = "34641" // DING on a telephone's keys, and the version
	idSize    = 10
	tagSize   = 16
	textSize  = len(badgeMark) + 63 // the decimal digits of 26 bytes
)

// Issue makes a badge for a person and returns its text, which is kept nowhere.
func (b *Badges) Issue(ctx context.Context, who identity.Who, validFor time.Duration) (Badge, secret.Text, error) {
	id := make([]byte, idSize)
	_, _ = rand.Read(id) // never fails
	now := b.Clock.Now().Now.Truncate(time.Second)
	badge := Badge{
		ID: hex.EncodeToString(id), Who: who, Key: b.Keys.Current(),
		Issued: now, Expires: now.Add(validFor).Truncate(time.Second),
	}
	tag, err := b.tag(badge)
	if err != nil {
		return Badge{}, secret.Text{}, err
	}
	if err := b.Store.KeepBadge(ctx, badge); err != nil {
		return Badge{}, secret.Text{}, err
	}
	return badge, secret.New(badgeText(id, tag)), nil
}

// Revoke takes a badge back, and reports whether it did: one that was taken back
// before keeps its time, and there may be none with this id.
func (b *Badges) Revoke(ctx context.Context, id string) (done bool, err error) {
	badge, ok, err := b.Store.Badge(ctx, id)
	if err != nil || !ok || !badge.Revoked.IsZero() {
		return false, err
	}
	badge.Revoked = b.Clock.Now().Now.Truncate(time.Second)
	return true, b.Store.KeepBadge(ctx, badge)
}

// All are all badges, in the order in which they were issued.
func (b *Badges) All(ctx context.Context) ([]Badge, error) { return b.Store.Badges(ctx) }

// check reads what a scanner typed. Where it is a badge that is good now, the
// reason is ""; where it is none that was issued here, there is no badge.
func (b *Badges) check(ctx context.Context, typed string, at identity.Moment) (Badge, Reason, error) {
	id, tag, ok := parseBadge(typed)
	if !ok {
		return Badge{}, BadBadge, nil
	}
	badge, ok, err := b.Store.Badge(ctx, hex.EncodeToString(id))
	if err != nil || !ok {
		return Badge{}, BadBadge, err
	}
	want, err := b.tag(badge)
	switch {
	case err != nil:
		return Badge{}, "", err
	case !hmac.Equal(tag, want):
		return badge, BadBadge, nil
	case !badge.Revoked.IsZero():
		return badge, Revoked, nil
	case badge.expired(at):
		return badge, BadgeExpired, nil
	}
	return badge, "", nil
}

func (b *Badges) tag(badge Badge) ([]byte, error) {
	key, err := b.Keys.Key(badge.Key)
	if err != nil {
		return nil, err
	}
	return keyed(key, "badge", badgeMark, badge.Key, badge.ID, badge.Who.CorpID, badge.Who.UserID,
		strconv.FormatInt(badge.Issued.Unix(), 10), strconv.FormatInt(badge.Expires.Unix(), 10))[:tagSize], nil
}

func badgeText(id, tag []byte) string {
	number := new(big.Int).SetBytes(append(append([]byte{}, id...), tag...)).String()
	return badgeMark + strings.Repeat("0", textSize-len(badgeMark)-len(number)) + number
}

// longestTyped bounds the work of looking at what was typed: a badge with a
// character between any two.
const longestTyped = 8 * textSize

// parseBadge reads what a scanner typed, under any keyboard layout.
func parseBadge(typed string) (id, tag []byte, ok bool) {
	if len(typed) > longestTyped {
		return nil, nil, false
	}
	for _, digits := range readings(typed) {
		if len(digits) != textSize || !strings.HasPrefix(digits, badgeMark) {
			continue
		}
		number, _ := new(big.Int).SetString(digits[len(badgeMark):], 10) // they are digits
		if number.BitLen() > 8*(idSize+tagSize) {
			return nil, nil, false
		}
		both := number.FillBytes(make([]byte, idSize+tagSize))
		return both[:idSize], both[idSize:], true
	}
	return nil, nil, false
}

// ByBadge gives a pass to whose badge a scanner has typed. It counts as a use, and
// changes nothing of what wrong PINs have led to.
func (s *SignIn) ByBadge(ctx context.Context, typed secret.Text) (Result, error) {
	at := s.Clock.Now()
	badge, reason, err := s.Badges.check(ctx, typed.Reveal(), at)
	tried := identity.Identity{CorpID: badge.Who.CorpID, UserID: badge.Who.UserID}
	if err != nil || reason != "" {
		return Result{Refused: reason, Tried: tried}, err
	}
	rec, ok, err := s.Store.ByWho(ctx, badge.Who)
	switch {
	case err != nil || !ok:
		return Result{Refused: BadBadge, Tried: tried}, err
	case s.Stale(ctx, rec):
		return Result{Refused: Stale, Tried: rec.Identity}, nil
	}
	return Result{Pass: &Pass{badge.Who, signlog.ByBadge, at}, Tried: rec.Identity}, nil
}
