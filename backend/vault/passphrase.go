package vault

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/dingpass/dingpass/backend/secret"
)

// passParams are how a passphrase becomes a key (RFC 9106). They are no secret,
// and lie in the label.
type passParams struct {
	Salt    []byte `json:"salt"`
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memory_kib"`
	Threads uint8  `json:"threads"`
}

// usualParams is the second recommendation of RFC 9106, section 4: 64 MiB, three
// passes, four lanes.
func usualParams() *passParams {
	p := &passParams{Salt: make([]byte, 16), Time: 3, Memory: 64 << 10, Threads: 4}
	_, _ = rand.Read(p.Salt) // never fails
	return p
}

// bounded reports whether params are neither weaker than OWASP's minimum (19 MiB,
// two passes) nor so strong that nobody would see the end: the label lies where
// others may have written. No params are bounded.
func (p *passParams) bounded() bool {
	return p == nil || len(p.Salt) >= 16 && len(p.Salt) <= 64 && p.Time >= 2 && p.Time <= 32 &&
		p.Memory >= 19<<10 && p.Memory <= 1<<20 && p.Threads >= 1 && p.Threads <= 16
}

// shortestPassphrase is in characters. Whoever has a copy of the data can try
// passphrases for as long as they like.
const shortestPassphrase = 12

// inHead makes the key from a passphrase that somebody knows.
type inHead struct {
	dir string // of systemd's credentials; "" = none
	ask func(ctx context.Context, fresh bool) (secret.Text, error)
}

// asked is what [Options.Ask] or the credential gives for a passphrase.
func (s inHead) asked(ctx context.Context, fresh bool) (secret.Text, error) {
	content, err := credential(s.dir, PassphraseCredential)
	switch {
	case err == nil:
		return secret.New(strings.TrimRight(string(content), "\r\n")), nil
	case !errors.Is(err, errNothing):
		return secret.Text{}, err
	case s.ask == nil:
		return secret.Text{}, fail(Locked, "the passphrase has to be typed at a terminal, or given as credential "+PassphraseCredential, nil)
	}
	return s.ask(ctx, fresh)
}

func (s inHead) what() string { return "passphrase" }

func (s inHead) load(ctx context.Context, l label) (record, error) {
	if l.Passphrase == nil {
		return record{}, fail(Wrong, "the database was not sealed with a passphrase, but with a key in "+string(l.Source), nil)
	}
	passphrase, err := s.asked(ctx, false)
	if err != nil {
		return record{}, err
	}
	return l.Passphrase.key(passphrase)
}

func (s inHead) begin(ctx context.Context, l *label) (record, error) {
	passphrase, err := s.asked(ctx, true)
	if err != nil {
		return record{}, err
	}
	if utf8.RuneCountInString(passphrase.Reveal()) < shortestPassphrase {
		return record{}, fail(Unavailable, fmt.Sprintf("a passphrase needs at least %d characters", shortestPassphrase), nil)
	}
	l.Passphrase = usualParams()
	return l.Passphrase.key(passphrase)
}

func (p *passParams) key(passphrase secret.Text) (record, error) {
	root, err := newRootKey(argon2.IDKey([]byte(passphrase.Reveal()), p.Salt, p.Time, p.Memory, p.Threads, keySize))
	return record{[]recordedKey{{rootKey: root}}}, err
}
