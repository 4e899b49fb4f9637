package callback

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// Types of events, as far as they are about people and departments. DingTalk
// has many more, and adds to them.
const (
	UserAddOrg     = "user_add_org"
	UserActiveOrg  = "user_active_org"
	UserModifyOrg  = "user_modify_org" // what the company knows of a person; not their own nick or avatar
	UserLeaveOrg   = "user_leave_org"
	OrgAdminAdd    = "org_admin_add"
	OrgAdminRemove = "org_admin_remove"
	OrgDeptCreate  = "org_dept_create"
	OrgDeptModify  = "org_dept_modify"
	OrgDeptRemove  = "org_dept_remove"
	OrgChange      = "org_change"
	OrgRemove      = "org_remove"
)

// Types with which DingTalk tests the address. [Handler] answers them itself.
const (
	CheckURL            = "check_url"
	CheckCreateSuiteURL = "check_create_suite_url"
	CheckUpdateSuiteURL = "check_update_suite_url"
)

// Event is one event, a hint that something changed: events come late, twice,
// in another order or not at all, so read the person or the department again
// and take what you find. What DingTalk left out, or sent in a form that cannot
// be read, is the zero value; Raw has it all.
type Event struct {
	Type   string    // such as user_leave_org
	ID     string    // the same each time that an event is sent; "" in the older form
	CorpID string    // the company
	BizID  string    // of the business matter, where there is one
	Time   time.Time // when it happened, or, where that is not told, was sent

	UserIDs []string // the people it is about
	DeptIDs []int64  // the departments it is about

	Diff json.RawMessage // diffInfo of user_modify_org: before and after. Personal data
	Raw  json.RawMessage // the whole event. Personal data
}

// String is the type and the id. It leaves out whatever is personal.
func (e Event) String() string { return fmt.Sprintf("%q %q", e.Type, e.ID) }

// LogValue is the type and the id. It leaves out whatever is personal.
func (e Event) LogValue() slog.Value {
	return slog.GroupValue(slog.String("type", e.Type), slog.String("id", e.ID))
}

var _ slog.LogValuer = Event{}

var errNoObject = errors.New("parse callback event: not a JSON object")

// ParseEvent reads the text of a callback, in its newer form (userId, eventId,
// EventTime, …), its older one (UserId, TimeStamp, …) or a mix: the case of
// keys does not matter, and numbers may be strings. It fails only where the
// text is no JSON object.
func ParseEvent(text []byte) (Event, error) {
	var wire *wireEvent
	if err := json.Unmarshal(text, &wire); err != nil || wire == nil {
		return Event{}, errNoObject // the decoder's own words quote the text
	}
	return wire.event(text), nil
}

// ParseFailed reads an entry of failed_list, the events that DingTalk could not
// deliver: {"call_back_tag":"user_add_org","event_time":…,"user_add_org":
// {"corpid":…,"userid":[…]}}. It fails only where the entry is no JSON object.
func ParseFailed(entry []byte) (Event, error) {
	var outer *struct {
		Tag  text `json:"call_back_tag"`
		Time text `json:"event_time"`
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(entry, &outer); err != nil || outer == nil || json.Unmarshal(entry, &fields) != nil {
		return Event{}, errNoObject
	}
	var wire wireEvent
	for key, value := range fields {
		if strings.EqualFold(key, string(outer.Tag)) {
			_ = json.Unmarshal(value, &wire) // no object: then it tells no more than that it happened
		}
	}
	e := wire.event(entry)
	e.Type = string(outer.Tag)
	if at := outer.Time.time(); !at.IsZero() {
		e.Time = at
	}
	return e, nil
}

// wireEvent is an event as it is sent. encoding/json finds keys whatever their
// case.
type wireEvent struct {
	EventType  text
	EventID    text
	CorpID     text
	BizID      text
	EventTime  text
	TimeStamp  text
	UserID     texts
	UserIDList texts // of label_user_change
	DeptID     texts
	DiffInfo   json.RawMessage
	Random     text // of the checks of a suite's address
}

func (w wireEvent) event(raw []byte) Event {
	e := Event{
		Type:    string(w.EventType),
		ID:      string(w.EventID),
		CorpID:  string(w.CorpID),
		BizID:   string(w.BizID),
		Time:    w.EventTime.time(),
		UserIDs: append(w.UserID, w.UserIDList...),
		Diff:    w.DiffInfo,
		Raw:     json.RawMessage(raw),
	}
	if e.Time.IsZero() {
		e.Time = w.TimeStamp.time()
	}
	for _, id := range w.DeptID {
		if id, err := strconv.ParseInt(id, 10, 64); err == nil {
			e.DeptIDs = append(e.DeptIDs, id)
		}
	}
	return e
}

// text is a string, or a number in place of one. Anything else is unknown, "".
type text string

// UnmarshalJSON never fails: one odd field must not hide the others.
func (t *text) UnmarshalJSON(raw []byte) error {
	*t = ""
	switch c := raw[0]; {
	case c == '"':
		var s string
		_ = json.Unmarshal(raw, &s) // it is a string
		*t = text(s)
	case c == '-', c >= '0' && c <= '9':
		*t = text(raw)
	}
	return nil
}

// time is a time in milliseconds since 1970; the zero time for what is none of
// our age.
func (t text) time() time.Time {
	ms, err := strconv.ParseInt(string(t), 10, 64)
	if err != nil || ms <= 0 || ms > maxMilli {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// maxMilli is the end of the year 9999, the last that RFC 3339 can write.
const maxMilli = 253402300799999

// texts is a list of texts, or one alone; elements that are neither string nor
// number are left out.
type texts []string

// UnmarshalJSON never fails: see text.
func (l *texts) UnmarshalJSON(raw []byte) error {
	*l = nil
	var elements []text
	if json.Unmarshal(raw, &elements) != nil {
		elements = make([]text, 1)
		_ = elements[0].UnmarshalJSON(raw) // never fails
	}
	for _, element := range elements {
		if element != "" {
			*l = append(*l, string(element))
		}
	}
	return nil
}
