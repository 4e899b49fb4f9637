package offline_test

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
)

var (
	noon  = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	zhang = identity.Who{CorpID: "ding1", UserID: "zhang"}
)

const pin = "482915"

// memory is a store without a file. The real one is tried in package store.
type memory struct {
	mu      sync.Mutex
	people  map[identity.Who]identity.Record
	current identity.Who
	counts  map[offline.Subject]offline.Tally
	device  offline.Tally
	pins    map[identity.Who][]byte
	badges  map[string]offline.Badge
	facts   map[string]string
	full    error // what writing says
	entered []signlog.Method
}

func (m *memory) ByJobNumber(_ context.Context, number string) (identity.Record, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for who, rec := range m.people {
		if number == "" && who == m.current || number != "" && offline.JobNumber(rec.Identity.JobNo) == number {
			return rec, true, nil
		}
	}
	return identity.Record{}, false, nil
}

func (m *memory) ByWho(_ context.Context, who identity.Who) (identity.Record, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rec, ok := m.people[who]
	return rec, ok, nil
}

func (m *memory) Tries(_ context.Context, of offline.Subject, change func(*offline.Tallies)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := offline.Tallies{Person: m.counts[of], Device: m.device, Unwritten: m.full}
	change(&t)
	m.counts[of], m.device = t.Person, t.Device
	return nil
}

func (m *memory) Enter(ctx context.Context, who identity.Who, by signlog.Method, change func(identity.Record, *offline.Tallies) bool) error {
	rec, ok, err := m.ByWho(ctx, who)
	if err != nil || !ok {
		return &login.Error{Code: login.NotSignedIn, Err: err}
	}
	return m.Tries(ctx, offline.Subject{Who: who}, func(t *offline.Tallies) {
		if change(rec, t) {
			m.current, m.entered = who, append(m.entered, by)
		}
	})
}

func (m *memory) Tallies(_ context.Context, of offline.Subject) (offline.Tallies, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return offline.Tallies{Person: m.counts[of], Device: m.device}, nil
}

func (m *memory) PIN(_ context.Context, who identity.Who) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pins[who], nil
}

func (m *memory) ChangePIN(_ context.Context, who identity.Who, _ signlog.Event, change func([]byte) []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.full != nil {
		return m.full
	}
	m.pins[who] = change(m.pins[who])
	return nil
}

func (m *memory) Recall(_ context.Context, key string) (string, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.facts[key]
	return value, ok, nil
}

func (m *memory) Remember(_ context.Context, key, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.facts[key] = value
	return nil
}

func (m *memory) Badge(_ context.Context, id string) (offline.Badge, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.badges[id]
	return b, ok, nil
}

func (m *memory) KeepBadge(_ context.Context, b offline.Badge) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.badges[b.ID] = b
	return nil
}

func (m *memory) Badges(context.Context) ([]offline.Badge, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.SortedFunc(maps.Values(m.badges), func(a, b offline.Badge) int {
		return cmp.Or(a.Issued.Compare(b.Issued), strings.Compare(a.ID, b.ID))
	}), nil
}

// person adds a person, or puts another record in their place.
func (m *memory) person(edit func(*identity.Record)) identity.Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	rec, ok := m.people[zhang]
	if !ok {
		rec = identity.Record{Identity: identity.Identity{
			CorpID: zhang.CorpID, UserID: zhang.UserID, Name: "张三", JobNo: "A007", Mobile: "13900001111", Active: true,
		}, VerifiedAt: noon}
	}
	if edit != nil {
		edit(&rec)
	}
	m.people[rec.Identity.Who()] = rec
	return rec
}

// keys are keys by their ids, the first of them current.
type keys []string

func (k keys) Current() string { return k[0] }

func (k keys) Key(id string) (secret.Text, error) {
	if !slices.Contains(k, id) {
		return secret.Text{}, &login.Error{Code: login.KeyUnavailable, Detail: "gone"}
	}
	return secret.New(strings.Repeat(id, 32)[:32]), nil
}

