package clock

import (
	"time"

	"github.com/dingpass/dingpass/backend/identity"
)

// Read reads the machine's clocks. Where the system tells no name of its run,
// or no time since its start that counts sleep, only the wall clock is in it:
// then nothing is measured, so that a contact heals no clock that stays wrong,
// and nothing is ever old enough to be deleted.
func Read() identity.Reading {
	r := identity.Reading{Wall: time.Now().UTC().Round(0)}
	if name, since, ok := boot(); ok {
		r.Boot, r.Since = name, since
	}
	return r
}
