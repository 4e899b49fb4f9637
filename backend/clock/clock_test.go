package clock_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/clock"
	"github.com/dingpass/dingpass/backend/identity"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// kept is a database's mark.
type kept struct {
	mu   sync.Mutex
	mark identity.Mark
	full error // what writing says

	locked bool // there is no key

	moves  int    // how often
	during func() // is called while it is written
}

func (k *kept) Mark(context.Context) (identity.Mark, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.locked {
		return identity.Mark{}, nil
	}
	return k.mark, nil
}

func (k *kept) MoveMark(_ context.Context, move func(identity.Mark) identity.Mark) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.locked {
		return nil
	}
	if k.full != nil {
		return k.full
	}
	if k.moves++; k.during != nil {
		k.during()
	}
	k.mark = move(k.mark)
	return nil
}

// machine has clocks that a test sets.
type machine struct {
	mu      sync.Mutex
	reading identity.Reading
}

func newMachine() *machine {
	return &machine{reading: identity.Reading{Wall: noon, Boot: "first", Since: time.Hour}}
}

func (m *machine) read() identity.Reading {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.reading
}

func (m *machine) pass(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reading.Wall, m.reading.Since = m.reading.Wall.Add(d), m.reading.Since+d
}

func (m *machine) set(by time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reading.Wall = m.reading.Wall.Add(by)
}

func (m *machine) restart() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reading.Boot, m.reading.Since = m.reading.Boot+"+", time.Minute
}

func open(t *testing.T, k *kept, m *machine) *clock.Clock {
	t.Helper()
	c, err := clock.New(t.Context(), k, m.read, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestASetBackClockIsNoticedAfterARestartAndHealedByContact(t *testing.T) {
	t.Parallel()
	k, m := &kept{}, newMachine()
	open(t, k, m).Contact(t.Context(), noon)
	m.restart()
	m.set(-24 * time.Hour)

	c := open(t, k, m)
	if got := c.Now(); got.Trust != identity.Behind {
		t.Fatalf("a day back: %+v", got)
	}
	c.Contact(t.Context(), noon.Add(time.Minute))
	if got := c.Now(); got.Trust != identity.Measured || !got.Now.Equal(noon.Add(time.Minute)) {
		t.Errorf("after contact: %+v", got)
	}
	if got := open(t, k, m).Now(); got.Trust != identity.Measured {
		t.Errorf("another process after contact: %+v", got)
	}
}

// canonical/authd #1182: a disk that is full or read-only is no reason to
// refuse people.
func TestContactHealsWhereNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	k, m := &kept{mark: identity.Mark{At: noon.Add(time.Hour)}, full: errors.New("disk is full")}, newMachine()
	c := open(t, k, m)
	if got := c.Now(); got.Trust != identity.Behind {
		t.Fatalf("behind the mark: %+v", got)
	}
	c.Contact(t.Context(), noon)
	if got := c.Now(); got.Trust != identity.Measured {
		t.Errorf("after contact: %+v", got)
	}
}

// What healed the clock while the disk was full is not undone when there is
// room again, and is kept then.
func TestAContactIsKeptOnceThereIsRoomAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k, m := &kept{mark: identity.Mark{At: noon.Add(24 * time.Hour)}, full: errors.New("disk is full")}, newMachine()
		c, err := clock.New(t.Context(), k, m.read, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.Contact(t.Context(), noon)
		k.mu.Lock()
		k.full = nil
		k.mu.Unlock()
		ctx, stop := context.WithCancel(t.Context())
		go c.Run(ctx)
		<-time.After(time.Hour) // of synctest's time
		stop()
		synctest.Wait()
		if got := c.Now(); got.Trust != identity.Measured || !got.Now.Equal(noon) {
			t.Errorf("here: %+v", got)
		}
		if got, err := clock.New(t.Context(), k, m.read, nil); err != nil || got.Now().Trust != identity.Measured {
			t.Errorf("in the next process: %+v, %v", got.Now(), err)
		}
	})
}

func TestADateThatSaysWhatIsKnownCostsNoWrite(t *testing.T) {
	t.Parallel()
	k, m := &kept{}, newMachine()
	c := open(t, k, m)
	c.Contact(t.Context(), noon)
	k.moves = 0
	for range 100 {
		m.pass(time.Second)
		c.Contact(t.Context(), c.Now().Now.Truncate(time.Second))
	}
	if k.moves != 0 {
		t.Errorf("%d writes", k.moves)
	}
	c.Contact(t.Context(), c.Now().Now.Add(time.Minute))
	if k.moves != 1 {
		t.Errorf("%d writes for a date that is another", k.moves)
	}
}

// A disk that is stuck must not keep anybody at the door.
func TestTheTimeIsToldWhileItIsBeingKept(t *testing.T) {
	t.Parallel()
	k, m := &kept{}, newMachine()
	c := open(t, k, m)
	k.during = func() {
		if got := c.Now(); got.Trust != identity.Measured {
			t.Errorf("while it is kept: %+v", got)
		}
	}
	c.Contact(t.Context(), noon)
}

