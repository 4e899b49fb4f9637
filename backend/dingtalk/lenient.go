package dingtalk

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// DingTalk's documentation quotes numbers and bools and shows objects in place
// of arrays; its servers, as far as captured, send proper types; SDKs cope
// with both. The types below take either.
//
// One rule decides what happens to a value that is neither: what only
// describes a person is left out, what the membership gate needs must be
// readable.

// text is a string, or a number in place of one. Anything else is unknown, "".
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	*t = ""
	switch raw[0] {
	case '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return errNotJSON
		}
		*t = text(s)
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		*t = text(raw)
	}
	return nil
}

// number is an int64, quoted or not; null and "" are 0. It never goes through
// a float: live order values have 18 digits.
type number int64

func (n *number) UnmarshalJSON(raw []byte) error {
	*n = 0
	raw = bytes.Trim(raw, `"`)
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	value, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return errUnreadable
	}
	*n = number(value)
	return nil
}

// flag is a bool, quoted or not, 1 and 0 included. It knows whether it was
// told at all: null and "" are not.
type flag struct{ value, told bool }

func (f *flag) UnmarshalJSON(raw []byte) error {
	switch string(bytes.Trim(raw, `"`)) {
	case "true", "1":
		*f = flag{true, true}
	case "false", "0":
		*f = flag{false, true}
	case "null", "":
		*f = flag{}
	default:
		return errUnreadable
	}
	return nil
}

// list is an array; a single element in place of one; or either of these in a
// string, as the documentation shows dept_id_list ("[2,3,4]"). Elements that
// cannot be read are left out.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(raw []byte) error {
	*l = nil
	var inside string
	if json.Unmarshal(raw, &inside) == nil && len(inside) > 0 && (inside[0] == '[' || inside[0] == '{') {
		raw = []byte(inside)
	}
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil {
		elements = []json.RawMessage{raw}
	}
	for _, element := range elements {
		var value T
		if blank(element) || json.Unmarshal(element, &value) != nil {
			continue
		}
		*l = append(*l, value)
	}
	return nil
}

// blank reports whether raw is one of the forms of nothing.
func blank(raw []byte) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "", "null", `""`, "{}", "[]":
		return true
	}
	return false
}
