package store_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/store"
)

// A thousand crashes, some minutes:
//
//	go test ./backend/store -run Crashes -v -crashes 1000
var crashes = flag.Int("crashes", 12, "kills of the test of crashes")

// crashesOfOne is how often one database loses its process. The next one is a
// new one, so that looking at all of it stays quick.
const crashesOfOne = 25

// A process that signs people in, notes events, counts wrong PINs and rotates
// keys is killed at any moment, again and again. Whatever it has acknowledged
// is there, and one thing more at most: what it was about to.
func TestCrashesAtAnyMomentLoseNothing(t *testing.T) {
	t.Parallel()
	began, peak, acknowledged := time.Now(), int64(0), 0
	for left := *crashes; left > 0; left -= crashesOfOne {
		l := newLife(t)
		for range min(left, crashesOfOne) {
			peak = max(peak, l.crash(t))
			l.look(t)
		}
		acknowledged += l.turns
		l.end(t)
	}
	t.Logf("%d crashes and %d acknowledgements in %v; the largest process had %d MB",
		*crashes, acknowledged, time.Since(began).Round(time.Second), peak>>20)
}

// life is what the processes of one database have acknowledged.
type life struct {
	dir    string
	keys   *keys
	kept   map[string]int // person → turn in which they signed in last
	noted  []string       // ids of events, in their order
	tries  int            // wrong PINs
	came   int            // sign-ins
	turns  int            // of all kinds
	random *rand.Rand
}

func newLife(t *testing.T) *life {
	t.Helper()
	dir := dataDir(t)
	l := &life{dir: dir, keys: newKeys(t, dir), kept: make(map[string]int), random: rand.New(rand.NewPCG(rand.Uint64(), 0))}
	s := openAs(t, l.keys.options())
	enrolled(t, s)
	fail(t, s, 0)
	l.came = before
	mustClose(t, s)
	return l
}

// crash runs a process for a while, kills it, and tells how much memory it had.
func (l *life) crash(t *testing.T) (peak int64) {
	t.Helper()
	c := start(t, command(t, "live", l.dir, fmt.Sprint(l.turns, " ", l.tries, " ", l.random.Uint64())))
	for range l.random.IntN(20) {
		l.note(t, c.line(t))
	}
	moment := time.NewTimer(time.Duration(l.random.IntN(4000)) * time.Microsecond) // any, within one thing and the next
	<-moment.C
	for _, said := range c.kill(t) {
		l.note(t, said)
	}
	return peakOf(c.cmd.ProcessState)
}

// note takes an acknowledgement.
func (l *life) note(t *testing.T, said string) {
	t.Helper()
	var what string
	var turn, tries int
	if _, err := fmt.Sscan(said, &what, &turn, &tries); err != nil {
		t.Fatalf("the child said %q", said)
	}
	l.turns = turn
	switch {
	case what == "note":
		l.noted = append(l.noted, event(turn).ID)
	case what == "try":
		l.tries = tries
	case strings.HasPrefix(what, "user-"):
		l.kept[what] = turn
		l.came++
	}
}

// look wants everything to be there. What was under way when the process died
// may be there or not, and is known from here on.
func (l *life) look(t *testing.T) {
	t.Helper()
	s := openAs(t, l.keys.options())
	defer mustClose(t, s)
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("check after a kill: %v", err)
	}
	surplus := l.lookAtPeople(t, s) + l.lookAtTries(t, s)
	events := l.lookAtLog(t, s)
	if surplus > 1 || events > 1 || surplus+events > 2 { // a sign-in is an event, too
		t.Errorf("more than was under way is there: %d and %d", surplus, events)
	}
	l.turns++ // that of what was under way
	if got := s.Standing(t.Context()); got.State != store.Sound {
		t.Errorf("standing after a kill = %+v", got)
	}
}

