package stream

import (
	"cmp"
	"encoding/json"
	"errors"

	"github.com/dingpass/dingpass/backend/dingtalk/callback"
)

// maxFrame is the most that is read of a message. DingTalk's Java client takes
// 256 KiB.
const maxFrame = 512 << 10

// What a frame is about, its "type".
const (
	typeSystem   = "SYSTEM"
	typeEvent    = "EVENT"
	typeCallback = "CALLBACK"
)

// frame is a message of DingTalk. encoding/json finds keys whatever their case.
type frame struct {
	Type    text
	Headers struct {
		Topic, MessageID                               text
		EventType, EventID, EventCorpID, EventBornTime text
	}
	Data content
}

var errFrame = errors.New("not a frame")

// parseFrame reads a frame. It fails where the message is no JSON object or has
// no type or no message id, without which it could not be answered.
func parseFrame(message []byte) (frame, error) {
	var f *frame
	if err := json.Unmarshal(message, &f); err != nil || f == nil || f.Type == "" || f.Headers.MessageID == "" {
		return frame{}, errFrame // the decoder's own words quote the message
	}
	return *f, nil
}

// event is the event in a frame. What its text leaves out, the headers tell;
// where the text cannot be read at all, they still tell that something happened.
func (f frame) event() Event {
	event, err := callback.ParseEvent([]byte(f.Data))
	if err != nil {
		event = Event{}
	}
	event.Type = cmp.Or(event.Type, string(f.Headers.EventType))
	event.ID = cmp.Or(event.ID, string(f.Headers.EventID))
	event.CorpID = cmp.Or(event.CorpID, string(f.Headers.EventCorpID))
	if event.Time.IsZero() {
		event.Time = f.Headers.EventBornTime.time()
	}
	return event
}

// reason is DingTalk's for a disconnect.
func (f frame) reason() string {
	var said struct{ Reason text }
	if json.Unmarshal([]byte(f.Data), &said) != nil {
		return ""
	}
	return plainWords(string(said.Reason))
}

// plainWords lets a few plain words through and nothing else: what DingTalk
// puts there ends on a screen, and without digits it can hold neither a ticket
// nor a phone number.
func plainWords(s string) string {
	if len(s) > 60 {
		return ""
	}
	for _, r := range s {
		if r != ' ' && r != '-' && r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return ""
		}
	}
	return s
}
