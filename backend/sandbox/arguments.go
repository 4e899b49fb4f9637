package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
)

// arguments are what a call was sent: a JSON object, or the strings of a form
// or a query. Names are compared exactly: encoding/json would take "clientid"
// for clientId, DingTalk would not.
type arguments map[string]any

// text is a string argument, "" where it is absent; ok is false for one of
// another type.
func (a arguments) text(name string) (value string, ok bool) {
	if a[name] == nil {
		return "", true
	}
	value, ok = a[name].(string)
	return value, ok
}

// number is a whole number, or one in a string: DingTalk's own examples quote
// numbers.
func (a arguments) number(name string, otherwise int64) (int64, bool) {
	var digits string
	switch value := a[name].(type) {
	case nil:
		return otherwise, true
	case string:
		digits = value
	case json.Number:
		digits = value.String()
	default:
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// flag is a boolean, or one in a string. Some legacy calls write 0 and 1.
func (a arguments) flag(name string) (value, ok bool) {
	switch value := a[name].(type) {
	case nil:
		return false, true
	case bool:
		return value, true
	case string:
		b, err := strconv.ParseBool(value)
		return b, err == nil
	case json.Number:
		return value == "1", value == "0" || value == "1"
	}
	return false, false
}

// inEnglish reads the language, and refuses one that DingTalk does not know.
func (a arguments) inEnglish(name string) (english, ok bool) {
	language, ok := a.text(name)
	return language == "en_US", ok && (language == "" || language == "zh_CN" || language == "en_US")
}

func parseObject(body []byte) (arguments, bool) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // ids have more digits than a double holds
	var in arguments
	if decoder.Decode(&in) != nil || in == nil || decoder.More() {
		return nil, false
	}
	return in, true
}

func ofValues(values url.Values) arguments {
	in := arguments{}
	for name := range values {
		in[name] = values.Get(name)
	}
	return in
}

// readArguments reads a JSON object, or a form, which the old API takes too.
// A call without a body has no arguments.
func readArguments(r *http.Request) (arguments, bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, false
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		return ofValues(form), err == nil
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return arguments{}, true
	}
	return parseObject(body)
}

// readObject reads a JSON object that was sent as such, as the new API wants it.
func readObject(r *http.Request) (arguments, bool) {
	body, ok := sentJSON(r)
	if !ok {
		return nil, false
	}
	return parseObject(body)
}
