package command

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/network"
)

// watchNetwork makes the client tell how its calls go, and DingTalk's time with
// them, and the monitor that this is told to.
func (c *core) watchNetwork(client *dingtalk.Client) *network.Monitor {
	judged := &certificates{clock: c.clock}
	contact := func(ctx context.Context, heard login.Heard) {
		judged.hear(heard)
		// Who asked may be gone with the answer; it tells the time all the same.
		c.clock.Contact(context.WithoutCancel(ctx), heard.Date)
		if !heard.Date.IsZero() {
			c.contacted()
		}
	}
	monitor := network.New(network.Options{
		Probe: func(ctx context.Context) login.Heard {
			heard := client.Ping(ctx)
			contact(ctx, heard)
			return heard
		},
		Moved: client.CloseIdleConnections,
		Log:   c.log,
	})
	client.HTTP = &http.Client{Transport: judged.transport()}
	client.Heard = func(ctx context.Context, heard login.Heard) {
		monitor.Note(heard)
		contact(ctx, heard)
	}
	return monitor
}

// rememberedNetwork is the fact under which the last known state is kept.
const rememberedNetwork = "network"

// networkFact is what «status» tells of the network without asking it.
type networkFact struct {
	State  login.ReachState `json:"state"`
	Reason login.Trouble    `json:"reason,omitempty"`
	Since  time.Time        `json:"since,omitzero"`
}

// rememberNetwork keeps what is known for «status», which is another process;
// at the end, what is known by then.
func (c *core) rememberNetwork(ctx context.Context) {
	var kept login.Reach
	for ended := false; ; {
		changed := c.network.Changed() // before it is looked, so that nothing is missed
		reach := c.network.Reach()
		if reach.State != kept.State || reach.Trouble != kept.Trouble {
			kept = reach
			text, err := json.Marshal(networkFact{reach.State, reach.Trouble, reach.Since.UTC().Truncate(time.Second)})
			if err == nil && reach.State != login.ReachUnknown {
				err = c.store.Remember(context.WithoutCancel(ctx), rememberedNetwork, string(text))
			}
			if err != nil {
				c.log.Debug("remember the state of the network", "error", err) // nobody's problem
			}
		}
		if ended {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			ended = true
		}
	}
}

// lastNetwork is what was known the last time that somebody looked.
func lastNetwork(ctx context.Context, db *database) networkFact {
	unknown := networkFact{State: login.ReachUnknown}
	text, ok, err := db.Recall(ctx, rememberedNetwork)
	if err != nil || !ok {
		return unknown
	}
	var fact networkFact
	if json.Unmarshal([]byte(text), &fact) != nil {
		return unknown
	}
	return fact
}
