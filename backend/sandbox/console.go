package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// How often the console hears of changes.
const (
	liveRequests = 80                     // the latest that it shows
	liveGap      = 150 * time.Millisecond // at the least, so that a flood of calls is no flood of news
	liveBeat     = 2 * time.Second        // at the most: Go callers change things without a request
)

type consolePage struct {
	page
	App       App
	Endpoints []string
	Faults    []preset
	Events    []string
}

// preset is a fault that a click sets.
type preset struct {
	Name  string
	Fault Fault
}

// JSON is the fault as /_control/faults takes it.
func (p preset) JSON() (string, error) {
	text, err := json.Marshal(p.Fault)
	return string(text), err
}

func presets() []preset {
	return []preset{
		{"503", Fault{Status: http.StatusServiceUnavailable}},
		{"-1", Fault{ErrCode: -1, Message: "系统繁忙"}},
		{"90018", Fault{Kind: FaultRateLimited}},
		{"88 · 40014", Fault{SubCode: 40014, Message: "不合法的access_token"}},
		{"88 · 60011", Fault{SubCode: 60011, Message: "应用尚未开通所需的权限"}},
		{"88 · 60020", Fault{SubCode: 60020, Message: "访问ip不在白名单之中"}},
		{"InvalidAuthentication", Fault{Code: "InvalidAuthentication", Message: "不合法的access_token"}},
		{"IpNotInWhiteList", Fault{Code: "Forbidden.AccessDenied.IpNotInWhiteList", Status: http.StatusForbidden, Message: "访问ip不在白名单之中"}},
		{"system.error", Fault{Code: "system.error", Status: http.StatusInternalServerError, Message: "系统错误"}},
		{"HTML", Fault{Kind: FaultHTML}},
		{"status 1111", Fault{Kind: FaultGuard}},
		{"10 MB", Fault{Kind: FaultHuge}},
		{"cut", Fault{Kind: FaultCut}},
		{"drop", Fault{Kind: FaultDrop}},
		{"hang", Fault{Kind: FaultHang}},
		{"+3 s", Fault{Latency: 3 * time.Second}},
	}
}

// console is the page for developers who have no company at DingTalk. It is
// guarded like the controls that its buttons press.
func (s *Sandbox) console(w http.ResponseWriter, r *http.Request) {
	if status, why := admit(r); status != http.StatusOK {
		http.Error(w, why, status)
		return
	}
	shown := newPage(r)
	shown.frameAncestors = "'none'"
	s.show(w, r, http.StatusOK, "console.html", consolePage{shown, s.App(), s.endpoints, presets(), callbackTags})
}

// news is what the console shows live. It holds no secret, code or token.
type news struct {
	Now      time.Time          `json:"now"`
	People   int                `json:"people"`
	Revision uint64             `json:"people_revision"` // another whenever anybody changed
	Streams  int                `json:"stream_connections"`
	Waiting  int                `json:"events_waiting"`
	Callback bool               `json:"callback"` // an address is registered
	Showing  []QR               `json:"showing"`
	Faults   map[string][]Fault `json:"faults"`
	Limit    int                `json:"rate_limit"`
	Requests []Request          `json:"requests"` // the newest first
}

func (s *Sandbox) news() news {
	n := news{
		Now: s.Now(), People: s.people.size(), Revision: s.people.revised(), Streams: s.Connections(), Waiting: len(s.PendingEvents()),
		Callback: s.callbacks.any(),
		Showing:  s.Showing(), Faults: s.Faults(), Limit: s.Settings().RateLimit, Requests: []Request{},
	}
	for _, request := range slices.Backward(s.Requests()) {
		if !private(request.Endpoint) {
			n.Requests = append(n.Requests, request)
		}
		if len(n.Requests) == liveRequests {
			break
		}
	}
	return n
}

// live sends the news as server-sent events, at each change.
func (s *Sandbox) live(w http.ResponseWriter, r *http.Request) {
	if status, why := admit(r); status != http.StatusOK {
		http.Error(w, why, status)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	beat := time.NewTicker(liveBeat)
	defer beat.Stop()
	for {
		changed := s.diary.watch() // before the news, so that none is missed
		text, err := json.Marshal(s.news())
		if err != nil {
			return
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", text); err != nil {
			return
		}
		if http.NewResponseController(w).Flush() != nil || !pause(r, liveGap) {
			return
		}
		select {
		case <-changed:
		case <-beat.C:
		case <-r.Context().Done():
			return
		}
	}
}
