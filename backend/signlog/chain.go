package signlog

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"github.com/dingpass/dingpass/backend/secret"
)

// Row is an entry as it is kept. Sequence and ID are the entry's own.
type Row struct {
	Sequence int64
	ID       string
	KeyID    string // of the key of its link; empty without one
	Body     []byte // the encoded entry, sealed
	Link     []byte
}

// Head is where a log ends: kept in another place, it shows a tail that is
// missing. The zero Head is that of a log that was never anchored.
type Head struct {
	Length int64 // the sequence of the last row
	Link   []byte
}

// Key is a key of the chain: 32 random bytes, and the id that rows name it by.
type Key struct {
	ID     string
	Secret secret.Text
}

// Chain links rows. The zero Chain has no key: its links are hashes that
// anybody can compute, good against accidents only.
type Chain struct{ keys []Key }

// NewChain is the chain of these keys. Rows are linked with the first; the
// others are former ones, whose rows still stand.
func NewChain(keys ...Key) Chain { return Chain{keys} }

// Keyed reports whether there is a key.
func (c Chain) Keyed() bool { return len(c.keys) > 0 }

// Next links a row to the one before, whose link is prev; nil for the first.
func (c Chain) Next(prev []byte, r Row) Row {
	var key secret.Text
	if c.Keyed() {
		r.KeyID, key = c.keys[0].ID, c.keys[0].Secret
	}
	r.Link = link(key, prev, r)
	return r
}

// Holds reports whether a row was linked to the one with the link prev. known
// says that its key is here; without it nothing holds.
func (c Chain) Holds(prev []byte, r Row) (holds, known bool) {
	key, known := c.find(r.KeyID)
	return known && hmac.Equal(link(key, prev, r), r.Link), known
}

// find finds a key. Where there are keys, no row goes without: else whoever
// has none could write a whole log anew.
func (c Chain) find(id string) (secret.Text, bool) {
	for _, key := range c.keys {
		if key.ID == id {
			return key.Secret, true
		}
	}
	return secret.Text{}, !c.Keyed() && id == ""
}

// version tells this way of hashing from later ones.
const version = "dingpass sign-in log 1"

// link is the HMAC-SHA256 of all that a row has, and of the link before. The
// length stands before each part, so that no two rows read the same.
func link(key secret.Text, prev []byte, r Row) []byte {
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	text := binary.BigEndian.AppendUint64([]byte(version), uint64(r.Sequence)) //nolint:gosec // any number will do
	for _, part := range [][]byte{[]byte(r.ID), []byte(r.KeyID), prev, r.Body} {
		text = binary.BigEndian.AppendUint64(text, uint64(len(part)))
		text = append(text, part...)
	}
	_, _ = mac.Write(text) // never fails
	return mac.Sum(nil)
}
