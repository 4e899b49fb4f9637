package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
)

// memory is an anchor that outlives the database.
type memory struct {
	mu       sync.Mutex
	head     signlog.Head
	epoch    uint64
	advances int
	err      error           // of both calls
	stuck    error           // of Advance
	hang     <-chan struct{} // Advance waits for it
}

func (m *memory) Read(context.Context) (signlog.Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.head, m.err
}

func (m *memory) Advance(ctx context.Context, to signlog.Head) error {
	if m.hang != nil {
		select {
		case <-m.hang:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.err != nil:
		return m.err
	case m.stuck != nil:
		return m.stuck
	case to.Length < m.head.Length, to.Length == m.head.Length && !bytes.Equal(to.Link, m.head.Link):
		return errors.New("a mark cannot go back")
	}
	m.head, m.advances = to, m.advances+1
	return nil
}

func (m *memory) Epoch(context.Context) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.epoch, m.err
}

func (m *memory) AdvanceEpoch(_ context.Context, to uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if to < m.epoch {
		return errors.New("a mark cannot go back")
	}
	m.epoch = to
	return m.err
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

func anchored(t *testing.T) (store.Options, *memory) {
	t.Helper()
	outside := &memory{}
	o := keyed(dataDir(t), "k")
	o.Anchor = outside
	o.Moment = func() identity.Moment { return identity.Moment{Now: moment, Trust: identity.Measured} }
	return o, outside
}

func TestHeadOutsideFollowsTheLog(t *testing.T) {
	t.Parallel()
	o, outside := anchored(t)
	s := openAs(t, o)
	if got := s.Standing(t.Context()); got.State != store.Sound {
		t.Errorf("standing at first = %+v", got)
	}
	mustKeep(t, s, person())
	note(t, s, 1, 4)
	mustClose(t, s)
	if outside.head.Length != 5 {
		t.Errorf("the head outside is at %d, want 5", outside.head.Length)
	}
	s = openAs(t, o)
	if got := s.Standing(t.Context()); got.State != store.Sound || got.Recovered != 0 || got.Cut != 0 {
		t.Errorf("standing = %+v", got)
	}
	if report := verified(t, s); !report.Sound() || !report.Anchored || report.Beyond != 0 {
		t.Errorf("report = %+v", report)
	}
}

// The keychain waits for its password; the person does not wait for the
// keychain.
func TestSlowHeadDelaysNobodyAndIsMovedOnce(t *testing.T) {
	t.Parallel()
	o, outside := anchored(t)
	free := make(chan struct{})
	outside.hang = free
	s := openAs(t, o)
	mustKeep(t, s, person())
	note(t, s, 1, 30)
	close(free)
	mustClose(t, s)
	if outside.head.Length != 31 || outside.advances > 3 {
		t.Errorf("the head outside is at %d after %d calls, want 31 after 3 at most", outside.head.Length, outside.advances)
	}
}

func TestCloseDoesNotWaitForAHeadThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, outside := anchored(t)
		outside.hang = make(chan struct{})
		s, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		note(t, s, 1, 1)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("note and close took %v", took)
		}
	})
}

// Another process may have moved the head further in the meantime.
func TestSeveralMoveOneHead(t *testing.T) {
	t.Parallel()
	o, outside := anchored(t)
	stores := []*store.Store{openAs(t, o), openAs(t, o), openAs(t, o)}
	var group sync.WaitGroup
	for i, s := range stores {
		group.Go(func() { note(t, s, 100*i, 20) })
	}
	group.Wait()
	for i, s := range stores {
		mustClose(t, s)
		if got := s.Standing(t.Context()); got.State != store.Sound {
			t.Errorf("standing of %d = %+v", i, got)
		}
	}
	if outside.head.Length != 60 {
		t.Errorf("the head outside is at %d, want 60", outside.head.Length)
	}
	if report := verified(t, openAs(t, o)); !report.Sound() || report.Rows != 60 {
		t.Errorf("report = %+v", report)
	}
}

