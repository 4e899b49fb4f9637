package vault

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/dingpass/dingpass/backend/secret"
)

// A sealed value is
//
//	version  1 byte, 1
//	key id   8 bytes
//	nonce    24 bytes, random
//	the value under XChaCha20-Poly1305, with a tag of 16 bytes
//
// The associated data is the version and key id, the table, row and column with
// their lengths, and the epoch.
//
// XChaCha20-Poly1305 and not AES-GCM: its nonce is long enough to be random
// without a count of the messages (AES-GCM's 96 bits end at 2³², which a large
// directory that is rewritten every night comes near, and a count would be
// wound back with the file), and it is as fast and of constant time on kiosks
// whose processor has no AES, as the Raspberry Pi 4's.
const (
	sealVersion = 1
	headerSize  = 1 + idSize
	nonceSize   = chacha20poly1305.NonceSizeX
)

// ErrDamaged is a value that was not sealed at this place and epoch, or was
// changed since.
var ErrDamaged = errors.New("sealed value is damaged, or was moved")

// keyCipher is what sealing and finding need of one key.
type keyCipher struct {
	header [headerSize]byte
	aead   cipher.AEAD
	lookup *sync.Pool // of HMACs with the key: to begin a new one takes as long as three lookups
}

func newCipher(id string, sealing, lookup secret.Text) (made keyCipher, err error) {
	made.header[0] = sealVersion
	if len(id) != 2*idSize {
		return made, errors.New("key id: of another length")
	}
	if _, err := hex.Decode(made.header[1:], []byte(id)); err != nil {
		return made, fmt.Errorf("key id: %w", err)
	}
	if made.aead, err = chacha20poly1305.NewX([]byte(sealing.Reveal())); err != nil {
		return made, fmt.Errorf("cipher: %w", err)
	}
	made.lookup = &sync.Pool{New: func() any { return hmac.New(sha256.New, []byte(lookup.Reveal())) }}
	return made, nil
}

// Sealer seals values of one epoch of a database. Its methods may be called at
// the same time.
type Sealer struct {
	keys  *Keys
	epoch uint64
}

// Sealer seals with the current key, and opens what any of the keys has sealed,
// in the same epoch.
func (k *Keys) Sealer(epoch uint64) *Sealer { return &Sealer{k, epoch} }

// Seal hides a value that is to live at a place. The same value is sealed
// differently each time.
func (s *Sealer) Seal(table, row, column string, plain []byte) []byte {
	key := s.keys.all[0].own
	sealed := make([]byte, headerSize+nonceSize, headerSize+nonceSize+len(plain)+chacha20poly1305.Overhead)
	copy(sealed, key.header[:])
	_, _ = rand.Read(sealed[headerSize:]) // never fails
	return key.aead.Seal(sealed, sealed[headerSize:], plain, s.associated(key.header, table, row, column))
}

// Open is the reverse of Seal. What was not sealed for this place and epoch is
// [ErrDamaged]; what a key has sealed that is not here is [Gone], with the id of
// that key in the detail.
func (s *Sealer) Open(table, row, column string, sealed []byte) ([]byte, error) {
	if len(sealed) < headerSize+nonceSize+chacha20poly1305.Overhead || sealed[0] != sealVersion {
		return nil, ErrDamaged
	}
	id := hex.EncodeToString(sealed[1:headerSize])
	key, ok := s.keys.find(id)
	if !ok {
		return nil, otherKey(id)
	}
	nonce, body := sealed[headerSize:headerSize+nonceSize], sealed[headerSize+nonceSize:]
	plain, err := key.own.aead.Open(nil, nonce, body, s.associated(key.own.header, table, row, column))
	if err != nil {
		return nil, ErrDamaged
	}
	return plain, nil
}

// associated binds a value to its place. Lengths come before the names, so that
// no two places read the same.
func (s *Sealer) associated(header [headerSize]byte, table, row, column string) []byte {
	data := make([]byte, 0, headerSize+3*4+len(table)+len(row)+len(column)+8)
	data = append(data, header[:]...)
	for _, name := range []string{table, row, column} {
		data = binary.BigEndian.AppendUint32(data, uint32(len(name))) //nolint:gosec // names of a database
		data = append(data, name...)
	}
	return binary.BigEndian.AppendUint64(data, s.epoch)
}

// Lookup turns a value that rows are found by into 32 bytes that are the same
// for the same column, value and key, and cannot be turned back. No epoch has a
// part in it. An empty value has none; nor is there one for a key that is not
// among [Keys.IDs].
func (k *Keys) Lookup(id, column, value string) []byte {
	key, ok := k.find(id)
	if !ok || value == "" {
		return nil
	}
	mac, _ := key.own.lookup.Get().(hash.Hash)
	defer key.own.lookup.Put(mac)
	mac.Reset()
	text := make([]byte, 0, 128)
	text = binary.BigEndian.AppendUint32(text, uint32(len(column))) //nolint:gosec // a name of a database
	_, _ = mac.Write(append(append(text, column...), value...))     // never fails
	return mac.Sum(nil)
}

// SealedBy is the id of the key that a value was sealed with, by its own word;
// "" where it is no sealed value.
func (k *Keys) SealedBy(sealed []byte) string {
	if len(sealed) < headerSize+nonceSize+chacha20poly1305.Overhead || sealed[0] != sealVersion {
		return ""
	}
	return hex.EncodeToString(sealed[1:headerSize])
}
