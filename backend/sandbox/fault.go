package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// FaultKind is a way to go wrong that has no number on the wire.
type FaultKind string

// The kinds.
const (
	FaultHTML        FaultKind = "html"         // a page of HTML, as a captive portal or proxy sends
	FaultGuard       FaultKind = "guard"        // the traffic guard's {"status":1111,…}
	FaultCut         FaultKind = "cut"          // half of the true answer, then the connection is cut
	FaultHuge        FaultKind = "huge"         // 10 MB of JSON
	FaultRateLimited FaultKind = "rate_limited" // 90018, or QpsLimitForAppkeyAndApi
	FaultHang        FaultKind = "hang"         // no answer until the client goes
	FaultDrop        FaultKind = "drop"         // the connection is cut without an answer
)

// Fault makes calls go wrong. What is sent is decided by the first of Kind,
// ErrCode, SubCode, Code, Body and Status that is set; with none of them the
// true answer is sent, after Latency.
type Fault struct {
	Times   int           `json:"times,omitempty"` // how many calls it spoils; 0: all, until it is cleared
	Latency time.Duration `json:"-"`               // "latency": before anything else

	// After lets the call do its work before its answer is replaced: a one-time
	// code is spent although the client hears of an error.
	After bool `json:"after,omitempty"`

	Kind    FaultKind `json:"kind,omitempty"`
	ErrCode int       `json:"errcode,omitempty"`  // an old-style error, sent as it is
	SubCode int       `json:"sub_code,omitempty"` // an old-style error, wrapped in 88
	Code    string    `json:"code,omitempty"`     // a new-style error
	Message string    `json:"message,omitempty"`  // of those three
	Body    string    `json:"body,omitempty"`     // sent as JSON, whatever it is
	Status  int       `json:"status,omitempty"`   // of Kind html, Code, Body, or alone
}

type plainFault Fault

// MarshalJSON writes the latency as a string.
func (f Fault) MarshalJSON() ([]byte, error) {
	var latency string
	if f.Latency > 0 {
		latency = f.Latency.String()
	}
	return json.Marshal(struct {
		plainFault
		Latency string `json:"latency,omitempty"`
	}{plainFault(f), latency})
}

// UnmarshalJSON reads what MarshalJSON writes, and refuses unknown keys.
func (f *Fault) UnmarshalJSON(data []byte) error {
	wire := struct {
		*plainFault
		Latency string `json:"latency"`
	}{plainFault: (*plainFault)(f)}
	if err := strictJSON(data, &wire); err != nil {
		return err
	}
	return readSpan("latency", wire.Latency, &f.Latency)
}

func (f Fault) check() error {
	kinds := []FaultKind{"", FaultHTML, FaultGuard, FaultCut, FaultHuge, FaultRateLimited, FaultHang, FaultDrop}
	switch {
	case !slices.Contains(kinds, f.Kind):
		return fmt.Errorf("kind: %q is no kind of fault", f.Kind)
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return errors.New("status: want 200 to 599")
	case f.Latency < 0 || f.Times < 0:
		return errors.New("latency, times: want no less than 0")
	}
	return nil
}

// truthful says that the call's own answer is sent.
func (f Fault) truthful() bool {
	return f.Kind == "" && f.ErrCode == 0 && f.SubCode == 0 && f.Code == "" && f.Body == "" && f.Status == 0
}

// play answers in place of the handler.
func (f Fault) play(w http.ResponseWriter, r *http.Request, truth http.Handler) {
	// net/http notices that a client has gone only after the body was read.
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxBody))
	r.Body = io.NopCloser(bytes.NewReader(body))
	if !pause(r, f.Latency) {
		cutConnection()
	}
	if f.truthful() {
		truth.ServeHTTP(w, r)
		return
	}
	var whole capture
	if f.After || f.Kind == FaultCut {
		truth.ServeHTTP(&whole, r)
	}
	switch f.Kind {
	case FaultCut:
		cut(w, &whole)
	case FaultHang:
		<-r.Context().Done()
		cutConnection() // returning would send an empty 200
	case FaultDrop:
		cutConnection()
	default:
		f.send(w, r.URL.Path)
	}
}

