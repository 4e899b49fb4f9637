package dingtalk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// Keeper keeps tokens where restarts and other processes find them, so that
// all of them together make one refresh. It keeps them in slots with a name
// each, one value to a slot; what a value looks like is not its affair. All
// methods may be called at the same time, and end when their context does.
type Keeper interface {
	// Lock waits until nobody else has the lock of a slot, in this process or
	// another, and takes it. The lock dies with its process. unlock is called
	// once.
	Lock(ctx context.Context, slot string) (unlock func(), err error)

	// Load is what the slot holds; an empty text when it holds nothing. It may
	// be called with the slot's lock or without.
	Load(ctx context.Context, slot string) (secret.Text, error)

	// Save puts a value in the place of the old one, at once or not at all.
	// After nil it survives a loss of power. It is called with the slot's lock
	// held; an empty text empties the slot.
	Save(ctx context.Context, slot string, value secret.Text) error
}

// kept is a token as it is given to a Keeper.
type kept struct {
	Token   string    `json:"token"`
	Renew   time.Time `json:"renew"`             // when to get another, by the wall clock
	Fetch   string    `json:"fetch,omitempty"`   // names the fetch; see appToken.refused
	Refresh string    `json:"refresh,omitempty"` // a person's refresh token
	CorpID  string    `json:"corp_id,omitempty"` // the company that the person chose
}

func (k kept) seal() secret.Text {
	encoded, err := json.Marshal(k)
	if err != nil { // a time beyond the year 9999, from a clock that is wrong
		return secret.Text{}
	}
	return secret.New(string(encoded))
}

// unseal reads a value. One that cannot be read is as good as none: a token
// can be had again.
func unseal(value secret.Text) kept {
	var k kept
	if json.Unmarshal([]byte(value.Reveal()), &k) != nil {
		return kept{}
	}
	return k
}

// good reports whether the token may be used now. A moment too far off was
// written by a clock that was wrong.
func (k kept) good(now time.Time) bool {
	left := k.Renew.Sub(now)
	return k.Token != "" && left > 0 && left <= time.Duration(longestLife)
}

// renewAt is when to renew a token that was asked for at a moment: shortly
// before its end, a short-lived one after half its life.
func renewAt(asked time.Time, life time.Duration) time.Time {
	return asked.Add(life - min(renewEarly, life/2))
}

// renewEarly is how long before its end a token is renewed. Asked for within
// its life, DingTalk gives the same app token again and extends it.
const renewEarly = 5 * time.Minute

// lockWait bounds the wait for another process's refresh: its call and its
// write to disk take no longer.
const lockWait = 30 * time.Second

// keeping makes an error of a Keeper's one of ours.
func keeping(doing string, err error) error {
	if _, ok := errors.AsType[*login.Error](err); ok {
		return err
	}
	code := login.StoreUnavailable
	if errors.Is(err, context.Canceled) {
		code = login.Cancelled
	}
	return login.Fail(code, fmt.Errorf("%s: %w", doing, err))
}

// memory is the Keeper of those who have none: slots of one process.
type memory struct {
	mu     sync.Mutex
	values map[string]secret.Text   // guarded by mu
	locks  map[string]chan struct{} // guarded by mu; full while the slot is locked
}

var _ Keeper = (*memory)(nil)

func (m *memory) Lock(ctx context.Context, slot string) (unlock func(), err error) {
	m.mu.Lock()
	if m.locks == nil {
		m.locks, m.values = map[string]chan struct{}{}, map[string]secret.Text{}
	}
	lock, ok := m.locks[slot]
	if !ok {
		lock = make(chan struct{}, 1)
		m.locks[slot] = lock
	}
	m.mu.Unlock()
	select {
	case lock <- struct{}{}:
		return func() { <-lock }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (m *memory) Load(_ context.Context, slot string) (secret.Text, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[slot], nil
}

func (m *memory) Save(_ context.Context, slot string, value secret.Text) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[slot] = value
	return nil
}
