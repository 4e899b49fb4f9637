package dingtalk

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
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

// moment reads the number as milliseconds since 1970; 0 is no moment at all.
func (n number) moment() time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(n)).UTC()
}

// labels is an object of texts, or one in a string. What is no text is left
// out.
type labels map[string]string

func (l *labels) UnmarshalJSON(raw []byte) error {
	*l = nil
	var inside string
	if json.Unmarshal(raw, &inside) == nil {
		raw = []byte(inside)
	}
	var values map[string]text
	if json.Unmarshal(raw, &values) != nil {
		return nil
	}
	for name, value := range values {
		if *l == nil {
			*l = labels{}
		}
		(*l)[name] = string(value)
	}
	return nil
}

// or is the first that has anything; nil when neither has.
func (l labels) or(other labels) map[string]string {
	if len(l) > 0 {
		return l
	}
	return other
}

// pairs is what the frozen API makes of a map by department: a string with
// numbers for keys, {88001:176362}, which is no JSON. An object does as well.
type pairs []pair

type pair struct {
	id    int64
	value string
}

func (p pair) number() (int64, bool) {
	n, err := strconv.ParseInt(p.value, 10, 64)
	return n, err == nil
}

func (p *pairs) UnmarshalJSON(raw []byte) error {
	*p = nil
	bare := strings.Map(func(r rune) rune {
		if strings.ContainsRune("{}\"\\ \t\r\n", r) {
			return -1
		}
		return r
	}, string(raw))
	for field := range strings.SplitSeq(bare, ",") {
		key, value, _ := strings.Cut(field, ":")
		if id, err := strconv.ParseInt(key, 10, 64); err == nil {
			*p = append(*p, pair{id, value})
		}
	}
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

// lax is for what only describes: what cannot be read is left out.
type lax[T any] struct{ is T }

func (l *lax[T]) UnmarshalJSON(raw []byte) error {
	*l = lax[T]{}
	var value T
	if json.Unmarshal(raw, &value) == nil {
		l.is = value
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

// texts, numbers and parts are lists as callers get them: nil when empty.
func texts(l list[text]) []string {
	var plain []string
	for _, value := range l {
		plain = append(plain, string(value))
	}
	return plain
}

func numbers(l list[number]) []int64 {
	var plain []int64
	for _, value := range l {
		plain = append(plain, int64(value))
	}
	return plain
}

// parts is a list that the frozen API joins with bars.
func parts(joined text) []string {
	if joined == "" {
		return nil
	}
	return strings.Split(string(joined), "|")
}

// partNumbers are the numbers among the parts.
func partNumbers(joined text) []int64 {
	var plain []int64
	for _, part := range parts(joined) {
		if n, err := strconv.ParseInt(part, 10, 64); err == nil {
			plain = append(plain, n)
		}
	}
	return plain
}

// blank reports whether raw is one of the forms of nothing.
func blank(raw []byte) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "", "null", `""`, "{}", "[]":
		return true
	}
	return false
}