// send writes an answer that is wrong but whole.
func (f Fault) send(w http.ResponseWriter, path string) {
	switch {
	case f.Kind == FaultHTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(cmp.Or(f.Status, http.StatusOK))
		_, _ = w.Write([]byte("<!doctype html><title>Sign in to the network</title><p>SANDBOX fault: HTML in place of JSON.</p>\n"))
	case f.Kind == FaultGuard:
		sendGuard(w, GuardJSON, guardBan)
	case f.Kind == FaultHuge:
		sendRaw(w, http.StatusOK, `{"errcode":0,"errmsg":"`+strings.Repeat("x", 10<<20)+`"}`)
	case f.Kind == FaultRateLimited:
		sendTooMany(w, path)
	case f.ErrCode != 0:
		writeTopError(w, &topError{f.ErrCode, cmp.Or(f.Message, "sandbox fault"), false})
	case f.SubCode != 0:
		writeTopError(w, &topError{f.SubCode, cmp.Or(f.Message, "sandbox fault"), true})
	case f.Code != "":
		writeRestError(w, &restError{cmp.Or(f.Status, http.StatusBadRequest), f.Code, cmp.Or(f.Message, "sandbox fault"), nil})
	case f.Body != "":
		sendRaw(w, cmp.Or(f.Status, http.StatusOK), f.Body)
	case !strings.HasPrefix(path, "/v1.0/"):
		w.WriteHeader(f.Status)
	default:
		writeRestError(w, &restError{f.Status, "ServiceUnavailable", "sandbox fault", nil})
	}
}

func sendRaw(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // the client has gone: nobody to tell
}

// cut promises the whole answer and sends half of it.
func cut(w http.ResponseWriter, whole *capture) {
	body := whole.body.Bytes()
	maps.Copy(w.Header(), whole.Header())
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(cmp.Or(whole.status, http.StatusOK))
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush() // without it the half would be thrown away
	cutConnection()
}

// cutConnection ends the handler in net/http's own way to end a connection: its
// server recovers this value and logs nothing.
func cutConnection() { panic(http.ErrAbortHandler) }

// pause waits, and reports false when the client went away.
func pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// capture keeps an answer that is not sent as it is.
type capture struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (c *capture) Header() http.Header {
	if c.header == nil {
		c.header = http.Header{}
	}
	return c.header
}

func (c *capture) WriteHeader(status int)      { c.status = status }
func (c *capture) Write(p []byte) (int, error) { return c.body.Write(p) }

// faults holds, for each endpoint, the faults that come next.
type faults struct {
	mu    sync.Mutex
	queue map[string][]Fault // by path, by route, or "*"
}

// next returns the fault that spoils a call, and counts it.
func (f *faults) next(path, route string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range []string{path, route, "*"} {
		queue := f.queue[key]
		if len(queue) == 0 || (key == "*" && private(route)) {
			continue
		}
		now := queue[0]
		if now.Times == 1 {
			f.queue[key] = queue[1:]
		} else if now.Times > 1 {
			queue[0].Times--
		}
		return now, true
	}
	return Fault{}, false
}

// private says that a route is the sandbox's own, and no part of DingTalk that
// "*" could mean.
func private(route string) bool {
	for _, prefix := range []string{"/_control/", "/_console", "/scan/", "/oauth2/watch/", "/oauth2/continue/", "/oauth2/assets/"} {
		if strings.HasPrefix(route, prefix) {
			return true
		}
	}
	return false
}

// SetFault spoils the calls of an endpoint: a path such as
// "/v1.0/oauth2/userAccessToken", a route such as "/scan/{id}", or "*" for
// everything of DingTalk's that has no fault of its own. Several faults come
// one after the other. They replace those that the endpoint had; none clears
// it.
func (s *Sandbox) SetFault(endpoint string, list ...Fault) error {
	if endpoint != "*" && !strings.HasPrefix(endpoint, "/") {
		return fmt.Errorf("endpoint %q: want a path or *", endpoint)
	}
	for _, fault := range list {
		if err := fault.check(); err != nil {
			return err
		}
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	if s.faults.queue == nil {
		s.faults.queue = map[string][]Fault{}
	}
	s.faults.queue[endpoint] = slices.Clone(list)
	return nil
}

// ClearFaults heals everything.
func (s *Sandbox) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	clear(s.faults.queue)
}

// Faults lists the faults that are still to come, by endpoint.
func (s *Sandbox) Faults() map[string][]Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	list := map[string][]Fault{}
	for endpoint, queue := range s.faults.queue {
		if len(queue) > 0 {
			list[endpoint] = slices.Clone(queue)
		}
	}
	return list
}
