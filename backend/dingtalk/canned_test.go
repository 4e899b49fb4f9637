package dingtalk_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// canned is a DingTalk without a network, for fuzzing: it has one answer for
// each path, and for all others those of turns, one after the other and then
// the last for ever.
type canned struct {
	answers map[string]string

	mu    sync.Mutex
	turns []string // guarded by mu, as is asked
	asked int
}

// patience is how many requests canned takes of a client: more than an honest
// one has to make of any answers that are tried here.
const patience = 300

var errPatience = errors.New("asked for ever")

func (c *canned) RoundTrip(req *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked++; c.asked > patience {
		return nil, errPatience
	}
	body, ok := c.answers[req.URL.Path]
	if !ok {
		body = c.turns[0]
		if len(c.turns) > 1 {
			c.turns = c.turns[1:]
		}
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
}

// client is a client of these answers alone. Each has turnstiles of its own:
// what waits at them needs a synctest bubble.
func (c *canned) client(legacy bool) *dingtalk.Client {
	return &dingtalk.Client{
		ClientID: "dingabc123", ClientSecret: secret.New(appSecret), CorpID: "ding0a1b", Legacy: legacy,
		LoginURL: "http://127.0.0.1", APIURL: "http://127.0.0.1", OAPIURL: "http://127.0.0.1",
		HTTP: &http.Client{Transport: c},
	}
}

// told is what an answer says: each text and number, at any depth and inside
// strings too, by the name that it stands under. It is a reader of its own, for
// comparison with the client's.
type told map[string][]string

func tell(bodies ...string) told {
	said := told{}
	for _, body := range bodies {
		said.walk(body, "")
	}
	return said
}

func (s told) walk(text, name string) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	for s.value(decoder, name) {
	}
}

// value takes the next value, and reports whether there was one.
func (s told) value(decoder *json.Decoder, name string) bool {
	token, err := decoder.Token()
	if err != nil {
		return false
	}
	switch token := token.(type) {
	case json.Delim:
		for decoder.More() {
			if token == '{' {
				key, err := decoder.Token()
				if err != nil {
					return false
				}
				name, _ = key.(string)
			}
			if !s.value(decoder, name) {
				return false
			}
		}
		_, err := decoder.Token() // the end of it
		return err == nil
	case string:
		s.note(name, token)
		if strings.HasPrefix(token, "[") || strings.HasPrefix(token, "{") {
			s.walk(token, name)
		}
	case json.Number:
		s.note(name, token.String())
	}
	return true
}

func (s told) note(name, value string) {
	name = strings.ToLower(name)
	s[name] = append(s[name], value)
}

// has reports whether the answer says this under the name.
func (s told) has(name, value string) bool { return slices.Contains(s[name], value) }

// hasNumber is has for a number under any of the names. It may be written with
// a sign or zeros before it, as people write them in strings.
func (s told) hasNumber(n int64, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return slices.ContainsFunc(s[name], func(written string) bool {
			value, err := strconv.ParseInt(written, 10, 64)
			return err == nil && value == n
		})
	})
}

// wantRefusal wants an error of the closed list that says nothing of the body.
func wantRefusal(t *testing.T, err error, body string) {
	t.Helper()
	if login.CodeOf(err) == "" || login.CodeOf(err) == login.Internal {
		t.Errorf("an error without a code: %v", err)
	}
	if len(body) > 40 && strings.Contains(err.Error(), body) {
		t.Errorf("the error quotes the answer: %v", err)
	}
}
