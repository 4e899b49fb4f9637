package offline

import (
	"fmt"
	"time"
)

// Cost is what one hash of a PIN takes. Lanes are always one: a second would
// help whoever guesses with more processors than a kiosk has.
type Cost struct {
	Memory uint32 // KiB
	Passes uint32
}

// The limits of a cost. Least is OWASP's minimum for Argon2id (Password Storage
// Cheat Sheet, 19 MiB, t=2, p=1). Most bounds what a record that somebody has
// edited can make this process allocate, and suits a kiosk of 1 GiB.
var (
	leastCost = Cost{19 << 10, 2}
	mostCost  = Cost{64 << 10, 64}
)

func (c Cost) allowed() bool {
	return c.Memory >= leastCost.Memory && c.Memory <= mostCost.Memory &&
		c.Passes >= leastCost.Passes && c.Passes <= mostCost.Passes
}

// String is the cost as it is remembered for the device.
func (c Cost) String() string { return fmt.Sprintf("%d/%d", c.Memory, c.Passes) }

// parseCost is the reverse of String; false where it is none that is allowed.
func parseCost(text string) (c Cost, ok bool) {
	_, err := fmt.Sscanf(text, "%d/%d", &c.Memory, &c.Passes)
	return c, err == nil && c.String() == text && c.allowed()
}

// How long one hash should take: long for who guesses, short for who waits.
const (
	quickest = 250 * time.Millisecond
	aim      = 350 * time.Millisecond
	slowest  = 500 * time.Millisecond
)

// calibrate finds the cost whose hash takes this machine between 250 and 500 ms,
// within the limits. A machine that is busy only measures too long, so the better
// of two counts.
func calibrate(measure func(Cost) time.Duration) Cost {
	best := func(c Cost) time.Duration { return max(1, min(measure(c), measure(c))) }
	c := leastCost
	took := best(c)
	for range 3 { // more memory is slower for each byte of it, so one step is not exact
		if took >= quickest && took <= slowest {
			break
		}
		c = withWork(float64(c.Memory) * float64(c.Passes) * float64(aim) / float64(took))
		took = best(c)
	}
	return c
}

// withWork shapes a cost of so many KiB times passes: memory first, because it is
// what those who guess have least of.
func withWork(work float64) Cost {
	memory := min(max(work/float64(leastCost.Passes), float64(leastCost.Memory)), float64(mostCost.Memory))
	passes := min(max(work/memory, float64(leastCost.Passes)), float64(mostCost.Passes))
	return Cost{uint32(memory), uint32(passes + 0.5)}
}
