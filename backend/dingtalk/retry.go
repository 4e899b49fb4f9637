package dingtalk

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"net/http"
	"strconv"
	"time"
)

const maxTries = 3

// longestPause is what a read waits at most when DingTalk names a time to come
// back. A longer one is for the caller, in Error.RetryAfter.
const longestPause = 10 * time.Second

// read makes a call that changes nothing, up to three times when DingTalk is
// busy or not well, or wants fewer calls. One with call.once is made again only
// where DingTalk has said that it did nothing. A wait that the context would cut
// short is not begun: the answer at hand is better than a timeout.
func (c *Client) read(ctx context.Context, call call, out any) error {
	for try := 1; ; try++ {
		err := c.do(ctx, call, out)
		if err == nil || try == maxTries {
			return err
		}
		failure := cause(err)
		if !failure.transient() && (call.once || !failure.doubtful()) {
			return err
		}
		wait := max(pause(try), failure.RetryAfter)
		if wait > longestPause {
			return err
		}
		switch waited := sleep(ctx, wait); {
		case waited == nil:
		case errors.Is(waited, context.DeadlineExceeded) && ctx.Err() == nil:
			return err
		default:
			return fail(&Error{Endpoint: call.path, Err: ctx.Err()})
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

// retryAfter reads the header of that name: seconds, or a date (RFC 9110,
// 10.2.3), which is taken by the server's own clock. 0 is none that makes
// sense.
func retryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(seconds, 0), 24*60*60)) * time.Second
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	sent, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return 0
	}
	return min(max(until.Sub(sent), 0), 24*time.Hour)
}
