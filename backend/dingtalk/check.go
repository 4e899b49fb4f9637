package dingtalk

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Health is what [Client.Check] found.
type Health struct {
	// ClockSkew is how far this machine's clock is ahead of DingTalk's
	// (negative: behind), give or take a second, the Date header's unit.
	ClockSkew  time.Duration
	ClockKnown bool          // false: no answer, or one without a readable Date header
	RoundTrip  time.Duration // of the token call, connecting included
}

// Check asks DingTalk for an app token, whether or not one is cached, and
// touches the two hosts that the token call does not. It tells
// whether client id, secret, address list and network are in order. What was
// found out before an error is in Health.
func (c *Client) Check(ctx context.Context) (Health, error) {
	fetch := c.tokenCall()
	asked := c.now()
	answer, failure := c.send(ctx, fetch)
	answered := c.now()

	health := Health{RoundTrip: answered.Sub(asked)}
	if date, err := http.ParseTime(answer.date); err == nil {
		// The header is cut to whole seconds and was written about midway.
		midway := asked.Add(health.RoundTrip / 2)
		health.ClockSkew, health.ClockKnown = midway.Sub(date.Add(time.Second/2)), true
	}

	var got tokenAnswer
	if failure == nil {
		failure = answer.decode(&got)
	}
	c.note(ctx, fetch, asked, answer, failure)
	c.hear(ctx, answer, failure)
	if failure != nil {
		failure.Endpoint = fetch.path
		return health, fail(failure)
	}
	fresh, err := got.kept(fetch, asked)
	if err != nil {
		return health, err
	}
	c.app.keep(fresh)

	var oapi, page error
	var both sync.WaitGroup
	both.Go(func() { oapi = c.reach(ctx, older, 1) })
	both.Go(func() { page = c.reach(ctx, pages, 1) })
	both.Wait()
	if oapi != nil {
		return health, oapi
	}
	return health, page
}
