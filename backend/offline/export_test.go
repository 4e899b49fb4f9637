package offline

import (
	"crypto/sha256"
	"sync/atomic"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/secret"
)

// Cheap computes hashes that take no time in the place of Argon2id's, and counts
// them. No test needs it to see that they are Argon2id's: the golden record does.
func (s *SignIn) Cheap() *atomic.Int64 {
	var computed atomic.Int64
	s.hasher.compute = func(password, salt []byte, c Cost) []byte {
		computed.Add(1)
		sum := sha256.Sum256(append(append([]byte(c.String()), salt...), password...))
		return sum[:]
	}
	return &computed
}

// Watch has a look at each hash, before it is computed.
func (s *SignIn) Watch(look func(Cost)) {
	compute := s.hasher.compute
	s.hasher.compute = func(password, salt []byte, c Cost) []byte {
		look(c)
		return compute(password, salt, c)
	}
}

// Calibrate finds a cost with a machine of a test's own.
func Calibrate(measure func(Cost) time.Duration) Cost { return calibrate(measure) }

// LeastCost and MostCost are the limits.
func LeastCost() Cost { return leastCost }

// MostCost is the other one.
func MostCost() Cost { return mostCost }

// Reseal puts another cost into what is kept of a PIN, with a seal that is right.
func Reseal(text []byte, who identity.Who, keys Keys, cost Cost) ([]byte, error) {
	r, err := parseRecord(text, who, keys)
	if err != nil {
		return nil, err
	}
	key, err := keys.Key(r.key)
	if err != nil {
		return nil, err
	}
	r.cost = cost
	return r.encode(who, key), nil
}

// KeyOf is the id of the key that is used for what is kept of a PIN.
func KeyOf(text []byte, who identity.Who, keys Keys) (string, error) {
	r, err := parseRecord(text, who, keys)
	return r.key, err
}

// BadgeText writes an id and a tag as a badge.
func BadgeText(id, tag []byte) secret.Text { return secret.New(badgeText(id, tag)) }

// ParseBadge reads what was typed.
func ParseBadge(typed string) (id, tag []byte, ok bool) { return parseBadge(typed) }

// ParseRecord reads what is kept of a PIN.
func ParseRecord(text []byte, who identity.Who, keys Keys) error {
	_, err := parseRecord(text, who, keys)
	return err
}

// NumberRows are the layouts that are undone.
func NumberRows() []string { return numberRows }

// Delay is the curve.
func Delay(failed int) time.Duration { return delay(failed) }
