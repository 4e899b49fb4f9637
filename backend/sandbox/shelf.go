package sandbox

import (
	"maps"
	"time"
)

// shelf keeps values under random keys, each until its own moment. Values that
// are past it are still found for a while, so that «expired» and «unknown» can
// be told apart. Its owner locks.
type shelf[V any] struct {
	slots   map[string]slot[V]
	sweepAt int
}

type slot[V any] struct {
	value V
	until time.Time
}

// keepExpired is how long an expired value is still told from an unknown one.
const keepExpired = time.Hour

// put keeps the value, and sweeps each time the shelf has doubled: the cost is
// constant per value, however many there are.
func (s *shelf[V]) put(key string, value V, until, now time.Time) {
	if s.slots == nil {
		s.slots = map[string]slot[V]{}
	}
	if len(s.slots) >= max(s.sweepAt, 64) {
		maps.DeleteFunc(s.slots, func(_ string, old slot[V]) bool {
			return now.After(old.until.Add(keepExpired))
		})
		s.sweepAt = 2 * len(s.slots)
	}
	s.slots[key] = slot[V]{value, until}
}

// standing is what a key is worth at one moment.
type standing int

const (
	unknown standing = iota
	expired
	valid
)

func (s *shelf[V]) get(key string, now time.Time) (V, standing) {
	found, ok := s.slots[key]
	switch {
	case !ok:
		return found.value, unknown
	case !now.Before(found.until):
		return found.value, expired
	}
	return found.value, valid
}

// take is get for what may be used once.
func (s *shelf[V]) take(key string, now time.Time) (V, standing) {
	value, is := s.get(key, now)
	delete(s.slots, key)
	return value, is
}

// clear forgets everything.
func (s *shelf[V]) clear() { clear(s.slots) }

// expire ends the validity of everything.
func (s *shelf[V]) expire(now time.Time) {
	for key, slot := range s.slots {
		if now.Before(slot.until) {
			slot.until = now
			s.slots[key] = slot
		}
	}
}
