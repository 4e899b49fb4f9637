package sandbox

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"maps"
	"strconv"
	"strings"
	"time"
)

// Event is something that happened in the company, as DingTalk pushes it.
type Event struct {
	Type   string         `json:"type"`   // user_leave_org, org_dept_modify, …
	ID     string         `json:"id"`     // eventId; "": a new one
	Fields map[string]any `json:"fields"` // what the type has beside the common ones: {"userId":["zhang01"]}
}

// SendEvent pushes an event and returns its id. It goes to the callback
// address that is subscribed or registered for its type; where there is none, to
// one of the Stream connections, and waits for one while there is none.
func (s *Sandbox) SendEvent(e Event) (id string, err error) {
	if e.Type == "" {
		return "", errors.New("type: an event needs one")
	}
	e.ID = cmp.Or(e.ID, rand.Text())
	e.Fields = maps.Clone(e.Fields)
	happened := occasion{Event: e, born: s.Now(), corp: s.App().CorpID}
	if reg, ok := s.callbacks.listener(e.Type); ok {
		s.staff.do(s.callbackWork(reg, happened))
		return e.ID, nil
	}
	return e.ID, s.stream.queue(happened)
}

// occasion is an event that happened.
type occasion struct {
	Event
	born time.Time
	corp string
}

func (o occasion) stamp() string { return strconv.FormatInt(o.born.UnixMilli(), 10) }

// forStream is the data of a frame (contract 9.2).
func (o occasion) forStream() string {
	return o.with(map[string]any{"eventId": o.ID, "timeStamp": o.stamp()})
}

// forCallback is the body of a callback before it is encrypted (contract 8.4).
// The older form has no ids, and its names begin with a capital letter.
func (o occasion) forCallback(older bool) string {
	if older {
		fields := map[string]any{}
		for name, value := range o.Fields {
			first := min(1, len(name))
			fields[strings.ToUpper(name[:first])+name[first:]] = value
		}
		o.Fields = fields
		return o.with(map[string]any{"EventType": o.Type, "TimeStamp": o.born.UnixMilli(), "CorpId": o.corp})
	}
	return o.with(map[string]any{
		"EventType": o.Type, "EventTime": o.born.UnixMilli(), "CorpId": o.corp,
		"BizId": o.ID, "eventId": o.ID, "timeStamp": o.stamp(),
	})
}

func (o occasion) with(common map[string]any) string {
	maps.Copy(common, o.Fields)
	text, err := json.Marshal(common)
	if err != nil { // a Go caller's field that JSON cannot hold
		return "{}"
	}
	return string(text)
}
