package offline

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// Keys gives the keys for one purpose. They come from outside the database.
type Keys interface {
	// Current is the id of the key for what is made now; up to 255 bytes.
	Current() string

	// Key is the key of 32 bytes with this id. Where it is gone or locked the
	// error is a *login.Error with the code key_unavailable.
	Key(id string) (secret.Text, error)
}

// ErrDamaged is something kept for offline sign-in that is not as it was written.
var ErrDamaged = errors.New("offline record is damaged")

func damaged(what string) error {
	return &login.Error{
		Code:   login.StoreUnavailable,
		Detail: "what is kept of a " + what + " is damaged, or was edited: sign in with DingTalk and set it anew",
		Err:    fmt.Errorf("%w: %s", ErrDamaged, what),
	}
}

// What is kept of a PIN:
//
//	version  1 byte, 1
//	memory   4 bytes, KiB; the lanes are one
//	passes   4 bytes
//	key id   1 byte of length, and so many
//	salt     16 bytes, random
//	hash     32 bytes: Argon2id of the keyed PIN
//	seal     32 bytes: HMAC-SHA256 of the person and all before
//
// The PIN is keyed before it is hashed: HMAC-SHA256 of it with a key that is not
// in the database goes into Argon2id, and not the PIN. A PIN of six digits falls
// to a million guesses, which no cost makes many; without the key none can be
// tried. Before and not after, so that one who learns the key later still pays
// Argon2id for each guess, and because golang.org/x/crypto does not offer
// Argon2's own secret parameter.
//
// The seal is looked at before anything is computed: a cost that somebody has
// edited is never paid, and a record is good for one person only.
type record struct {
	cost Cost
	key  string // its id
	salt [16]byte
	hash [32]byte
}

const (
	recordVersion = 1
	sealSize      = sha256.Size
)

// encode writes the record for a person, sealed.
func (r record) encode(who identity.Who, key secret.Text) []byte {
	out := append(make([]byte, 0, 128), recordVersion)
	out = binary.BigEndian.AppendUint32(out, r.cost.Memory)
	out = binary.BigEndian.AppendUint32(out, r.cost.Passes)
	out = append(append(out, byte(len(r.key))), r.key...) //nolint:gosec // a key id is 16 digits
	out = append(out, r.salt[:]...)
	out = append(out, r.hash[:]...)
	return append(out, keyed(key, "record", who.CorpID, who.UserID, string(out))...)
}

// What stands in a record before the key's id, and after it.
const (
	beforeKey = 1 + 4 + 4 + 1
	afterKey  = len(record{}.salt) + len(record{}.hash) + sealSize
)

// PINKey is the id of the key that what [Store.PIN] keeps was made with, by its
// own word; "" where it is not whole. That key has to stay for as long as the
// PIN.
func PINKey(kept []byte) string {
	if len(kept) < beforeKey || kept[0] != recordVersion || len(kept) != beforeKey+int(kept[beforeKey-1])+afterKey {
		return ""
	}
	return string(kept[beforeKey : len(kept)-afterKey])
}

// parseRecord is the reverse of encode, for the same person.
func parseRecord(text []byte, who identity.Who, keys Keys) (record, error) {
	r := record{key: PINKey(text)}
	if r.key == "" {
		return record{}, damaged("PIN")
	}
	r.cost = Cost{binary.BigEndian.Uint32(text[1:]), binary.BigEndian.Uint32(text[5:])}
	body, seal := text[:len(text)-sealSize], text[len(text)-sealSize:]
	rest := body[beforeKey+len(r.key):]
	copy(r.salt[:], rest)
	copy(r.hash[:], rest[len(r.salt):])
	key, err := keys.Key(r.key)
	if err != nil {
		return record{}, err
	}
	if !hmac.Equal(seal, keyed(key, "record", who.CorpID, who.UserID, string(body))) || !r.cost.allowed() {
		return record{}, damaged("PIN")
	}
	return r, nil
}

// keyed is HMAC-SHA256 of a purpose and fields, each with its length before it,
// so that no two lists read the same.
func keyed(key secret.Text, purpose string, fields ...string) []byte {
	var text bytes.Buffer
	for _, field := range append([]string{"dingpass offline 1 " + purpose}, fields...) {
		text.Write(binary.BigEndian.AppendUint32(nil, uint32(len(field)))) //nolint:gosec // short texts
		text.WriteString(field)
	}
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	_, _ = mac.Write(text.Bytes()) // never fails
	return mac.Sum(nil)
}
