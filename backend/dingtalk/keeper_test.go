package dingtalk_test

import (
	"context"
	"sync"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/secret"
)

// shelf is a Keeper that several clients share, as several processes share a
// database.
type shelf struct {
	lock chan struct{} // of all slots; full while it is locked

	mu    sync.Mutex
	slots map[string]secret.Text
	saves int
	fails error // of Save, when not nil
}

var _ dingtalk.Keeper = (*shelf)(nil)

func newShelf() *shelf {
	return &shelf{lock: make(chan struct{}, 1), slots: map[string]secret.Text{}}
}

func (s *shelf) Lock(ctx context.Context, _ string) (func(), error) {
	select {
	case s.lock <- struct{}{}:
		return func() { <-s.lock }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *shelf) Load(_ context.Context, slot string) (secret.Text, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.slots[slot], nil
}

func (s *shelf) Save(_ context.Context, slot string, value secret.Text) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails != nil {
		return s.fails
	}
	s.saves++
	s.slots[slot] = value
	return nil
}

func (s *shelf) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = err
}

// holds is what a slot has.
func (s *shelf) holds(t *testing.T, slot string) string {
	t.Helper()
	value, err := s.Load(t.Context(), slot)
	if err != nil {
		t.Fatal(err)
	}
	return value.Reveal()
}
