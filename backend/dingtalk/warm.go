package dingtalk

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// warmTimeout is short: a dead connection must be found out and closed before
// the next scan, and nobody waits for the result.
const warmTimeout = 5 * time.Second

// Warm makes ready what a scan will need: the app token, a connection to the
// newer API, and two to the older one, because membership and employee record
// are asked for together. Over HTTP/2 the two are one.
//
// The host of the sign-in page is asked as well, beside the others: nobody else
// does before the person looks at it, and a page that does not load tells them
// nothing.
//
// Call it when a QR is shown and about every 30 s while it is up, which also
// keeps routers and servers from closing the connections. A failure does no
// harm and is worth showing: the sign-in would meet it too.
func (c *Client) Warm(ctx context.Context) error {
	var app, api, oapi, page error
	var all sync.WaitGroup
	all.Go(func() { oapi = c.reach(ctx, older, 2) })
	all.Go(func() { page = c.seeLogin(ctx) })
	all.Go(func() {
		// Fetching the token opens the connection; a cached one does not.
		if _, ok := c.app.cached(c.now()); ok {
			api = c.reach(ctx, newer, 1)
			return
		}
		_, app = c.AppToken(ctx)
	})
	all.Wait()
	for _, err := range []error{app, api, oapi, page} {
		if err != nil {
			return err
		}
	}
	return nil
}

// seenFor is how long an answer of the sign-in page's host counts: as long as a
// QR is up by default. Its connection is of no use to us, for the page is
// loaded by a browser; so it needs no keeping warm, and each attempt after a
// pause looks once.
const seenFor = 5 * time.Minute

// loginHost remembers when the sign-in page's host last answered.
type loginHost struct {
	mu sync.Mutex
	at time.Time // guarded by mu; zero: never
}

// seeLogin asks the sign-in page's host whether it is there, unless it said so
// a while ago.
func (c *Client) seeLogin(ctx context.Context) error {
	c.seen.mu.Lock()
	age := c.now().Sub(c.seen.at)
	c.seen.mu.Unlock()
	if 0 <= age && age < seenFor { // a clock that was set back says nothing
		return nil
	}
	if err := c.reach(ctx, pages, 1); err != nil {
		return err
	}
	c.seen.mu.Lock()
	c.seen.at = c.now()
	c.seen.mu.Unlock()
	return nil
}

// reach sends n harmless requests at once, each on a connection of its own
// unless the host speaks HTTP/2. What the host answers does not matter.
func (c *Client) reach(ctx context.Context, host api, n int) error {
	ctx, cancel := context.WithTimeout(ctx, warmTimeout)
	defer cancel()
	failures := make([]error, n)
	var connected, all sync.WaitGroup
	connected.Add(n)
	for i := range n {
		all.Go(func() {
			// None gives its connection back before all have one, else the
			// second would take over the first's.
			arrive := sync.OnceFunc(connected.Done)
			defer arrive()
			failures[i] = c.touch(ctx, host, func() { arrive(); connected.Wait() })
		})
	}
	all.Wait()
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

// touch makes one request without a token and calls connected when it has got
// a connection.
func (c *Client) touch(ctx context.Context, host api, connected func()) error {
	if held := c.held(ctx, host.String()); held != nil {
		return fail(held)
	}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected() },
	})
	req, err := c.request(ctx, call{api: host, method: http.MethodHead, path: "/"})
	if err != nil {
		return fail(&Error{Endpoint: host.String(), Err: err})
	}
	resp, err := c.client().Do(req)
	if err != nil {
		failure := &Error{Endpoint: host.String(), Err: reason(err)}
		c.hear(ctx, answer{}, failure) // an answer would not be told: whose it is cannot be seen
		return fail(failure)
	}
	// An unread body would cost the connection that this was for.
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody))
	_ = resp.Body.Close()
	return nil
}
