package vault

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/dingpass/dingpass/backend/secret"
)

// Purpose is what a derived key is for. A key for one purpose tells nothing of
// those for others.
type Purpose string

// The purposes. Each is half of an HKDF info string: changing one loses what
// was made with it.
const (
	Sealing      Purpose = "sealing"       // of personal values, [Sealer.Seal]
	Lookup       Purpose = "lookup"        // keyed hashes to find rows by, [Sealer.Lookup]
	LogChain     Purpose = "log chain"     // of the sign-in log
	PINPepper    Purpose = "pin pepper"    // what a PIN's hash needs beside the PIN
	BadgeSigning Purpose = "badge signing" // of badges
)

// keySize is the size of root keys and of derived ones, in bytes.
const keySize = 32

// idSize is the size of a key's id, in bytes. Ids tell a handful of keys apart;
// nobody gains by making two that collide.
const idSize = 8

// rootKey is a root key in use.
type rootKey struct {
	id    string // as idOf makes it
	plain secret.Text
}

// newRootKey makes a root key of 32 secret bytes.
func newRootKey(plain []byte) (rootKey, error) {
	id, err := derive(plain, "key id", idSize)
	return rootKey{hex.EncodeToString(id), secret.New(string(plain))}, err
}

// derive makes a key, or an id, from a root key.
func derive(root []byte, purpose string, size int) ([]byte, error) {
	// No salt: root keys are uniformly random or come out of Argon2id
	// (RFC 5869, 3.1).
	return hkdf.Key(sha256.New, root, nil, "dingpass v1 "+purpose, size)
}

// purposes are all of them, in the order in which [Keys.Former] has their keys.
func purposes() []Purpose { return []Purpose{Sealing, Lookup, LogChain, PINPepper, BadgeSigning} }

// derivedKeys are what is used of one root key.
type derivedKeys struct {
	id  string
	of  map[Purpose]secret.Text
	own keyCipher
}

// deriveAll derives the keys for all purposes from a root key.
func deriveAll(root rootKey) (derivedKeys, error) {
	of := make(map[Purpose]secret.Text)
	for _, purpose := range purposes() {
		key, err := derive([]byte(root.plain.Reveal()), string(purpose), keySize)
		if err != nil {
			return derivedKeys{}, fmt.Errorf("derive the key for %s: %w", purpose, err)
		}
		of[purpose] = secret.New(string(key))
	}
	return newDerived(root.id, of)
}

func newDerived(id string, of map[Purpose]secret.Text) (derivedKeys, error) {
	own, err := newCipher(id, of[Sealing], of[Lookup])
	return derivedKeys{id, of, own}, err
}

// Keys are the keys of a database, one of them current. They do not change; a
// rotation gives others. All methods may be called at the same time.
type Keys struct {
	all []derivedKeys // the current one first
}

// newKeys derives what is used. The first root key is the current one.
func newKeys(roots []rootKey) (*Keys, error) {
	k := &Keys{}
	for _, root := range roots {
		made, err := deriveAll(root)
		if err != nil {
			return nil, err
		}
		k.all = append(k.all, made)
	}
	return k, nil
}

// Current is the id of the key that is used for what is written: 16 hexadecimal
// digits.
func (k *Keys) Current() string { return k.all[0].id }

// IDs are the ids of all keys, the current one first.
func (k *Keys) IDs() []string {
	ids := make([]string, len(k.all))
	for i, key := range k.all {
		ids[i] = key.id
	}
	return ids
}

// Key is the key of 32 bytes for a purpose under the root key with this id. An
// id that is not among [Keys.IDs] is [Gone].
func (k *Keys) Key(id string, purpose Purpose) (secret.Text, error) {
	key, ok := k.find(id)
	if !ok {
		return secret.Text{}, otherKey(id)
	}
	return key.of[purpose], nil
}

// find compares a handful of ids, which takes less than to hash one.
func (k *Keys) find(id string) (key *derivedKeys, ok bool) {
	for i := range k.all {
		if k.all[i].id == id {
			return &k.all[i], true
		}
	}
	return nil, false
}

// Former is what a database has to keep of a key that the vault gives up: the
// keys that were derived from it. It is as secret as they are, so it is to be
// sealed. [Keys.With] takes it back.
func (k *Keys) Former(id string) (secret.Text, error) {
	key, ok := k.find(id)
	if !ok {
		return secret.Text{}, otherKey(id)
	}
	text := []byte{formerVersion}
	for _, purpose := range purposes() {
		text = append(text, key.of[purpose].Reveal()...)
	}
	return secret.New(string(text)), nil
}

// formerVersion is the first byte of [Keys.Former].
const formerVersion = 1

// With are these keys and a former one. A key that is among them already stays
// as it is. What is not of [Keys.Former] is [ErrDamaged].
func (k *Keys) With(id string, former secret.Text) (*Keys, error) {
	if _, ok := k.find(id); ok {
		return k, nil
	}
	text := former.Reveal()
	if len(text) != 1+len(purposes())*keySize || text[0] != formerVersion {
		return nil, ErrDamaged
	}
	of := make(map[Purpose]secret.Text)
	for i, purpose := range purposes() {
		of[purpose] = secret.New(text[1+i*keySize:][:keySize])
	}
	key, err := newDerived(id, of)
	if err != nil {
		return nil, err
	}
	return &Keys{append(slices.Clone(k.all), key)}, nil
}

// otherKey is the error for what was made with a key that is not here.
func otherKey(id string) error { return fail(Gone, "key "+id, nil) }