// hands is a clock that a test sets.
type hands struct {
	mu     sync.Mutex
	at     identity.Moment
	relied []identity.Moment
}

func (h *hands) Now() identity.Moment {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hands) Relied(_ context.Context, on identity.Moment) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.relied = append(h.relied, on)
}

func (h *hands) pass(d time.Duration) { h.set(func(m *identity.Moment) { m.Now = m.Now.Add(d) }) }

func (h *hands) set(change func(*identity.Moment)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(&h.at)
}

// kiosk is a device with one person, who has just signed in with DingTalk and has
// a PIN.
type kiosk struct {
	*offline.SignIn
	store   *memory
	clock   *hands
	options offline.Options
}

func newKiosk(t *testing.T, edit ...func(*offline.Options)) *kiosk {
	t.Helper()
	m := &memory{
		people: make(map[identity.Who]identity.Record), counts: make(map[offline.Subject]offline.Tally),
		pins: make(map[identity.Who][]byte), badges: make(map[string]offline.Badge),
		facts: map[string]string{"pin_cost": offline.LeastCost().String()},
	}
	clock := &hands{at: identity.Moment{Now: noon, Trust: identity.Measured}}
	k := &kiosk{store: m, clock: clock, options: offline.Options{
		Store: m, Badges: &offline.Badges{Store: m, Keys: keys{"b"}, Clock: clock}, Peppers: keys{"a"}, Clock: clock,
		Policy: identity.Policy{Offline: true, For: 72 * time.Hour, Uses: 20},
		Now:    func() time.Time { return noon },
	}}
	for _, e := range edit {
		e(&k.options)
	}
	k.restart()
	k.Cheap()
	m.current = zhang
	k.enrol(t, m.person(nil), pin)
	return k
}

// restart is another process with the same database.
func (k *kiosk) restart() { k.SignIn = offline.New(k.options) }

func (k *kiosk) enrol(t *testing.T, rec identity.Record, pin string) {
	t.Helper()
	if reason, err := k.Enrol(t.Context(), k.Granted(rec), secret.New(pin)); reason != "" || err != nil {
		t.Fatalf("enrol: %q, %v", reason, err)
	}
}

// signedIn is what a sign-in with DingTalk does to the counts.
func (k *kiosk) signedIn() {
	k.store.mu.Lock()
	defer k.store.mu.Unlock()
	k.store.counts[offline.Subject{Who: zhang}], k.store.device = offline.Tally{}, offline.Tally{}
}

// ByPIN and ByBadge let in at once whom they give a pass.
func (k *kiosk) ByPIN(ctx context.Context, number string, pin secret.Text) (offline.Result, error) {
	r, err := k.SignIn.ByPIN(ctx, number, pin)
	return k.through(ctx, r, err)
}

func (k *kiosk) ByBadge(ctx context.Context, badge secret.Text) (offline.Result, error) {
	r, err := k.SignIn.ByBadge(ctx, badge)
	return k.through(ctx, r, err)
}

func (k *kiosk) through(ctx context.Context, r offline.Result, err error) (offline.Result, error) {
	if err != nil || r.Refused != "" {
		return r, err
	}
	return k.Enter(ctx, r.Pass)
}

func (k *kiosk) try(t *testing.T, number, pin string) offline.Result {
	t.Helper()
	r, err := k.ByPIN(t.Context(), number, secret.New(pin))
	if err != nil {
		t.Fatalf("by PIN: %v", err)
	}
	if r.Allowed() != (r.Refused == "") {
		t.Fatalf("the result contradicts itself: %+v", r)
	}
	return r
}

func (k *kiosk) want(t *testing.T, number, pin string, want offline.Reason) offline.Result {
	t.Helper()
	r := k.try(t, number, pin)
	if r.Refused != want {
		t.Errorf("%q: refused %q, want %q", number, r.Refused, want)
	}
	return r
}
