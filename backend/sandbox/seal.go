package sandbox

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the protocol's, not ours
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
)

// sealer encrypts and signs callbacks (contract 8.2). The client's own code for
// it is another: a stand-in must not share its mistakes.
type sealer struct {
	token string
	key   []byte // 32 bytes
	owner string
}

const padTo = 32 // not AES's 16

var errSeal = errors.New("the message is not encrypted with this key for this owner")

func newSealer(token, aesKey, owner string) (sealer, error) {
	// The last character may carry spare bits that are not zero: no Strict.
	key, err := base64.StdEncoding.DecodeString(aesKey + "=")
	if err != nil || len(key) != 32 {
		return sealer{}, errors.New("aes_key: want 43 letters and digits")
	}
	return sealer{token, key, owner}, nil
}

// seal encrypts random ‖ length ‖ plain ‖ owner; random has 16 bytes.
func (s sealer) seal(random []byte, plain string) string {
	message := slices.Concat(random, binary.BigEndian.AppendUint32(nil, uint32(len(plain))), []byte(plain), []byte(s.owner)) //nolint:gosec // events are short
	pad := padTo - len(message)%padTo
	message = append(message, strings.Repeat(string(rune(pad)), pad)...)
	block, _ := aes.NewCipher(s.key) // 32 bytes, as newSealer made sure
	cipher.NewCBCEncrypter(block, s.key[:aes.BlockSize]).CryptBlocks(message, message)
	return base64.StdEncoding.EncodeToString(message)
}

// unseal decrypts what seal, or a client that pads to 16, has made.
func (s sealer) unseal(sealed string) (string, error) {
	message, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(message) < padTo || len(message)%aes.BlockSize != 0 {
		return "", errSeal
	}
	block, _ := aes.NewCipher(s.key) // 32 bytes, as newSealer made sure
	cipher.NewCBCDecrypter(block, s.key[:aes.BlockSize]).CryptBlocks(message, message)
	pad := int(message[len(message)-1])
	if pad < 1 || pad > padTo || pad > len(message)-20 {
		return "", errSeal
	}
	for _, b := range message[len(message)-pad:] {
		if int(b) != pad {
			return "", errSeal
		}
	}
	rest := message[16 : len(message)-pad]
	length := uint64(binary.BigEndian.Uint32(rest))
	if length > uint64(len(rest)-4) || //nolint:gosec // rest has 4 bytes at the least, as pad's check made sure
		string(rest[4+length:]) != s.owner {
		return "", errSeal
	}
	return string(rest[4 : 4+length]), nil
}

// sign is the SHA-1 of the sorted four.
func (s sealer) sign(timestamp, nonce, sealed string) string {
	parts := []string{s.token, timestamp, nonce, sealed}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) //nolint:gosec // the protocol's
	return hex.EncodeToString(sum[:])
}

func (s sealer) signed(signature, timestamp, nonce, sealed string) bool {
	return hmac.Equal([]byte(signature), []byte(s.sign(timestamp, nonce, sealed)))
}
