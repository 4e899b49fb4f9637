package command

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/dingpass/dingpass/backend/clock"
	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

// certificates tells the time that DingTalk's certificates are judged by: trusted
// time, since with the clock back in 1970 none would be good yet, and with it in
// 2099 none any more, and the one contact that heals it could not be made.
type certificates struct {
	clock *clock.Clock

	// doubted: the wall clock alone tells the time, and by it DingTalk could not
	// prove itself. The next one is judged by the latest moment that is known to
	// have passed. Whichever of the two is wrong, the other gets its turn: a
	// machine that was off for a year has a clock that is right.
	doubted atomic.Bool
}

func (c *certificates) now() time.Time {
	at := c.clock.Now()
	if known := c.clock.Known(); at.Trust == identity.Unconfirmed && !known.IsZero() && c.doubted.Load() {
		return known
	}
	return at.Now
}

// hear takes note of how a call went.
func (c *certificates) hear(heard login.Heard) {
	if heard.Trouble == login.TroubleTLS {
		c.doubted.Store(!c.doubted.Load())
	}
}

// transport reaches DingTalk.
func (c *certificates) transport() *http.Transport {
	transport := dingtalk.NewTransport()
	transport.TLSClientConfig.Time = c.now
	return transport
}
