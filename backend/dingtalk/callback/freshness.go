package callback

import (
	"container/list"
	"crypto/sha256"
	"strconv"
	"sync"
	"time"
)

// sent is when a message was sent. Only DingTalk's own form is taken, 13
// digits, milliseconds since 1970: because nothing stands between the signed
// parts, a timestamp of free length could borrow digits from the nonce beside
// it and become another time under the same signature.
func (e Envelope) sent() (time.Time, bool) {
	ms, err := strconv.ParseUint(e.Timestamp, 10, 63)
	return time.UnixMilli(int64(ms)), err == nil && len(e.Timestamp) == 13
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
