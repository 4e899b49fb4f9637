package store_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/store"
)

// crowd opens the store anew and uses it from eight goroutines, some of them
// for the same person.
func crowd(ctx context.Context, dir string, seed int) error {
	s, err := store.Open(ctx, store.Options{Unlock: store.Plain, Dir: dir})
	if err != nil {
		return err
	}
	errs := make([]error, 8)
	var group sync.WaitGroup
	for g := range errs {
		group.Go(func() {
			for i := range 8 {
				errs[g] = errors.Join(errs[g], visit(ctx, s, seed+g%4, i))
			}
		})
	}
	group.Wait()
	return errors.Join(append(errs, s.Close())...)
}

// visit is what one sign-in does.
func visit(ctx context.Context, s *store.Store, who, turn int) error {
	rec := person()
	rec.Identity.UserID = "user-" + strconv.Itoa(who)
	rec.Identity.UnionID = "union-" + strconv.Itoa(who)
	rec.VerifiedAt = moment.Add(time.Duration(turn) * time.Second)
	err := errors.Join(s.Ready(ctx), s.Keep(ctx, rec), s.Remember(ctx, "embed", "frame"))
	_, current := s.Current(ctx)
	if _, ok := s.UserID(ctx, "dingcorp1", rec.Identity.UnionID); !ok {
		err = errors.Join(err, fmt.Errorf("%s is not known", rec.Identity.UserID))
	}
	return errors.Join(err, current)
}

// canonical/authd #845, ubuntu/aad-auth #475: «database is locked» refused a
// sign-in.
func TestTwoProcessesWithEightGoroutinesEachAreNeverTurnedAway(t *testing.T) {
	t.Parallel()
	dir := dataDir(t) // not there yet: both want to set it up
	first := start(t, command(t, "crowd", dir, "0"))
	second := start(t, command(t, "crowd", dir, "2"))
	if err := crowd(t.Context(), dir, 1); err != nil {
		t.Error(err)
	}
	first.finish(t)
	second.finish(t)
	if err := mustOpen(t, dir).Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// Measured without the turn that setUp takes: one open in a few hundred was told
// that the database is locked.
func TestManyMayOpenANewDirectoryAtOnce(t *testing.T) {
	t.Parallel()
	for range 20 {
		dir := dataDir(t)
		errs := make([]error, 8)
		begin := make(chan struct{})
		var group sync.WaitGroup
		for g := range errs {
			group.Go(func() {
				<-begin
				s, err := store.Open(t.Context(), store.Options{Unlock: store.Plain, Dir: dir})
				if err == nil {
					err = s.Close()
				}
				errs[g] = err
			})
		}
		close(begin)
		group.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
}
