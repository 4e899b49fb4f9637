package viewer

import "time"

// Backoff says how a window that dies is replaced: after First, then after
// twice that and so on up to Most, and not any more when it has died Deaths
// times Within a span. Deaths further back are forgotten, so a kiosk that
// loses one window a day goes on for ever. A window that has to be ended
// because it hangs takes so long that the span would never fill: after Hangs
// of them in a row there is no other. Zero fields have the defaults.
type Backoff struct {
	First  time.Duration // default 250 ms
	Most   time.Duration // default 8 s
	Deaths int           // default 5
	Within time.Duration // default 1 min
	Hangs  int           // default 2
}

func (b Backoff) orDefault() Backoff {
	if b.First == 0 {
		b.First = 250 * time.Millisecond
	}
	if b.Most == 0 {
		b.Most = 8 * time.Second
	}
	if b.Deaths == 0 {
		b.Deaths = 5
	}
	if b.Within == 0 {
		b.Within = time.Minute
	}
	if b.Hangs == 0 {
		b.Hangs = 2
	}
	return b
}

// deaths remembers the recent ones.
type deaths struct {
	Backoff
	recent []time.Time
	hangs  int // in a row
}

// add counts a death and says how long to wait before the next process, or
// that there had better be none.
func (d *deaths) add(now time.Time, hung bool) (wait time.Duration, again bool) {
	for len(d.recent) > 0 && now.Sub(d.recent[0]) > d.Within {
		d.recent = d.recent[1:]
	}
	d.recent = append(d.recent, now)
	if hung {
		d.hangs++
	} else {
		d.hangs = 0
	}
	if len(d.recent) >= d.Deaths || d.hangs >= d.Hangs {
		return 0, false
	}
	wait = d.First
	for range len(d.recent) - 1 {
		wait = min(2*wait, d.Most)
	}
	return wait, true
}
