package clock

import (
	"time"

	"golang.org/x/sys/unix"
)

// boot tells the run of the kernel and how long it has been running. On macOS
// CLOCK_MONOTONIC_RAW counts sleep (clock_gettime(3)).
func boot() (name string, since time.Duration, ok bool) {
	id, err := unix.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return "", 0, false
	}
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC_RAW, &t); err != nil {
		return "", 0, false
	}
	return id, time.Duration(t.Nano()), true
}