// Killed between the commit and the head: what is beyond the head chains onto
// it, and the next start goes on.
func TestLogGoesOnAfterACrashBeforeItsHead(t *testing.T) {
	t.Parallel()
	o, outside := anchored(t)
	s := openAs(t, o)
	note(t, s, 1, 5)
	mustClose(t, s)
	outside.fail(errors.New("killed before this"))
	s = openAs(t, o)
	note(t, s, 6, 3)
	mustClose(t, s)
	if outside.head.Length != 5 {
		t.Fatalf("the head outside is at %d, want 5", outside.head.Length)
	}
	outside.fail(nil)
	s = openAs(t, o)
	if got := s.Standing(t.Context()); got.State != store.Sound || got.Recovered != 3 || got.Distrusts(identity.Record{}) {
		t.Errorf("standing = %+v, want sound with 3 recovered", got)
	}
	mustClose(t, s)
	if outside.head.Length != 8 {
		t.Errorf("the head outside is at %d, want 8", outside.head.Length)
	}
}

// agent-bom #3697: a log whose newest rows were cut still verified. Putting an
// older copy of the database back is the same, and winds lock-outs back too.
func TestOlderCopyOfTheDatabaseIsStale(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]string{
		"older copy":    "DELETE FROM log WHERE seq > 4",
		"everything":    "DELETE FROM log",
		"forged tail":   "DELETE FROM log WHERE seq = 8; INSERT INTO log SELECT 8, 'x', key_id, body, link FROM log WHERE seq = 7",
		"tail and more": "DELETE FROM log WHERE seq > 4; INSERT INTO log SELECT seq + 20, event_id || 'x', key_id, body, link FROM log",
		"last altered":  "UPDATE log SET body = x'00' WHERE seq = 8",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, outside := anchored(t)
			s := openAs(t, o)
			mustKeep(t, s, person())
			note(t, s, 2, 7)
			mustClose(t, s)
			tamper(t, o.Dir, harm)

			s = openAs(t, o)
			now := s.Standing(t.Context())
			if now.State != store.Stale || !now.Distrusts(kept(t, s, person())) {
				t.Errorf("standing = %+v, want stale", now)
			}
			note(t, s, 10, 2) // goes on all the same
			mustClose(t, s)
			if outside.head.Length <= 8 {
				t.Errorf("the head outside is at %d", outside.head.Length)
			}

			s = openAs(t, o) // a restart does not wash it off
			now = s.Standing(t.Context())
			mustKeep(t, s, colleague(1)) // in the same second
			if !now.Distrusts(kept(t, s, person())) || now.Distrusts(kept(t, s, colleague(1))) {
				t.Errorf("standing after a restart = %+v: want who signed in before distrusted, who did after not", now)
			}
			if report := verified(t, s); report.Sound() {
				t.Error("the log verifies")
			}
		})
	}
}

