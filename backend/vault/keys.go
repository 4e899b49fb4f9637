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

// Keys are the keys of a database, one of them current. They do not change; a
// rotation gives others. All methods may be called at the same time.
type Keys struct {
	roots   []rootKey // the current one first
	ciphers map[string]keyCipher
}

// newKeys derives what sealing needs. The first root key is the current one.
func newKeys(roots []rootKey) (*Keys, error) {
	k := &Keys{roots: roots, ciphers: make(map[string]keyCipher, len(roots))}
	for _, root := range roots {
		made, err := k.cipher(root)
		if err != nil {
			return nil, err
		}
		k.ciphers[root.id] = made
	}
	return k, nil
}

// Current is the id of the key that is used for what is written: 16 hexadecimal
// digits.
func (k *Keys) Current() string { return k.roots[0].id }

// IDs are the ids of all keys, the current one first.
func (k *Keys) IDs() []string {
	ids := make([]string, len(k.roots))
	for i, root := range k.roots {
		ids[i] = root.id
	}
	return ids
}

// Key derives the key of 32 bytes for a purpose from the root key with this id.
// An id that is not among [Keys.IDs] is [Gone].
func (k *Keys) Key(id string, purpose Purpose) (secret.Text, error) {
	i := slices.IndexFunc(k.roots, func(root rootKey) bool { return root.id == id })
	if i < 0 {
		return secret.Text{}, otherKey(id)
	}
	key, err := derive([]byte(k.roots[i].plain.Reveal()), string(purpose), keySize)
	if err != nil {
		return secret.Text{}, fmt.Errorf("derive the key for %s: %w", purpose, err)
	}
	return secret.New(string(key)), nil
}

// otherKey is the error for what was made with a key that is not here.
func otherKey(id string) error { return fail(Gone, "key "+id, nil) }
