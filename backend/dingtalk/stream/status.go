package stream

import (
	"time"

	"github.com/dingpass/dingpass/backend/login"
)

// Status is how a connection is doing, for people. It holds no secret and no
// personal data.
type Status struct {
	Since     time.Time // connected without a gap since; zero: not connected
	LastEvent time.Time // when the last event was handed over; zero: none yet
	Opened    int       // connections opened so far

	// Reason is why the last connection ended, in plain words, "" before that.
	Reason string

	// Problem is why there could be no connection when last tried: the code has
	// words in every language. "" once there is one.
	Problem login.Code

	// Retry is when the next try is due; zero when none is.
	Retry time.Time
}

// Status says how the connection is doing. It may be called at any time.
func (c *Client) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

// note changes the status.
func (c *Client) note(change func(*Status)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.status)
}
