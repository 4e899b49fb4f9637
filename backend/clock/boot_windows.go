package clock

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// boot tells the run of this process, by its id and the moment of its creation,
// and how long the machine has been running, sleep included (GetTickCount64).
// Windows has no name of its own run that can be read without rights. So what
// is measured counts as long as the process lives: in it one contact heals a
// wrong clock, as elsewhere; the next process knows the mark, and the wall
// clock.
func boot() (name string, since time.Duration, ok bool) {
	var created, exited, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(windows.CurrentProcess(), &created, &exited, &kernel, &user); err != nil {
		return "", 0, false
	}
	return fmt.Sprintf("process %d %d", os.Getpid(), created.Nanoseconds()), windows.DurationSinceBoot(), true
}
