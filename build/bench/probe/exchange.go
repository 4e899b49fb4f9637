package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"sync"
)

// exchanges stands before the provider and notes every code that a client
// brings to it, as a form or as JSON.
type exchanges struct {
	provider http.Handler

	mu      sync.Mutex // guards all below
	count   map[string]int
	changed chan struct{} // closed and replaced at each exchange
}

func newExchanges(provider http.Handler) *exchanges {
	return &exchanges{provider: provider, count: make(map[string]int), changed: make(chan struct{})}
}

// ServeHTTP notes and passes on.
func (e *exchanges) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAnswer))
		if err != nil {
			http.Error(w, "body cannot be read", http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if code := codeIn(body); code != "" {
			defer e.note(code) // once it is answered, so that what follows is not taken for it
		}
	}
	e.provider.ServeHTTP(w, r)
}

// codeIn finds the one-time code in the body of an exchange.
func codeIn(body []byte) string {
	var fields struct {
		Code string `json:"code"`
	}
	if json.Unmarshal(body, &fields) == nil {
		return fields.Code
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return ""
	}
	return form.Get("code")
}

func (e *exchanges) note(code string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.count[code]++
	close(e.changed)
	e.changed = make(chan struct{})
}

// of says how often the code was exchanged, and what is closed at the next
// exchange of any.
func (e *exchanges) of(code string) (count int, changed <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.count[code], e.changed
}
