package sandbox

import "github.com/dingpass/dingpass/backend/secret"

// Sign is the signature of getuserinfo_bycode, for its vectors.
func Sign(message, key string) string { return sign(message, secret.New(key)) }

// Sealer is the crypto of the callbacks, for its vectors.
type Sealer = sealer

// NewSealer makes one.
func NewSealer(token, aesKey, owner string) (Sealer, error) { return newSealer(token, aesKey, owner) }

func (s sealer) Seal(random, plain string) string { return s.seal([]byte(random), plain) }

func (s sealer) Unseal(sealed string) (string, error) { return s.unseal(sealed) }

func (s sealer) Sign(timestamp, nonce, sealed string) string { return s.sign(timestamp, nonce, sealed) }
