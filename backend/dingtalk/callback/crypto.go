package callback

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // DingTalk signs with it
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/dingpass/dingpass/backend/secret"
)

const (
	keyLength = 43      // characters of an aes_key
	prefix    = 16 + 4  // random bytes, then the length of the text
	blockSize = 32      // of the padding; AES's own is 16
	maxText   = 1 << 20 // bytes of a text to encrypt
)

// Crypto is what DingTalk and an app share for callbacks. Set the fields, ask
// Check once, then use it from any number of goroutines.
type Crypto struct {
	Token  secret.Text // of the subscription: 3–32 letters and digits in the console, 6–63 in the API
	AESKey secret.Text // of the subscription: 43 letters and digits

	// Owner is whom messages must be meant for: the app's AppKey where the
	// console holds the subscription, the corpId where the call_back API does,
	// the SuiteKey for an ISV's. While an ISV creates a suite, which has no key
	// yet, DingTalk writes suite4xxxxxxxxxxxxxxx.
	Owner string
}

// Envelope is a sealed message: a callback as it came, or an answer as it is
// sent. In JSON it is the answer that DingTalk expects.
type Envelope struct {
	Signature string `json:"msg_signature"` // lower-case hex
	Timestamp string `json:"timeStamp"`     // milliseconds since 1970; seconds, in 10 digits, are taken too
	Nonce     string `json:"nonce"`
	Encrypt   string `json:"encrypt"` // base64
}

// Check says what of the settings cannot work: SignatureFailed without a
// token, AESKeyIllegal, OwnerMismatch without an owner.
func (c Crypto) Check() error {
	_, err := c.key()
	switch {
	case c.Token.Empty():
		return &Error{Code: SignatureFailed} // or everybody could sign
	case err != nil:
		return err
	case c.Owner == "":
		return &Error{Code: OwnerMismatch}
	}
	return nil
}

// Sign is the signature over the fields of an envelope: SHA-1 over the token,
// timestamp, nonce and encrypt, sorted as bytes and put together.
//
// Nothing stands between the four, so that one signature fits several ways to
// cut them apart. It says that the message is DingTalk's; see freshness.go for
// what follows for a message that must count once.
func (c Crypto) Sign(timestamp, nonce, encrypt string) string {
	parts := []string{c.Token.Reveal(), timestamp, nonce, encrypt}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) //nolint:gosec // DingTalk signs with it
	return hex.EncodeToString(sum[:])
}

// Decrypt verifies an envelope and returns the text in it. A wrong signature is
// SignatureMismatch; whatever is wrong behind it is DecryptFailed, whose
// Diagnosis says more. Errors are [*Error].
func (c Crypto) Decrypt(e Envelope) ([]byte, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(c.Sign(e.Timestamp, e.Nonce, e.Encrypt)), []byte(e.Signature)) != 1 {
		return nil, &Error{Code: SignatureMismatch}
	}
	text, found := c.open(e.Encrypt)
	if found != 0 {
		return nil, &Error{Code: DecryptFailed, found: found}
	}
	return text, nil
}

// Encrypt seals a text. Errors are [*Error]: TextIllegal, TimestampIllegal and
// NonceIllegal for what is empty, EncryptFailed for more than 1 MiB, and those
// of Check.
func (c Crypto) Encrypt(text []byte, timestamp, nonce string) (Envelope, error) {
	// Letters, as the official samples send: some receivers read the plain
	// bytes as UTF-8 before they take them apart. 16 of them are 80 bits.
	return c.seal(text, timestamp, nonce, rand.Text()[:16])
}

// seal is Encrypt with the random bytes given.
func (c Crypto) seal(text []byte, timestamp, nonce, random string) (Envelope, error) {
	if err := c.Check(); err != nil {
		return Envelope{}, err
	}
	switch {
	case len(text) == 0:
		return Envelope{}, &Error{Code: TextIllegal}
	case timestamp == "":
		return Envelope{}, &Error{Code: TimestampIllegal}
	case nonce == "":
		return Envelope{}, &Error{Code: NonceIllegal}
	case len(text) > maxText:
		return Envelope{}, &Error{Code: EncryptFailed}
	}
	mode, err := c.mode(cipher.NewCBCEncrypter)
	if err != nil {
		return Envelope{}, err
	}
	plain := []byte(random)
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(text))) //nolint:gosec // at most maxText
	plain = append(plain, text...)
	plain = append(plain, c.Owner...)
	pad := blockSize - len(plain)%blockSize
	for range pad {
		plain = append(plain, byte(pad))
	}
	mode.CryptBlocks(plain, plain)
	encrypt := base64.StdEncoding.EncodeToString(plain)
	return Envelope{c.Sign(timestamp, nonce, encrypt), timestamp, nonce, encrypt}, nil
}

// open decrypts what has been verified and returns the text, or what is wrong:
// 16 random bytes, the length, the text, the owner, the padding.
func (c Crypto) open(encrypt string) ([]byte, Code) {
	plain, err := base64.StdEncoding.DecodeString(encrypt)
	if err != nil || len(plain) < 2*aes.BlockSize || len(plain)%aes.BlockSize != 0 {
		return nil, DecryptFailed
	}
	mode, err := c.mode(cipher.NewCBCDecrypter)
	if err != nil {
		return nil, AESKeyIllegal
	}
	mode.CryptBlocks(plain, plain)
	pad, padded := padding(plain)
	if !padded || len(plain)-pad < prefix {
		return nil, DecryptFailed
	}
	rest := plain[prefix : len(plain)-pad]
	length := binary.BigEndian.Uint32(plain[prefix-4:])
	if uint64(length) > uint64(len(rest)) {
		return nil, LengthMismatch
	}
	if subtle.ConstantTimeCompare(rest[length:], []byte(c.Owner)) != 1 {
		return nil, OwnerMismatch
	}
	return rest[:length], 0
}

// padding is the length of the padding, PKCS #7 with blocks of 32, and whether
// every byte of it is right. DingTalk pads to 32; its Go sample pads to 16, and
// receivers take both. It takes the same time whatever it finds; plain has at
// least 32 bytes.
func padding(plain []byte) (int, bool) {
	last := plain[len(plain)-1]
	pad := int(last)
	right := subtle.ConstantTimeLessOrEq(1, pad) & subtle.ConstantTimeLessOrEq(pad, blockSize)
	for i := 1; i <= blockSize; i++ {
		outside := subtle.ConstantTimeLessOrEq(pad+1, i)
		right &= outside | subtle.ConstantTimeByteEq(plain[len(plain)-i], last)
	}
	return pad, right == 1
}

// key is the AES-256 key, the aes_key without the "=" at its end. 43
// characters hold two bits more than 32 bytes. DingTalk makes them at random
// and does not clear these two, so the decoder must not be a strict one.
func (c Crypto) key() ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(c.AESKey.Reveal() + "=")
	if err != nil || len(c.AESKey.Reveal()) != keyLength || len(key) != 32 {
		return nil, &Error{Code: AESKeyIllegal}
	}
	return key, nil
}

// mode is AES-256-CBC in one direction. The first 16 bytes of the key are the
// initialization vector.
func (c Crypto) mode(direction func(cipher.Block, []byte) cipher.BlockMode) (cipher.BlockMode, error) {
	key, err := c.key()
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, &Error{Code: AESKeyIllegal}
	}
	return direction(block, key[:aes.BlockSize]), nil
}
