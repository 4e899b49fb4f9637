package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/store"
)

func wantToken(t *testing.T, tokens *store.Tokens, slot, want string) {
	t.Helper()
	if got, err := tokens.Load(t.Context(), slot); err != nil || got.Reveal() != want {
		t.Errorf("slot %q holds %q, %v; want %q", slot, got.Reveal(), err, want)
	}
}

func TestTokensOutliveTheProcess(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	first := mustOpen(t, dir)
	wantToken(t, first.Tokens(), "a", "")
	for _, token := range []string{"t1", "t2"} {
		if err := first.Tokens().Save(t.Context(), "a", secret.New(token)); err != nil {
			t.Fatal(err)
		}
	}
	again := mustOpen(t, dir)
	wantToken(t, again.Tokens(), "a", "t2")
	wantToken(t, again.Tokens(), "b", "")
	if err := again.Tokens().Save(t.Context(), "a", secret.Text{}); err != nil {
		t.Fatal(err)
	}
	wantToken(t, first.Tokens(), "a", "")
}

// Two stores on one directory lock each other out as two processes do.
func TestASlotIsLockedByOneAtATime(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	stores := []*store.Store{mustOpen(t, dir), mustOpen(t, dir)}
	var inside int
	var mu, all = sync.Mutex{}, sync.WaitGroup{}
	for i := range 20 {
		tokens := stores[i%2].Tokens()
		all.Go(func() {
			unlock, err := tokens.Lock(t.Context(), "a")
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			mu.Lock()
			inside++
			if inside != 1 {
				t.Errorf("%d have the lock", inside)
			}
			mu.Unlock()
			if _, err := tokens.Load(t.Context(), "a"); err != nil {
				t.Error(err)
			}
			mu.Lock()
			inside--
			mu.Unlock()
		})
	}
	all.Wait()
}

func TestWhoWaitsForALockStopsWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	tokens := mustOpen(t, dataDir(t)).Tokens()
	unlock, err := tokens.Lock(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := tokens.Lock(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) || login.CodeOf(err) != login.StoreUnavailable {
		t.Errorf("err = %v", err)
	}
	other, err := tokens.Lock(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	other()
}
