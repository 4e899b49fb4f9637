package login

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"time"

	"github.com/dingpass/dingpass/backend/secret"
)

// attempt is one QR code's life. Its fields belong to Service.mu, but for those
// that never change after begin.
type attempt struct {
	// Fixed at begin.
	id        string // may be shown; names the attempt to the interface
	state     string // never leaves the process but in the authorization request
	startedAt time.Time
	expiresAt time.Time
	ctx       context.Context // ends with the attempt; every call made for it hangs on it
	end       context.CancelFunc

	// Owned by Service.mu.
	shown    Embed       // how DingTalk was last shown for this attempt
	spent    secret.Text // the code that was accepted, so that its repetition is recognised
	denied   bool        // the answer was a refusal, recognised likewise
	finished bool        // no longer the running attempt
}

func newAttempt(parent context.Context, now time.Time, lifetime time.Duration, shown Embed) *attempt {
	a := &attempt{
		id:        randomText(9),
		state:     randomText(32),
		startedAt: now,
		expiresAt: now.Add(lifetime),
		shown:     shown,
	}
	a.ctx, a.end = context.WithCancel(parent)
	return a
}

// owns reports in constant time whether the state is this attempt's.
func (a *attempt) owns(state string) bool {
	return a != nil && subtle.ConstantTimeCompare([]byte(a.state), []byte(state)) == 1
}

// randomText is n random bytes as unpadded base64url. crypto/rand.Read cannot
// fail since Go 1.24.
func randomText(n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}