// kept is what is kept of somebody.
func kept(t *testing.T, s *store.Store, of identity.Record) identity.Record {
	t.Helper()
	rec, err := s.Record(t.Context(), of.Identity.CorpID, of.Identity.UserID)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestCutTailIsNamedForEver(t *testing.T) {
	t.Parallel()
	o, _ := anchored(t)
	s := openAs(t, o)
	note(t, s, 1, 8)
	mustClose(t, s)
	tamper(t, o.Dir, "DELETE FROM log WHERE seq > 4")
	for range 2 {
		s = openAs(t, o)
		s.Standing(t.Context())
		mustKeep(t, s, person())
		mustClose(t, s)
	}
	report := verified(t, openAs(t, o))
	want := signlog.Finding{Row: 5, Kind: signlog.Missing, Through: 8, Noted: true}
	if len(report.Findings) != 1 || report.Findings[0] != want {
		t.Errorf("findings = %+v, want only %+v", report.Findings, want)
	}
}

func TestHeadThatCannotBeReadIsToldAndTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, outside := anchored(t)
		locked := errors.New("the keychain is locked")
		outside.fail(locked)
		s, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		note(t, s, 1, 1)
		if got := s.Standing(t.Context()); got.State != store.Unknown || !errors.Is(got.Err, locked) {
			t.Errorf("standing = %+v", got)
		}
		if _, err := s.VerifyLog(t.Context()); err == nil {
			t.Error("verified without the head that there is")
		}
		outside.fail(nil)
		<-time.After(5 * time.Second)
		synctest.Wait()
		if got := s.Standing(t.Context()); got.State != store.Sound {
			t.Errorf("standing after it was unlocked = %+v", got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// What the log tells of itself holds also where nothing outside can be asked.
func TestACutThatIsInTheLogHoldsWhateverIsOutside(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*store.Options, *memory){
		"a head that is slow":     func(_ *store.Options, m *memory) { m.fail(context.DeadlineExceeded) },
		"no place for a head":     func(_ *store.Options, m *memory) { m.fail(store.ErrNoAnchor) },
		"nobody who keeps a head": func(o *store.Options, _ *memory) { o.Anchor = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, outside := anchored(t)
			s := openAs(t, o)
			mustKeep(t, s, person())
			file := mustBackup(t, s)
			mustClose(t, s)
			change(&o, outside)
			mustRestore(t, o, file, nil)
			mustKeep(t, openAs(t, o), colleague(1))
			for _, readOnly := range []bool{false, true} {
				o.ReadOnly = readOnly
				s, now := looked(t, o)
				before, since := kept(t, s, person()), kept(t, s, colleague(1))
				if !now.Distrusts(before) || !before.Stale || now.Distrusts(since) || since.Stale {
					t.Errorf("standing = %+v, want who signed in before distrusted, and nobody else", now)
				}
			}
		})
	}
}

// A keychain that is slow is none of a person's business; a head that somebody
// has taken away may hide an older copy.
func TestHeadThatIsGoneIsDistrustedAndOneThatIsSlowIsNot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err       error
		state     store.State
		distrusts bool
	}{
		"slow":    {context.DeadlineExceeded, store.Unknown, false},
		"locked":  {errors.New("locked"), store.Unknown, false},
		"removed": {fmt.Errorf("%w: no entry", store.ErrHeadGone), store.Removed, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, outside := anchored(t)
			s := openAs(t, o)
			mustKeep(t, s, person())
			mustClose(t, s)
			outside.fail(c.err)
			s, now := looked(t, o)
			rec := kept(t, s, person())
			if now.State != c.state || now.Distrusts(rec) != c.distrusts || rec.Stale != c.distrusts || !errors.Is(now.Err, c.err) {
				t.Errorf("standing = %+v", now)
			}
			mustKeep(t, s, person())
			if rec := kept(t, s, person()); rec.Stale { // and is shown, while the app runs
				t.Errorf("signed in since: %+v", rec)
			}
			if _, err := s.VerifyLog(t.Context()); err == nil {
				t.Error("the log verifies without the head that there is")
			}
		})
	}
}

// Standing of a database that is opened to read, for commands.
func TestStandingIsToldWithoutWriting(t *testing.T) {
	t.Parallel()
	o, outside := anchored(t)
	s := openAs(t, o)
	note(t, s, 1, 8)
	mustClose(t, s)
	tamper(t, o.Dir, "DELETE FROM log WHERE seq > 4")
	before := outside.advances
	o.ReadOnly = true
	s = openAs(t, o)
	if got := s.Standing(t.Context()); got.State != store.Stale {
		t.Errorf("standing = %+v, want stale", got)
	}
	if outside.advances != before {
		t.Error("the head was moved")
	}
	o.Anchor = nil
	if got := openAs(t, o).Standing(t.Context()); got.State != store.Unanchored {
		t.Errorf("standing without an anchor = %+v", got)
	}
}
