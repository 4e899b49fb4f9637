package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
)

// streamCall is a CALLBACK frame: DingTalk asks, and the client's reply is the
// answer.
type streamCall struct {
	topic, data string
	message     string     // the id of the frame; "" until it is sent
	answer      chan Reply // holds one
}

// Reply is what a Stream client said to a call.
type Reply struct {
	Code    int    `json:"code"`    // 200; 404: no handler; 500: the handler failed
	Message string `json:"message"` // in words
	Data    string `json:"data"`    // as it was sent: JSON in a string, {"response":…}
}

// Call pushes a CALLBACK frame to one of the Stream connections that have
// subscribed to its topic, and waits for the reply. data becomes the frame's
// JSON.
//
// Other than an event, a call is sent once and to nobody later, as was reported
// of messages to robots: it is an error where no connection has subscribed, or
// where the one that got it ends before it has replied.
func (s *Sandbox) Call(ctx context.Context, topic string, data any) (Reply, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return Reply{}, errors.New("data: not JSON")
	}
	call := &streamCall{topic: topic, data: string(text), answer: make(chan Reply, 1)}
	c, err := s.stream.call(call)
	if err != nil {
		return Reply{}, err
	}
	defer s.stream.forget(c, call)
	select {
	case answer := <-call.answer:
		return answer, nil
	case <-ctx.Done():
		return Reply{}, ctx.Err()
	case <-c.gone:
	}
	select {
	case answer := <-call.answer: // and went
		return answer, nil
	default:
		return Reply{}, errors.New("the connection ended without a reply")
	}
}

// call gives a call to one of the connections that want it: whichever the map
// yields first, which is as random as DingTalk says it is.
func (st *stream) call(call *streamCall) (*connection, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for c := range st.joined {
		if c.bye == nil && slices.Contains(c.topics, call.topic) {
			c.calls = append(c.calls, call)
			st.wake()
			return c, nil
		}
	}
	return nil, errors.New("topic: no connection has subscribed to it")
}

func (st *stream) forget(c *connection, call *streamCall) {
	st.mu.Lock()
	defer st.mu.Unlock()
	c.calls = slices.DeleteFunc(c.calls, func(other *streamCall) bool { return other == call })
}

// unsent is the oldest call that is still to be sent. The stream is locked.
func (c *connection) unsent() *streamCall {
	i := slices.IndexFunc(c.calls, func(call *streamCall) bool { return call.message == "" })
	if i < 0 {
		return nil
	}
	return c.calls[i]
}

// answered gives a reply to whoever waits for it. The stream is locked.
func (c *connection) answered(r reply) {
	i := slices.IndexFunc(c.calls, func(call *streamCall) bool {
		return call.message != "" && call.message == r.Headers["messageId"]
	})
	if i < 0 {
		return
	}
	c.calls[i].answer <- Reply{r.Code, r.Message, r.Data}
	c.calls = slices.Delete(c.calls, i, i+1)
}
