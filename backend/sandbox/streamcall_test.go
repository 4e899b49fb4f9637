package sandbox_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/coder/websocket"

	"github.com/dingpass/dingpass/backend/sandbox"
)

const robot = "/v1.0/im/bot/messages/get"

// robots opens a connection that wants messages to a robot, and no events.
func (k *kit) robots() client {
	k.t.Helper()
	before := k.Connections()
	opened := k.openStream("subscriptions", []map[string]string{{"type": "CALLBACK", "topic": robot}}).json(k.t)
	socket, _, err := websocket.Dial(k.t.Context(), opened["endpoint"].(string)+"?ticket="+url.QueryEscape(opened["ticket"].(string)), nil) //nolint:bodyclose // Dial's documentation: never needed
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { _ = socket.CloseNow() })
	for k.Connections() == before {
		k.control(http.MethodGet, "events", "")
	}
	return client{k.t, socket}
}

// said is how a call went.
type said struct {
	reply sandbox.Reply
	err   error
}

func (k *kit) call(ctx context.Context, topic string) <-chan said {
	went := make(chan said, 1)
	go func() {
		reply, err := k.Call(ctx, topic, map[string]any{"text": "你好"})
		went <- said{reply, err}
	}()
	return went
}

func TestACallGetsItsReply(t *testing.T) {
	t.Parallel()
	k := start(t)
	events, c := k.stream(), k.robots()
	answered := make(chan reply, 1)
	go func() {
		res, err := k.try(http.MethodPost, "/_control/calls", `{"topic":"`+robot+`","data":{"text":"你好"}}`, "Content-Type", "application/json")
		if err != nil {
			t.Error(err)
		}
		answered <- res
	}()
	m := c.next()
	if m.Type != "CALLBACK" || m.Headers["topic"] != robot || m.Headers["messageId"] == "" || m.Data != `{"text":"你好"}` {
		t.Errorf("got %v", m)
	}
	k.Ping() // who has not subscribed gets nothing before it
	if m := events.next(); m.Headers["topic"] != "ping" {
		t.Errorf("the other connection got %v", m)
	}
	c.reply(message{Headers: map[string]string{"messageId": "another"}}, 500, "")
	c.reply(m, 200, `{"response":{"status":"ok"}}`)
	res := <-answered
	if got := res.json(t); got["code"] != 200.0 || got["data"] != `{"response":{"status":"ok"}}` {
		t.Errorf("the control says %d %s", res.status, res.body)
	}
}

func TestCallsAreAnsweredInAnyOrder(t *testing.T) {
	t.Parallel()
	k := start(t)
	c := k.robots()
	one := k.call(t.Context(), robot)
	first := c.next()
	two := k.call(t.Context(), robot)
	c.reply(c.next(), 404, "")
	if went := <-two; went.err != nil || went.reply.Code != 404 {
		t.Errorf("the second: %+v", went)
	}
	c.reply(first, 200, "{}")
	if went := <-one; went.err != nil || went.reply.Code != 200 || went.reply.Data != "{}" {
		t.Errorf("the first: %+v", went)
	}
}

func TestACallIsMadeOnceOrNotAtAll(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.stream() // wants events only
	if res := k.control(http.MethodPost, "calls", `{"topic":"`+robot+`"}`); res.status != http.StatusBadRequest {
		t.Errorf("nobody wants it: %d %s", res.status, res.body)
	}
	c := k.robots()
	lost := k.call(t.Context(), robot)
	c.next()
	k.DropConnections()
	if went := <-lost; went.err == nil {
		t.Errorf("the connection was cut: %+v", went)
	}
	for k.Connections() > 0 {
		k.control(http.MethodGet, "events", "")
	}
	c = k.robots()
	ctx, leave := context.WithCancel(t.Context())
	left := k.call(ctx, robot)
	unheard := c.next()
	leave()
	if went := <-left; !errors.Is(went.err, context.Canceled) {
		t.Errorf("who asked has gone: %+v", went)
	}
	c.reply(unheard, 200, "{}") // hurts nobody
	next := k.call(t.Context(), robot)
	m := c.next()
	if m.Headers["messageId"] == unheard.Headers["messageId"] {
		t.Error("a call came twice")
	}
	c.reply(m, 200, "{}")
	if went := <-next; went.err != nil {
		t.Error(went.err)
	}
}

func TestNobodyIsCalledAfterADisconnect(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.robots()
	k.Disconnect("connection expired")
	if went := <-k.call(t.Context(), robot); went.err == nil {
		t.Errorf("got %+v", went)
	}
}
