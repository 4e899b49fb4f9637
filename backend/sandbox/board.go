package sandbox

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"time"
)

// Stage is how far a QR has come.
type Stage string

// The stages of a QR; the last three are final.
const (
	Waiting   Stage = "waiting"
	Scanned   Stage = "scanned"
	Confirmed Stage = "confirmed"
	Refused   Stage = "refused"
	Expired   Stage = "expired"
)

func (s Stage) final() bool { return s != Waiting && s != Scanned }

// ticket is one QR that a login page shows. The phone knows its id, which is
// in the QR; the page alone knows its key, which gets the outcome: who only
// photographed the QR must not learn the one-time code.
type ticket struct {
	id, key string
	ask     ask
	cookie  string // what the framed page's cookie must hold; "" where none is needed
	expires time.Time

	// Guarded by the board's mutex.
	stage   Stage
	outcome outcome
	changed chan struct{} // closed and replaced at each change
	polled  time.Time     // when a device asked last
}

// outcome is what the page is told at the end.
type outcome struct {
	RedirectURL string `json:"redirectUrl,omitempty"`
	ErrorMsg    string `json:"errorMsg,omitempty"`

	// LoginTmpCode is what the legacy frame posts, as a plain string.
	LoginTmpCode string `json:"loginTmpCode,omitempty"`

	// DeviceCode is the one-time code that a device is given when it asks.
	DeviceCode string `json:"-"`
}

// board holds the tickets.
type board struct {
	clock *clock

	mu    sync.Mutex
	byID  shelf[*ticket]
	byKey shelf[*ticket]
}

func (b *board) open(id string, what ask, lifetime time.Duration, needCookie bool) *ticket {
	now := b.clock.Now()
	t := &ticket{
		id: id, key: rand.Text(), ask: what,
		expires: now.Add(lifetime), stage: Waiting, changed: make(chan struct{}),
	}
	if needCookie {
		t.cookie = rand.Text()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.byID.put(t.id, t, t.expires, now)
	b.byKey.put(t.key, t, t.expires, now)
	return t
}

// find returns the ticket of a QR and its stage.
func (b *board) find(id string) (*ticket, Stage, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, is := b.byID.get(id, b.clock.Now())
	if is == unknown {
		return nil, "", false
	}
	return t, b.stageOf(t), true
}

// move puts an unfinished ticket into another stage, and reports whether it
// was unfinished: of two phones that confirm at once, one wins.
func (b *board) move(t *ticket, to Stage, with outcome) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stageOf(t).final() {
		return false
	}
	b.set(t, to, with)
	return true
}

func (b *board) set(t *ticket, to Stage, with outcome) {
	t.stage, t.outcome = to, with
	close(t.changed)
	t.changed = make(chan struct{})
}

// stageOf looks at the clock, too.
func (b *board) stageOf(t *ticket) Stage {
	if !t.stage.final() && !b.clock.Now().Before(t.expires) {
		return Expired
	}
	return t.stage
}

// follow returns the stage of the page's ticket as soon as it is another than
// the one that the page has seen, or when patience or ctx ends.
func (b *board) follow(ctx context.Context, t *ticket, seen Stage, patience time.Duration) (Stage, outcome) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	for {
		b.mu.Lock()
		stage, result, changed := b.stageOf(t), t.outcome, t.changed
		b.mu.Unlock()
		if stage != seen || stage.final() {
			return stage, result
		}
		if b.clock.wait(ctx, t.expires, changed) != nil {
			return stage, result
		}
	}
}

// watched returns the ticket that a page follows with its key.
func (b *board) watched(key string) (*ticket, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, is := b.byKey.get(key, b.clock.Now())
	return t, is != unknown
}

// expire ends every unfinished ticket.
func (b *board) expire() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, slot := range b.byID.slots {
		if !slot.value.stage.final() {
			b.set(slot.value, Expired, outcome{})
		}
	}
}

// QR is a code that some login page shows and nobody has finished.
type QR struct {
	Path   string    `json:"path"` // /scan/ID
	Stage  Stage     `json:"stage"`
	Frame  bool      `json:"frame"`
	Expiry time.Time `json:"expires_at"`
}

// Showing lists the unfinished QR codes, the newest last.
func (s *Sandbox) Showing() []QR {
	b := s.board
	b.mu.Lock()
	defer b.mu.Unlock()
	list := []QR{}
	for _, slot := range b.byID.slots {
		if stage := b.stageOf(slot.value); !stage.final() {
			list = append(list, QR{"/scan/" + slot.value.id, stage, slot.value.ask.Frame, slot.value.expires})
		}
	}
	slices.SortFunc(list, func(a, b QR) int { return a.Expiry.Compare(b.Expiry) })
	return list
}
