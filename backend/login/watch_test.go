package login_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/dingpass/dingpass/backend/login"
)

// follow calls see for every snapshot, in a goroutine that the test waits for.
// Read what see wrote after synctest.Wait only.
func follow(t *testing.T, s *login.Service, see func(login.Snapshot)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var follower sync.WaitGroup
	follower.Go(func() {
		for snap := range s.Watch(ctx) {
			see(snap)
		}
	})
	t.Cleanup(func() {
		cancel()
		follower.Wait()
	})
	synctest.Wait() // the follower has the present snapshot
}

func TestWatchTellsEveryChangeInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, &fakeProvider{}, &fakeStore{})
		begin(t, s)
		var seen [2][]login.Snapshot
		for i := range seen {
			follow(t, s, func(snap login.Snapshot) { seen[i] = append(seen[i], snap) })
		}
		// Faster than any follower: nothing waits in between.
		s.Cancel()
		s.Complete(answer(begin(t, s), "c1"))
		synctest.Wait()
		if err := s.Forget(t.Context()); err != nil {
			t.Fatal("forget:", err)
		}
		synctest.Wait()

		want := []login.Phase{login.Waiting, login.Abandoned, login.Waiting, login.Working, login.SignedIn, login.Idle}
		for _, snaps := range seen {
			if len(snaps) != len(want) {
				t.Fatalf("%d snapshots, want %d", len(snaps), len(want))
			}
			for i, snap := range snaps {
				if snap.Phase != want[i] || snap.Seq != uint64(i+1) {
					t.Errorf("snapshot %d is %s with seq %d, want %s with %d", i, snap.Phase, snap.Seq, want[i], i+1)
				}
			}
		}
	})
}

func TestAStuckFollowerLosesHistoryButNotTheEndAndHoldsUpNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, &fakeProvider{}, &fakeStore{})
		stuck := make(chan struct{})
		var seqs []uint64
		follow(t, s, func(snap login.Snapshot) {
			seqs = append(seqs, snap.Seq)
			<-stuck
		})
		for range 500 {
			begin(t, s)
		}
		s.Complete(answer(stateOf(t, s), "c1"))
		synctest.Wait()
		wantPhase(t, s, login.SignedIn, "")
		close(stuck)
		synctest.Wait()

		last := s.Snapshot().Seq
		// One that it held, and what the queue holds.
		if len(seqs) != 1+64 || seqs[len(seqs)-1] != last {
			t.Errorf("%d snapshots up to seq %d, want 65 up to %d", len(seqs), seqs[len(seqs)-1], last)
		}
		for i, seq := range seqs[1:] {
			if want := last - 63 + uint64(i); seq != want {
				t.Fatalf("seq %d, want %d", seq, want)
			}
		}
	})
}

func TestWatchEndsWithItsContextItsCallerOrTheService(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, &fakeProvider{}, &fakeStore{})
		for range s.Watch(t.Context()) {
			break // and does not hang
		}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		for snap := range s.Watch(over) {
			t.Errorf("told %s after the context's end", snap.Phase)
		}
		var told []login.Phase
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for snap := range s.Watch(t.Context()) {
				told = append(told, snap.Phase)
			}
		}()
		synctest.Wait()
		begin(t, s)
		s.Close()
		<-ended
		if len(told) != 3 || told[2] != login.Abandoned {
			t.Errorf("told %v, want idle, waiting and cancelled", told)
		}
		for snap := range s.Watch(t.Context()) {
			if snap.Phase != login.Abandoned {
				t.Errorf("told %s after close, want cancelled", snap.Phase)
			}
		}
	})
}

func TestAFollowerThatIsBehindAtCloseIsToldTheRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, &fakeProvider{}, &fakeStore{})
		busy := make(chan struct{})
		var last [40]login.Phase // many, since each meets both the change and the end
		for i := range last {
			follow(t, s, func(snap login.Snapshot) {
				last[i] = snap.Phase
				<-busy
			})
		}
		begin(t, s)
		s.Close()
		close(busy)
		synctest.Wait()
		for i, phase := range last {
			if phase != login.Abandoned {
				t.Fatalf("follower %d was last told %s, want cancelled", i, phase)
			}
		}
	})
}

func TestOnlyAChangeMovesSeq(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, &fakeProvider{}, &fakeStore{})
		state := begin(t, s)
		seq := s.Snapshot().Seq
		stateOf(t, s)
		s.Complete(answer("another", "c1"))
		s.Snapshot()
		if got := s.Snapshot().Seq; got != seq {
			t.Errorf("seq moved from %d to %d with nothing changed", seq, got)
		}
		s.Complete(answer(state, "c1"))
		if got := s.Snapshot().Seq; got != seq+1 {
			t.Errorf("seq %d after one change, want %d", got, seq+1)
		}
	})
}
