package offline

import (
	"time"

	"github.com/dingpass/dingpass/backend/identity"
)

// How wrong PINs are answered.
const (
	freeTries  = 3                // failures of a person that cost no time
	firstDelay = 30 * time.Second // after the third; it doubles with each failure
	hardStop   = 10               // failures of a person that end the PIN until a sign-in with DingTalk

	// deviceStop is how many failures in a row all people together may have: who
	// tries the same PIN on everybody's job number meets no person's limit. A
	// hundred is more than a morning of mistakes gives, since any success ends the
	// row, and finds a random PIN of six digits in one of 10,000 devices.
	deviceStop = 100

	// unwrittenStop is how many there may be at all, of a person and of all
	// together, while tries cannot be written down: those on the disk are among
	// them. Each try is in memory then, and a restart forgets it.
	unwrittenStop = 3
)

// ahead is how far in the future the last try may be: more, by DingTalk's time,
// and it was noted by a clock that was wrong.
const ahead = 2 * time.Minute

// Tally is what is counted of one person, or of all of a device.
type Tally struct {
	Failed int       // tries of a PIN that did not succeed; those under way are among them
	Last   time.Time // the last of them, by trusted time
	Uses   int       // offline sign-ins since the last one with DingTalk
}

// Tallies are the two that a sign-in counts in. A sign-in with DingTalk makes
// both zero.
type Tallies struct {
	Person, Device Tally

	// Unwritten is why nothing can be written; nil while it can. The counts are
	// those on the disk and, on top of them, those that wait in memory.
	Unwritten error
}

// used are the counts for identity.Decide.
func (t *Tallies) used() identity.Usage {
	return identity.Usage{Person: t.Person.Uses, Device: t.Device.Uses}
}

// Lock is what wrong PINs have led to. The zero Lock is of nobody.
type Lock struct {
	Reason Reason    // "" while a PIN may be tried
	Until  time.Time // when it may be tried again; zero where only DingTalk helps
	Left   int       // wrong PINs until only DingTalk helps
}

// None reports whether there is nothing to tell of it.
func (l Lock) None() bool { return l.Reason == "" && l.Left == hardStop }

// lock tells whether a PIN may be tried. A clock that was set back makes the
// time to wait longer, never shorter; only DingTalk's own time shows that the
// last try was noted in a future that has not been, and then the wait begins
// now.
func (t *Tallies) lock(at identity.Moment) Lock {
	if at.Trust == identity.Measured && t.Person.Last.After(at.Now.Add(ahead)) {
		t.Person.Last = at.Now
	}
	lock := Lock{Left: max(0, hardStop-t.Person.Failed)}
	until := t.Person.Last.Add(delay(t.Person.Failed))
	switch {
	case t.Person.Failed >= hardStop:
		lock.Reason = HardLocked
	case t.Device.Failed >= deviceStop:
		lock.Reason = DeviceLocked
	case at.Now.Before(until) && delay(t.Person.Failed) > 0:
		lock.Reason, lock.Until = Locked, until
	}
	return lock
}

// delay is how long nobody may try after so many failures, short of hardStop.
func delay(failed int) time.Duration {
	if failed < freeTries || failed >= hardStop {
		return 0
	}
	return firstDelay << (failed - freeTries)
}

// none is why there is no try at all, whoever it is: there were too many to be
// counted in memory only.
func (t *Tallies) none() error {
	if t.Unwritten != nil && max(t.Person.Failed, t.Device.Failed) >= unwrittenStop {
		return t.Unwritten
	}
	return nil
}

// reserve counts a try that is about to be made, unless none may be. Without a
// reason, the lock is what it leads to if it fails.
func (t *Tallies) reserve(at identity.Moment) Lock {
	if lock := t.lock(at); lock.Reason != "" {
		return lock
	}
	t.Person.Failed++
	t.Device.Failed++
	if at.Now.After(t.Person.Last) {
		t.Person.Last = at.Now
	}
	if t.Unwritten != nil {
		return Lock{Left: unwrittenStop - max(t.Person.Failed, t.Device.Failed)}
	}
	lock := Lock{Left: hardStop - t.Person.Failed}
	if wait := delay(t.Person.Failed); wait > 0 {
		lock.Until = at.Now.Add(wait)
	}
	return lock
}

// release takes the try back, and with it those before: the person knows the PIN.
// In memory it takes back that one only, so that what is written later never
// makes a count smaller than it was without the try.
func (t *Tallies) release() {
	if t.Unwritten != nil {
		t.Person.Failed, t.Device.Failed = max(0, t.Person.Failed-1), max(0, t.Device.Failed-1)
		return
	}
	t.Person.Failed, t.Person.Last, t.Device.Failed = 0, time.Time{}, 0
}
