package vault

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// record is what a keychain entry or a key file holds: root keys, the current
// one first. Its text is small, because Windows takes 2,560 bytes and macOS
// some 3,000 (go-keyring, keyring.go).
type record struct{ keys []recordedKey }

type recordedKey struct {
	rootKey
	created time.Time // zero where nobody wrote it down
}

// recordText is a record as JSON.
type recordText struct {
	Version int       `json:"version"` // 1
	Current string    `json:"current"` // an id
	Keys    []textKey `json:"keys"`
}

type textKey struct {
	ID      string    `json:"id"`
	Key     string    `json:"key"` // base64
	Created time.Time `json:"created,omitzero"`
}

// recordPrefix is how every record begins. Random bytes do not.
const recordPrefix = `{"version":`

// mostKeys keeps a record within what keychains take. Two are usual, the present
// one and the one before; a file that several databases name retires none.
const mostKeys = 8

// errNoKey is a text that holds no key. Nothing of the text is told.
var errNoKey = errors.New("holds no key of dingpass: 32 random bytes, or what dingpass wrote")

func (r record) text() (string, error) {
	text := recordText{Version: 1, Current: r.keys[0].id}
	for _, key := range r.keys {
		text.Keys = append(text.Keys, textKey{key.id, base64.StdEncoding.EncodeToString([]byte(key.plain.Reveal())), key.created})
	}
	encoded, err := json.Marshal(text)
	return string(encoded), err
}

// parseRecord reads what dingpass wrote, or takes any other content of at least
// 32 bytes as one key: «head -c 32 /dev/urandom» makes a good one.
func parseRecord(content []byte) (record, error) {
	if !bytes.HasPrefix(content, []byte(recordPrefix)) {
		return parseBare(content)
	}
	var text recordText
	if json.Unmarshal(content, &text) != nil || text.Version != 1 || len(text.Keys) == 0 || len(text.Keys) > mostKeys {
		return record{}, errNoKey
	}
	var r record
	for _, key := range text.Keys {
		plain, err := base64.StdEncoding.DecodeString(key.Key)
		if err != nil || len(plain) != keySize {
			return record{}, errNoKey
		}
		root, err := newRootKey(plain)
		if err != nil || root.id != key.ID { // the id is the check value
			return record{}, errNoKey
		}
		r.keys = append(r.keys, recordedKey{root, key.Created})
	}
	if r.keys[0].id != text.Current {
		return record{}, errNoKey
	}
	return r, nil
}

// parseBare takes content as one key. Text is taken without the line's end that
// editors and echo leave; bytes are taken as they are. A file of one byte
// repeated is what a power cut left, and no key.
func parseBare(content []byte) (record, error) {
	if utf8.Valid(content) {
		content = []byte(strings.TrimRight(string(content), "\r\n"))
	}
	if len(content) < keySize || bytes.Count(content, content[:1]) == len(content) {
		return record{}, errNoKey
	}
	sum := sha256.Sum256(append([]byte("dingpass v1 bare key\x00"), content...)) // so that any length gives 32 bytes
	root, err := newRootKey(sum[:])
	return record{[]recordedKey{{rootKey: root}}}, err
}

// withNewKey is the record with a new random key as the current one.
func (r record) withNewKey(now time.Time) (record, error) {
	if len(r.keys) >= mostKeys {
		return r, fmt.Errorf("there are %d keys already: retire one first", len(r.keys))
	}
	plain := make([]byte, keySize)
	_, _ = rand.Read(plain) // never fails
	root, err := newRootKey(plain)
	if err != nil {
		return r, err
	}
	made := recordedKey{root, now.UTC().Truncate(time.Second)}
	return record{append([]recordedKey{made}, r.keys...)}, nil
}

// without is the record without a key.
func (r record) without(id string) record {
	var left record
	for _, key := range r.keys {
		if key.id != id {
			left.keys = append(left.keys, key)
		}
	}
	return left
}

func (r record) ids() []string {
	var ids []string
	for _, key := range r.keys {
		ids = append(ids, key.id)
	}
	return ids
}

func (r record) roots() []rootKey {
	var roots []rootKey
	for _, key := range r.keys {
		roots = append(roots, key.rootKey)
	}
	return roots
}
