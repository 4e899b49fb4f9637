package stream

import (
	"encoding/json"
	"time"
)

// Hasten makes the client's waits short, for tests on real sockets that
// reconnect often. Waits for a sign of life stay long: nothing there depends on
// them.
func (c *Client) Hasten() {
	p := c.pace()
	p.least, p.most, p.healthy = time.Microsecond, time.Millisecond, 0
	c.testingOnlyPace = &p
}

// MaxFrame is the most that is read of a message.
const MaxFrame = maxFrame

// Decode reads a message as a link does, and is the event in it and the id that
// its reply carries.
func Decode(message []byte) (event Event, replyID string, ok bool) {
	f, err := parseFrame(message)
	if err != nil {
		return Event{}, "", false
	}
	_ = f.reason()
	var reply struct {
		Headers struct {
			MessageID string `json:"messageId"`
		} `json:"headers"`
		Data string `json:"data"`
	}
	if json.Unmarshal(echo(f.Data).encode(string(f.Headers.MessageID)), &reply) != nil || reply.Data != string(f.Data) {
		return Event{}, "", false
	}
	return f.event(), reply.Headers.MessageID, true
}

// Place reads an answer to the opening call, and is the address to connect to.
func Place(status int, body []byte) (address string, err error) {
	p, err := readPlace(status, body)
	if err != nil {
		return "", err
	}
	return p.address(), nil
}

// LanesAfter is how many lanes there are after such turns came and went.
func LanesAfter(keys ...[]string) int {
	var l lanes
	var turns []*turn
	for _, k := range keys {
		turns = append(turns, l.join(k))
	}
	for _, t := range turns {
		t.wait()
		t.done()
	}
	return len(l.last)
}
