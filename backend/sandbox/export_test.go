package sandbox

import (
	"errors"
	"net/http"

	"github.com/dingpass/dingpass/backend/secret"
)

// Sign is the signature of getuserinfo_bycode, for its vectors.
func Sign(message, key string) string { return sign(message, secret.New(key)) }

// Sealer is the crypto of the callbacks, for its vectors.
type Sealer = sealer

// NewSealer makes one.
func NewSealer(token, aesKey, owner string) (Sealer, error) { return newSealer(token, aesKey, owner) }

func (s sealer) Seal(random, plain string) string { return s.seal([]byte(random), plain) }

func (s sealer) Unseal(sealed string) (string, error) { return s.unseal(sealed) }

func (s sealer) Sign(timestamp, nonce, sealed string) string { return s.sign(timestamp, nonce, sealed) }

// CallNobody makes every callback address unreachable, for addresses that
// nobody in their senses registered.
func (s *Sandbox) CallNobody() { s.courier = &http.Client{Transport: nobody{}} }

type nobody struct{}

func (nobody) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("nobody is there")
}

// Calls are the routes of DingTalk's calls.
func (s *Sandbox) Calls() []string { return s.endpoints }