func TestWhoWasLetInIsRememberedAcrossARestart(t *testing.T) {
	t.Parallel()
	k, m := &kept{}, newMachine()
	c := open(t, k, m)
	c.Contact(t.Context(), noon)
	m.restart()
	m.pass(24 * time.Hour)
	c.Relied(t.Context(), c.Now())
	m.restart()
	m.set(-time.Hour)
	if got := open(t, k, m).Now(); got.Trust != identity.Behind {
		t.Errorf("before the last sign-in: %+v", got)
	}
}

func TestTheWallClockAloneMovesNothing(t *testing.T) {
	t.Parallel()
	k, m := &kept{}, newMachine()
	open(t, k, m).Contact(t.Context(), noon)
	m.restart()
	m.set(73 * 365 * 24 * time.Hour)
	if got := open(t, k, m).Now(); got.Trust != identity.Unconfirmed {
		t.Errorf("2099 is %+v", got)
	}
	m.set(-73 * 365 * 24 * time.Hour)
	if got := open(t, k, m).Now(); got.Trust == identity.Behind {
		t.Errorf("back from 2099: %+v", got)
	}
}

func TestRunWritesDownThatTimeHasPassed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k, m := &kept{}, newMachine()
		c, err := clock.New(t.Context(), k, m.read, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.Contact(t.Context(), noon)
		ctx, stop := context.WithCancel(t.Context())
		go c.Run(ctx)
		m.pass(time.Hour)
		<-time.After(time.Hour) // of synctest's time
		synctest.Wait()
		stop()
		synctest.Wait()
		if mark, _ := k.Mark(t.Context()); !mark.At.Equal(noon.Add(time.Hour)) {
			t.Errorf("the mark is at %s", mark.At)
		}
	})
}

func TestReadTellsTheRunOfTheMachine(t *testing.T) {
	t.Parallel()
	first, second := clock.Read(), clock.Read()
	if first.Boot != second.Boot || second.Since < first.Since {
		t.Errorf("read %+v and then %+v", first, second)
	}
	if first.Boot == "" && first.Since != 0 {
		t.Errorf("a time without a run: %+v", first)
	}
}

// Without a key there is no mark, neither to read nor to write. Once it is
// unlocked, what is kept counts, and a contact that was made before it.
func TestAMarkThatIsLockedAtTheStartIsNotLost(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		contact bool
		want    identity.Trust
	}{
		"nothing was known here": {false, identity.Behind},
		"there was a contact":    {true, identity.Measured},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, m := &kept{locked: true, mark: identity.Mark{At: noon.Add(24 * time.Hour)}}, newMachine()
			c := open(t, k, m)
			if tc.contact {
				c.Contact(t.Context(), noon)
			}
			c.Relied(t.Context(), identity.Moment{Trust: identity.Behind}) // moves nothing
			k.locked = false
			c.Relied(t.Context(), identity.Moment{Trust: identity.Behind})
			if got := c.Now(); got.Trust != tc.want {
				t.Errorf("here: %+v", got)
			}
			if got := open(t, k, m).Now(); got.Trust != tc.want {
				t.Errorf("in the next process: %+v", got)
			}
		})
	}
}

// A disk that was full and no contact: what is kept must not become nothing.
func TestNothingKnownIsNeverKept(t *testing.T) {
	t.Parallel()
	k, m := &kept{locked: true, mark: identity.Mark{At: noon.Add(24 * time.Hour)}}, newMachine()
	c := open(t, k, m)
	k.locked, k.full = false, errors.New("disk is full")
	c.Relied(t.Context(), identity.Moment{Trust: identity.Behind})
	k.full = nil
	c.Relied(t.Context(), identity.Moment{Trust: identity.Behind})
	if got := open(t, k, m).Now(); got.Trust != identity.Behind {
		t.Errorf("in the next process: %+v", got)
	}
}

// A mark that was damaged, or put there by hand, is no way to more time: neither
// a restart nor anybody who is let in makes another of it.
func TestAMarkThatCannotBeReadSuspendsUntilContact(t *testing.T) {
	t.Parallel()
	k, m := &kept{mark: identity.Mark{Lost: true}}, newMachine()
	c := open(t, k, m)
	c.Relied(t.Context(), identity.Moment{Now: noon})
	m.restart()
	for name, c := range map[string]*clock.Clock{"here": c, "in the next process": open(t, k, m)} {
		if got := c.Now(); got.Trust != identity.Behind || !got.Lost {
			t.Errorf("%s: %+v", name, got)
		}
	}
	c.Contact(t.Context(), noon)
	for name, c := range map[string]*clock.Clock{"here": c, "in the next process": open(t, k, m)} {
		if got := c.Now(); got.Trust != identity.Measured || got.Lost {
			t.Errorf("after contact, %s: %+v", name, got)
		}
	}
}

func TestWhoKnewTheMarkWritesItOverADamagedOne(t *testing.T) {
	t.Parallel()
	k, m := &kept{}, newMachine()
	c := open(t, k, m)
	c.Contact(t.Context(), noon)
	k.mark = identity.Mark{Lost: true}
	c.Relied(t.Context(), c.Now())
	for name, c := range map[string]*clock.Clock{"here": c, "in the next process": open(t, k, m)} {
		if got := c.Now(); got.Trust != identity.Measured || !got.Now.Equal(noon) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
