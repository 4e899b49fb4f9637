//go:build !linux && !darwin

package clock

import "time"

// boot tells nothing: Windows has no name of a run that can be read without
// rights, and counts the time since its start by a clock that people set.
func boot() (name string, since time.Duration, ok bool) { return "", 0, false }
