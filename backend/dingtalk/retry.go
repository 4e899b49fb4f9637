package dingtalk

import (
	"context"
	"crypto/rand"
	"math/big"
	"time"
)

const maxTries = 3

// read makes a call that changes nothing, up to three times when DingTalk is
// busy or wants fewer calls. A wait that the context would cut short is not
// begun: the answer at hand is better than a timeout.
func (c *Client) read(ctx context.Context, call call, out any) error {
	for try := 1; ; try++ {
		err := c.do(ctx, call, out)
		if err == nil || try == maxTries || !cause(err).transient() {
			return err
		}
		wait := pause(try)
		if end, ok := ctx.Deadline(); ok && time.Until(end) < wait {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return fail(&Error{Endpoint: call.path, Err: ctx.Err()})
		case <-timer.C:
		}
	}
}

// pause is the wait after a try: 1 s, then 2 s, and up to half a second more,
// so that the kiosks of one company do not come back together. DingTalk counts
// calls by the second.
func pause(try int) time.Duration {
	jitter, err := rand.Int(rand.Reader, big.NewInt(int64(500*time.Millisecond)))
	if err != nil { // never since Go 1.24
		return 2 * time.Second
	}
	return time.Duration(try)*time.Second + time.Duration(jitter.Int64())
}
