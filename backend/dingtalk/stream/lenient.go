package stream

import (
	"encoding/json"
	"strconv"
	"time"
)

// text is a string, or a number in place of one; anything else is "". All
// header values are strings by the protocol, and one that is not must not cost
// the event.
type text string

// UnmarshalJSON never fails.
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
	const year9999 = 253402300799999
	ms, err := strconv.ParseInt(string(t), 10, 64)
	if err != nil || ms <= 0 || ms > year9999 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// content is JSON in a string, as "data" is; or JSON as it stands, should it
// ever come so. null is none.
type content string

// UnmarshalJSON never fails.
func (c *content) UnmarshalJSON(raw []byte) error {
	*c = ""
	switch {
	case raw[0] == '"':
		var s string
		_ = json.Unmarshal(raw, &s) // it is a string
		*c = content(s)
	case string(raw) != "null":
		*c = content(raw)
	}
	return nil
}
