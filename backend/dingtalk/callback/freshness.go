package callback

import (
	"container/list"
	"crypto/sha256"
	"strconv"
	"strings"
	"sync"
	"time"
)

// sent is the time at which a message was sent: DingTalk writes milliseconds
// since 1970 in 13 digits, and seconds in 10 in one of its own samples, for
// which it is some time in that second.
//
// No other length is taken. Nothing stands between the signed parts, so that a
// timestamp could lend digits to the nonce beside it, or borrow some, and become
// another time under the same signature. Between these two forms it stays in
// its second, unless the shorter one is the end of the longer, the rest of which
// then ends the nonce before it.
func (e Envelope) sent() (from, to time.Time, ok bool) {
	n, err := strconv.ParseUint(e.Timestamp, 10, 63)
	switch {
	case err != nil:
	case len(e.Timestamp) == 13:
		from = time.UnixMilli(int64(n))
		return from, from, true
	case len(e.Timestamp) == 10 && !e.beheaded():
		from = time.Unix(int64(n), 0)
		return from, from.Add(time.Second - time.Millisecond), true
	}
	return time.Time{}, time.Time{}, false
}

// beheaded reports whether the timestamp may have lent its first digits to the
// nonce. A nonce that only looks so is one in some hundreds.
func (e Envelope) beheaded() bool {
	return e.Nonce < e.Timestamp && strings.ContainsAny(e.Nonce[max(len(e.Nonce)-1, 0):], "0123456789")
}

// timely reports whether all of the time at which a message was sent is within
// the window, or how far from our clock it is. All of it: the same message must
// not be in time again, in its longer form, when it is no longer remembered.
func (e Envelope) timely(now time.Time, window time.Duration) (skew time.Duration, ok bool) {
	from, to, ok := e.sent()
	skew = max(now.Sub(from), to.Sub(now))
	return skew, ok && skew <= window
}

// mark is what a message is known by. It is a hash, so that a long id takes no
// more memory than a short one.
type mark [sha256.Size]byte

// marks of a message: its signature and, where there is one, its event's id.
//
// The signature alone stands for timestamp and nonce: these two could be cut
// apart at another place and look new, while the signature stays the same.
func marks(e Envelope, event Event) []mark {
	found := []mark{sha256.Sum256([]byte("signature\x00" + e.Signature))}
	if event.ID != "" {
		found = append(found, sha256.Sum256([]byte("event\x00"+event.CorpID+"\x00"+event.ID)))
	}
	return found
}

// memory knows for a while which messages have been taken. Its zero value is
// empty and ready.
type memory struct {
	mu    sync.Mutex
	known map[mark]*list.Element // guarded by mu, as is all below
	order list.List              // of *trace, the oldest first
}

// trace is what is kept of a mark.
type trace struct {
	mark  mark
	until time.Time
	open  bool // somebody is still trying to deliver it
}

// standing is what is known of a message.
type standing int

const (
	unseen standing = iota // now open: the caller delivers it, then calls close
	busy                   // another request with it has not ended
	taken                  // delivered before
)

// open asks what is known of a message and claims it when that is nothing. At
// most limit marks are kept: beyond it the oldest are forgotten early.
func (m *memory) open(all []mark, now, until time.Time, limit int) standing {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(now)
	found := unseen
	for _, one := range all {
		if element := m.known[one]; element != nil {
			found = taken
			if element.Value.(*trace).open {
				return busy
			}
		}
	}
	// A known event in a new message: that message is known from here on, too,
	// because its timestamp outlives what is kept of the event.
	for _, one := range all {
		if m.known[one] == nil {
			m.put(&trace{mark: one, until: until, open: found == unseen}, limit)
		}
	}
	return found
}

// close ends what open began: the message was delivered, or counts as unseen.
func (m *memory) close(all []mark, delivered bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, one := range all {
		element := m.known[one]
		switch {
		case element == nil: // forgotten already
		case delivered:
			element.Value.(*trace).open = false
		default:
			m.drop(element)
		}
	}
}

// forget drops what is out of date.
func (m *memory) forget(now time.Time) {
	for first := m.order.Front(); first != nil && now.After(first.Value.(*trace).until); first = m.order.Front() {
		m.drop(first)
	}
}

func (m *memory) put(t *trace, limit int) {
	if m.known == nil {
		m.known = make(map[mark]*list.Element)
	}
	m.known[t.mark] = m.order.PushBack(t)
	for m.order.Len() > limit {
		m.drop(m.order.Front())
	}
}

func (m *memory) drop(element *list.Element) {
	delete(m.known, element.Value.(*trace).mark)
	m.order.Remove(element)
}
