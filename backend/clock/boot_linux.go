package clock

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// boot tells the run of the kernel and how long it has been running.
// CLOCK_BOOTTIME counts sleep, which CLOCK_MONOTONIC, and with it Go's own
// reading, does not (clock_gettime(2)).
func boot() (name string, since time.Duration, ok bool) {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", 0, false
	}
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return "", 0, false
	}
	return strings.TrimSpace(string(id)), time.Duration(t.Nano()), true
}
