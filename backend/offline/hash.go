package offline

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/dingpass/dingpass/backend/login"
)

// hasher computes one hash at a time: each takes up to 64 MiB, and a kiosk whose
// keypad several people play with must not run out of memory.
type hasher struct {
	turn    chan struct{} // holds one value while a hash is computed
	compute func(password, salt []byte, c Cost) []byte
}

func newHasher() *hasher {
	return &hasher{turn: make(chan struct{}, 1), compute: func(password, salt []byte, c Cost) []byte {
		return argon2.IDKey(password, salt, c.Passes, c.Memory, 1, uint32(len(record{}.hash)))
	}}
}

// wait takes the turn until done is called.
func (h *hasher) wait(ctx context.Context) (done func(), err error) {
	select {
	case h.turn <- struct{}{}:
		return func() { <-h.turn }, nil
	case <-ctx.Done():
		return nil, login.Fail(login.Cancelled, ctx.Err())
	}
}

// matches computes the record's hash of a password and compares.
func (h *hasher) matches(ctx context.Context, r record, password []byte) (bool, error) {
	done, err := h.wait(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	return subtle.ConstantTimeCompare(h.compute(password, r.salt[:], r.cost), r.hash[:]) == 1, nil
}

// make fills in the salt and the hash of a record.
func (h *hasher) make(ctx context.Context, r *record, password []byte) error {
	done, err := h.wait(ctx)
	if err != nil {
		return err
	}
	defer done()
	_, _ = rand.Read(r.salt[:]) // never fails
	copy(r.hash[:], h.compute(password, r.salt[:], r.cost))
	return nil
}

// calibrated measures this machine.
func (h *hasher) calibrated(ctx context.Context) (Cost, error) {
	done, err := h.wait(ctx)
	if err != nil {
		return Cost{}, err
	}
	defer done()
	return calibrate(func(c Cost) time.Duration {
		from := time.Now()
		h.compute(make([]byte, 32), make([]byte, 16), c)
		return time.Since(from)
	}), nil
}
