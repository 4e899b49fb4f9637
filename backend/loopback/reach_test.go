package loopback_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

// reach is a network that a test changes.
type reach struct {
	mu      sync.Mutex
	now     login.Reach
	changed chan struct{}
	retried int
}

var _ login.NetworkState = (*reach)(nil)

func newReach(now login.Reach) *reach { return &reach{now: now, changed: make(chan struct{})} }

func (r *reach) set(now login.Reach) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = now
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *reach) Reach() login.Reach       { r.mu.Lock(); defer r.mu.Unlock(); return r.now }
func (r *reach) Changed() <-chan struct{} { r.mu.Lock(); defer r.mu.Unlock(); return r.changed }
func (r *reach) Retry()                   { r.mu.Lock(); defer r.mu.Unlock(); r.retried++ }

// known is what a snapshot says of the network, the clock and the verdict.
type known struct {
	Now     time.Time
	Network *struct {
		State, Reason string
		Since         time.Time
		NextTryAt     time.Time `json:"next_try_at"`
	}
	Clock *struct {
		Suspended  bool
		OffSeconds int `json:"off_seconds"`
	}
	Person *struct {
		Verdict, Reason string
		UsesLeft        int       `json:"uses_left"`
		OfflineUntil    time.Time `json:"offline_until"`
	}
}

func (s *site) known() (got known) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(s.get("/api/snapshot", ours...).body), &got); err != nil {
		s.t.Fatal(err)
	}
	return got
}

// B1.4 and pretixscan-android PR 28: which mode is on, why, and when it tries
// again.
func TestTheInterfaceIsToldOfTheNetworkAsItChanges(t *testing.T) {
	t.Parallel()
	now := time.Now()
	n := newReach(login.Reach{State: login.Offline, Trouble: login.TroubleDNS, Since: now.Add(-time.Hour), NextTry: now.Add(time.Minute)})
	s := newSite(t, func(p *plan) { p.options.Network = n })
	s.launch()
	got := s.known()
	if got.Network == nil || got.Network.State != "offline" || got.Network.Reason != "dns" ||
		got.Now.Sub(got.Network.Since) < time.Hour || got.Network.NextTryAt.Sub(got.Now) > time.Minute {
		t.Fatalf("network is %+v", got.Network)
	}
	page := s.follow()
	if first, err := page.event(); err != nil || !strings.Contains(first["data"], `"state":"offline"`) {
		t.Fatalf("%v, %v", first, err)
	}
	n.set(login.Reach{State: login.Online})
	next, err := page.event()
	if err != nil || !strings.Contains(next["data"], `"network":{"state":"online"}`) {
		t.Errorf("%v, %v", next, err)
	}
}

func TestWhereNobodyWatchesTheNetworkNothingIsSaidOfIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.launch()
	if got := s.known(); got.Network != nil || got.Clock != nil {
		t.Errorf("told %+v", got)
	}
	if got := s.post("/api/network/retry", "", ours...); got.status != 202 {
		t.Errorf("retry: status %d", got.status)
	}
}

func TestOnlyOurPageMayHaveTheNetworkAsked(t *testing.T) {
	t.Parallel()
	n := newReach(login.Reach{State: login.Offline})
	s := newSite(t, func(p *plan) { p.options.Network = n })
	s.launch()
	for name, status := range map[string]int{
		s.post("/api/network/retry", "", ours...).raw:                                          202,
		s.post("/api/network/retry", "", "Cookie: {cookie}").raw:                               403,
		s.post("/api/network/retry", "", "Origin: {origin}").raw:                               403,
		s.post("/api/network/retry", "", "Cookie: {cookie}", "Origin: http://127.0.0.1:1").raw: 403,
		s.get("/api/network/retry", ours...).raw:                                               405,
	} {
		if !strings.HasPrefix(name, "HTTP/1.1 "+itoa(status)) {
			t.Errorf("want %d, got %s", status, name)
		}
	}
	if n.retried != 1 {
		t.Errorf("asked %d times", n.retried)
	}
}

// O11: the screen shows why.
func TestAPersonIsShownWithTheirVerdict(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		rec             identity.Record
		at              identity.Moment
		verdict, reason string
		left            int
		until           bool
		suspended       bool
		off             int // of the clock; 0: nothing is said
	}{
		"fresh":           {rec: identity.Record{VerifiedAt: now}, at: identity.Moment{Now: now}, verdict: "allow", reason: "fresh", left: 20, until: true},
		"used five times": {rec: identity.Record{VerifiedAt: now, Used: identity.Usage{Person: 5}}, at: identity.Moment{Now: now}, verdict: "allow", reason: "fresh", left: 15, until: true},
		"gone":            {rec: identity.Record{VerifiedAt: now, Refused: identity.Gone}, at: identity.Moment{Now: now}, verdict: "deny", reason: "gone"},
		"too old":         {rec: identity.Record{VerifiedAt: now.Add(-72 * time.Hour)}, at: identity.Moment{Now: now}, verdict: "needs_online", reason: "too_old", until: true},
		"the clock was set back": {rec: identity.Record{VerifiedAt: now}, at: identity.Moment{Now: now, Trust: identity.Behind, Off: -24 * time.Hour},
			verdict: "suspended", reason: "clock_behind", until: true, suspended: true, off: -86400},
		"the clock is ahead, which DingTalk's time heals": {rec: identity.Record{VerifiedAt: now}, at: identity.Moment{Now: now, Trust: identity.Measured, Off: time.Hour},
			verdict: "allow", reason: "fresh", left: 20, until: true, off: 3600},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.rec.Identity = identity.Identity{CorpID: "corp", UserID: "zhang01", Name: "张三", Active: true}
			s := newIdleSite(t, func(p *plan) {
				p.store.current = &tc.rec
				p.options.Clock = func() identity.Moment { return tc.at }
			})
			s.launch()
			got := s.known()
			if got.Person == nil || got.Person.Verdict != tc.verdict || got.Person.Reason != tc.reason ||
				got.Person.UsesLeft != tc.left || got.Person.OfflineUntil.IsZero() == tc.until {
				t.Errorf("person is %+v", got.Person)
			}
			if (got.Clock != nil) != (tc.off != 0) || got.Clock != nil && (got.Clock.OffSeconds != tc.off || got.Clock.Suspended != tc.suspended) {
				t.Errorf("clock is %+v", got.Clock)
			}
		})
	}
}