func (l *life) lookAtPeople(t *testing.T, s *store.Store) (surplus int) {
	t.Helper()
	for user, turn := range l.kept {
		rec, err := s.Record(t.Context(), "dingcorp1", user)
		if err != nil {
			t.Errorf("%s after a kill: %v", user, err)
			continue
		}
		switch got := rec.VerifiedAt; {
		case got.Equal(turnTime(turn)):
		case got.Equal(turnTime(l.turns + 1)):
			l.kept[user] = l.turns + 1
			surplus++
		default:
			t.Errorf("%s is of %v, and turn %d was acknowledged", user, got, turn)
		}
	}
	return surplus
}

func (l *life) lookAtTries(t *testing.T, s *store.Store) (surplus int) {
	t.Helper()
	err := s.Offline().Tries(t.Context(), offline.Subject{Who: zhang}, func(c *offline.Tallies) {
		if surplus = c.Person.Failed - l.tries; surplus < 0 {
			t.Errorf("%d wrong PINs are counted, and %d were acknowledged", c.Person.Failed, l.tries)
		}
		l.tries = c.Person.Failed
	})
	if err != nil {
		t.Errorf("tries after a kill: %v", err)
	}
	return surplus
}

func (l *life) lookAtLog(t *testing.T, s *store.Store) (surplus int) {
	t.Helper()
	if report := verified(t, s); !report.Sound() || !report.Keyed || !report.Anchored {
		t.Errorf("report after a kill = %+v", report)
	}
	came, noted := 0, []string{}
	for _, e := range entries(t, s) {
		if strings.HasPrefix(e.ID, "event-") {
			noted = append(noted, e.ID)
		} else {
			came++
		}
	}
	surplus = len(noted) - len(l.noted) + came - l.came
	if came < l.came || len(noted) < len(l.noted) || strings.Join(noted[:len(l.noted)], " ") != strings.Join(l.noted, " ") {
		t.Errorf("%d sign-ins and %d events are in the log, %d and %d were acknowledged", came, len(noted), l.came, len(l.noted))
	}
	l.came, l.noted = came, noted
	return surplus
}

// end wants the PIN of the beginning to have come through all rotations, and
// nobody but its wrong tries to stand in its way.
func (l *life) end(t *testing.T) {
	t.Helper()
	s := openAs(t, l.keys.options())
	defer mustClose(t, s)
	if lock, err := door(s).Lock(t.Context(), zhang); err != nil || lock.Left != max(0, 10-l.tries) {
		t.Errorf("after %d wrong PINs: %+v, %v", l.tries, lock, err)
	}
	mustKeep(t, s, person())
	wantPIN(t, door(s), "", goodPIN, "")
}

func turnTime(turn int) time.Time { return moment.Add(time.Duration(turn) * time.Second) }

// childLive does one thing after another until it is killed, and says so after
// each: what, which turn, and how many wrong PINs there are.
func childLive(ctx context.Context, dir, arg string) error {
	var turn, tries int
	var seed uint64
	if _, err := fmt.Sscan(arg, &turn, &tries, &seed); err != nil {
		return err
	}
	k := keysOf(dir)
	s, err := store.Open(ctx, k.options())
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(seed, 0))
	for {
		turn++
		what, err := live(ctx, s, k, random.IntN(40), turn, &tries)
		if err != nil {
			return err
		}
		say(fmt.Sprint(what, " ", turn, " ", tries))
	}
}

// live does one thing.
func live(ctx context.Context, s *store.Store, k *keys, dice, turn int, tries *int) (what string, err error) {
	switch {
	case dice == 0:
		_, err := k.tryRotate(ctx, s)
		return "rotate", errors.Join(err, k.retire(ctx, s))
	case dice < 15:
		rec := colleague(turn % 5)
		rec.VerifiedAt = turnTime(turn)
		return rec.Identity.UserID, s.Keep(ctx, rec)
	case dice < 28:
		s.Note(ctx, event(turn))
		if waiting := s.Waiting(); waiting > 0 {
			return "", fmt.Errorf("%d entries wait", waiting)
		}
		return "note", nil
	}
	return "try", s.Offline().Tries(ctx, offline.Subject{Who: zhang}, func(c *offline.Tallies) {
		c.Person.Failed++
		*tries = c.Person.Failed
	})
}
