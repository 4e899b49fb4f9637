package identity

import "time"

// Trusted time. A machine's clock can be wrong in both directions, by accident
// or on purpose. What is known for certain is a latest moment that has passed,
// the [Mark]: DingTalk's own time at the last contact, what the machine has
// measured since without its clock, and the last sign-in that was allowed.
// Nothing that only the clock says moves the mark, so a clock that stood in
// 2099 for an hour leaves no trace.

// Reading is what the machine's clocks show at one moment.
type Reading struct {
	Wall time.Time // the clock that people set

	// Boot names the run of the operating system, or of this process where the
	// system tells only that, and Since is the time since the system's start,
	// sleep included. Boot is empty where it tells neither.
	Boot  string
	Since time.Duration
}

// after is how long after the other reading this one was taken, measured
// without the wall clock. ok is false across a restart of the machine.
func (r Reading) after(earlier Reading) (passed time.Duration, ok bool) {
	passed = r.Since - earlier.Since
	return passed, r.Boot != "" && r.Boot == earlier.Boot && passed >= 0
}

// Mark is the latest moment that is known to have passed. The zero Mark is of
// a machine that has never had contact.
type Mark struct {
	At      time.Time // UTC
	Reading Reading   // of the moment at which At was known
	Contact bool      // DingTalk's own time, and since then measured in one run of the machine

	// Lost is a mark that is there and that nobody can read: there was contact,
	// and when is not known. Whoever damages a mark wins no time by it. Only a
	// contact makes another.
	Lost bool
}

// Confirmed is the mark that a contact with DingTalk makes: the one way to move
// a mark back. date is the answer's Date (RFC 9110, 6.6.1; whole seconds).
func Confirmed(date time.Time, r Reading) Mark {
	return Mark{At: date.UTC(), Reading: r, Contact: true}
}

// Trust says how a moment is known.
type Trust int

// How a moment can be known.
const (
	Unconfirmed Trust = iota // only by the wall clock, which contradicts nothing
	Measured                 // by DingTalk's time and what has been measured since
	Behind                   // not to be relied on: the wall clock was set back, or nobody can tell (Moment.Lost)
)

// Moment is the time as far as it can be known. Only a [Measured] one may be
// the reason to delete anything: a clock in the future must not purge what is
// kept.
type Moment struct {
	Now   time.Time // UTC
	Trust Trust

	// Off is how far the wall clock is ahead of Now; negative where it is
	// behind. Within a few minutes it is nobody's concern: see [Moment.Wrong].
	Off time.Duration

	Lost bool // Behind because the mark cannot be read: Now is the wall clock's, for want of another

	// Reading is what it was told by: who relies on the moment later (see
	// [Mark.Relied]) relies on what the clocks showed then. Zero where nothing
	// but a time is known.
	Reading Reading
}

// tolerance forgives two machines' clocks, or one clock stepped by NTP; more
// than that is a clock that was set.
const tolerance = 2 * time.Minute

// Wrong reports whether the wall clock is so far off that somebody should mend
// it.
func (m Moment) Wrong() bool { return m.Off > tolerance || m.Off < -tolerance }

// Tell says what time it is, from what is known and what the clocks show.
func (m Mark) Tell(r Reading) Moment {
	if m.Lost {
		return Moment{Now: r.Wall.UTC(), Trust: Behind, Lost: true, Reading: r}
	}
	if m.At.IsZero() {
		return Moment{Now: r.Wall.UTC(), Reading: r}
	}
	passed, same := r.after(m.Reading)
	if !same {
		return m.guess(r)
	}
	at := Moment{Now: m.At.Add(passed), Reading: r}
	at.Off = r.Wall.Sub(at.Now)
	switch stepped := r.Wall.Sub(m.Reading.Wall) - passed; {
	case stepped < -tolerance:
		at.Trust = Behind
	case m.Contact:
		at.Trust = Measured
	case !at.Wrong():
		at.Now, at.Off = r.Wall.UTC(), 0
	}
	return at
}

// guess is Tell across a restart: at least what had passed before has passed.
func (m Mark) guess(r Reading) Moment {
	if off := r.Wall.Sub(m.At); off < -tolerance {
		return Moment{Now: m.At, Trust: Behind, Off: off, Reading: r}
	}
	return Moment{Now: r.Wall.UTC(), Reading: r}
}

// Passed moves the mark on by what has been measured since, within one run of
// the machine; otherwise it stays. To be kept now and then, so that a restart
// with a clock set back does not win the time between.
func (m Mark) Passed(r Reading) Mark {
	passed, same := r.after(m.Reading)
	if m.At.IsZero() || !same {
		return m
	}
	r.Wall = m.Reading.Wall.Add(passed) // what it would show had nobody set it
	return Mark{At: m.At.Add(passed), Reading: r, Contact: m.Contact}
}

// Relied moves the mark to a moment at which somebody was let in. That is the
// wall clock's word after a restart, but such a moment lies within the time
// that a record is good for, so it cannot be far in the future. It never moves
// back, and a mark that was made since knows more. The mark has the moment's own
// reading: the machine may have slept between the two, as with a lid that is
// closed while a PIN is being checked.
func (m Mark) Relied(on Moment) Mark {
	_, since := m.Reading.after(on.Reading)
	if on.Trust == Behind || m.Lost || on.Now.Before(m.At) || since && m.Reading != on.Reading {
		return m
	}
	return Mark{At: on.Now, Reading: on.Reading, Contact: on.Trust == Measured}
}
