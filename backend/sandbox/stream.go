package sandbox

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"
)

// maxWaiting bounds the events that nobody has acknowledged.
const maxWaiting = 100_000

// stream is the gateway's side of all Stream connections (contract 9). Which
// connection gets an event is whichever asks first: DingTalk says that it is
// random, and that it is one.
type stream struct {
	clock *clock

	mu      sync.Mutex
	tickets shelf[subscriber]
	joined  map[*connection]bool
	waiting []*delivery          // in order of their sending
	sent    map[string]*delivery // by the id of each message that carried it
	changed chan struct{}        // closed and replaced when a connection has something new to look at
}

func newStream(clock *clock) *stream {
	return &stream{clock: clock, joined: map[*connection]bool{}, sent: map[string]*delivery{}, changed: make(chan struct{})}
}

// subscriber is what a ticket is for.
type subscriber struct {
	Client string
	Events bool     // subscribed to EVENT *
	Topics []string // of CALLBACK
}

// connection is one websocket.
type connection struct {
	id     string
	events bool
	topics []string
	cut    func()
	gone   chan struct{} // closed when it has ended

	// Guarded by the stream's mutex.
	bye   *string // why it shall disconnect
	ping  bool    // it shall be asked at once
	asked time.Time
	calls []*streamCall // to be sent, or sent and not answered
}

// delivery is an event on its way.
type delivery struct {
	occasion
	due      time.Time // the next attempt, unless it is acknowledged before
	attempts int
	messages []string
}

func (st *stream) wake() {
	close(st.changed)
	st.changed = make(chan struct{})
}

func (st *stream) queue(o occasion) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.waiting) >= maxWaiting {
		return errors.New("too many events wait to be acknowledged")
	}
	st.waiting = append(st.waiting, &delivery{occasion: o, due: o.born})
	st.wake()
	return nil
}

func (st *stream) join(c *connection) {
	st.mu.Lock()
	defer st.mu.Unlock()
	c.asked = st.clock.Now()
	st.joined[c] = true
}

func (st *stream) leave(c *connection) {
	st.mu.Lock()
	defer st.mu.Unlock()
	delete(st.joined, c)
	close(c.gone)
}

// turn is what a connection does next: send a frame, disconnect after it, or
// wait until a moment or a change.
type turn struct {
	frame   *frame
	last    bool
	until   time.Time
	changed <-chan struct{}
}

// next decides a connection's turn. An event that nobody acknowledged within
// ackWait is sent again, under another message id and the same eventId.
func (st *stream) next(c *connection, ackWait, pingEvery time.Duration) turn {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.clock.Now()
	if c.bye != nil {
		return turn{frame: c.system("disconnect", map[string]string{"reason": *c.bye}, now), last: true}
	}
	if c.ping || !now.Before(c.asked.Add(pingEvery)) {
		c.ping, c.asked = false, now
		return turn{frame: c.system("ping", map[string]string{"opaque": rand.Text()}, now)}
	}
	if call := c.unsent(); call != nil {
		frame := c.frame("CALLBACK", call.topic, call.data, now)
		call.message = frame.Headers["messageId"]
		return turn{frame: frame}
	}
	t := turn{until: c.asked.Add(pingEvery), changed: st.changed}
	for _, d := range st.waiting {
		if !c.events {
			break
		}
		if d.due.After(now) {
			if d.due.Before(t.until) {
				t.until = d.due
			}
			continue
		}
		d.due, d.attempts = now.Add(ackWait), d.attempts+1
		t.frame = c.event(d, now)
		d.messages = append(d.messages, t.frame.Headers["messageId"])
		st.sent[t.frame.Headers["messageId"]] = d
		return t
	}
	return t
}

// answered takes a client's reply to a message. Anything but success leaves an
// event to be sent again.
func (st *stream) answered(c *connection, r reply) {
	st.mu.Lock()
	defer st.mu.Unlock()
	c.answered(r)
	d, ok := st.sent[r.Headers["messageId"]]
	if !ok || !r.success() {
		return
	}
	for _, id := range d.messages {
		delete(st.sent, id)
	}
	st.waiting = slices.DeleteFunc(st.waiting, func(other *delivery) bool { return other == d })
}

// frame is a message to a client (contract 9.2).
type frame struct {
	SpecVersion string            `json:"specVersion"`
	Type        string            `json:"type"`
	Headers     map[string]string `json:"headers"`
	Data        string            `json:"data"` // JSON in a string
}

func (c *connection) frame(kind, topic, data string, now time.Time) *frame {
	return &frame{"1.0", kind, map[string]string{
		"appId": "sandbox", "connectionId": c.id, "contentType": "application/json",
		"messageId": rand.Text(), "time": strconv.FormatInt(now.UnixMilli(), 10), "topic": topic,
	}, data}
}

func (c *connection) system(topic string, data map[string]string, now time.Time) *frame {
	text, _ := json.Marshal(data) // strings only
	return c.frame("SYSTEM", topic, string(text), now)
}

func (c *connection) event(d *delivery, now time.Time) *frame {
	f := c.frame("EVENT", "*", d.forStream(), now)
	f.Headers["eventType"], f.Headers["eventId"] = d.Type, d.ID
	f.Headers["eventCorpId"], f.Headers["eventBornTime"] = d.corp, d.stamp()
	f.Headers["eventUnifiedAppId"] = "sandbox"
	return f
}

// reply is a client's answer to a frame (contract 9.3).
type reply struct {
	Code    int               `json:"code"`
	Headers map[string]string `json:"headers"`
	Message string            `json:"message"`
	Data    string            `json:"data"`
}

// success is code 200 without the wish to see the event later. A client that
// has no handler (404) has not handled it.
func (r reply) success() bool {
	var said struct {
		Status string `json:"status"`
	}
	_ = json.Unmarshal([]byte(r.Data), &said) // other data is no wish
	return r.Code == 200 && said.Status != "LATER"
}

// PendingEvent is an event that no Stream client has acknowledged.
type PendingEvent struct {
	ID       string    `json:"id"`
	Type     string    `json:"type"`
	Attempts int       `json:"attempts"`
	Due      time.Time `json:"due"` // of the next attempt, where a connection is there for it
}

// PendingEvents lists the events that are still to be acknowledged, the oldest first.
func (s *Sandbox) PendingEvents() []PendingEvent {
	s.stream.mu.Lock()
	defer s.stream.mu.Unlock()
	list := []PendingEvent{}
	for _, d := range s.stream.waiting {
		list = append(list, PendingEvent{d.ID, d.Type, d.attempts, d.due})
	}
	return list
}

// Connections counts the Stream connections.
func (s *Sandbox) Connections() int {
	s.stream.mu.Lock()
	defer s.stream.mu.Unlock()
	return len(s.stream.joined)
}

// Disconnect tells every Stream client to go, as DingTalk does before it
// retires a gateway: nothing is pushed any more, and the connection ends when
// the client ends it or after ten seconds.
func (s *Sandbox) Disconnect(reason string) { s.stream.order(func(c *connection) { c.bye = &reason }) }

// Ping asks every Stream client whether it is there.
func (s *Sandbox) Ping() { s.stream.order(func(c *connection) { c.ping = true }) }

// DropConnections cuts every Stream connection without a word.
func (s *Sandbox) DropConnections() { s.stream.order(func(c *connection) { c.cut() }) }

func (st *stream) order(do func(*connection)) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for c := range st.joined {
		do(c)
	}
	st.wake()
}
