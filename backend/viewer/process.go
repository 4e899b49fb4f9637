package viewer

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// run starts the window program on link and waits for it and all that it
// started to be gone. When ctx ends it is told to quit, and killed after the
// grace.
func (w *Window) run(ctx context.Context, profile, link string) (Death, error) {
	// Linux signals a child when the thread that started it ends, not the
	// process (PR_SET_PDEATHSIG, golang/go#27505): keep the thread meanwhile.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	cmd := exec.CommandContext(ctx, w.Command[0], w.arguments(profile)...) //nolint:gosec // the program comes from Find
	cmd.Env = environ(w.environ(), profile)
	cmd.SysProcAttr = ownGroup()
	cmd.WaitDelay = w.grace()

	control, err := cmd.StdinPipe()
	if err != nil {
		return Death{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	noise, stderr, err := os.Pipe()
	if err != nil {
		return Death{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	cmd.Stderr = stderr
	cmd.Cancel = func() error {
		w.order(OrderQuit) // a window that does not follow is killed after the grace
		return control.Close()
	}

	err = cmd.Start()
	_ = stderr.Close() // the child has its own
	if err != nil {
		_ = noise.Close() // nothing was read or written
		return Death{}, fmt.Errorf("%w: start %s: %w", ErrUnavailable, filepath.Base(w.Command[0]), err)
	}
	heard := w.hear(noise)

	w.listen(control, link)
	_ = cmd.Wait() // the status tells more
	w.listen(nil, "")

	killGroup(cmd.Process.Pid)
	return Death{Status: cmd.ProcessState.ExitCode(), Last: w.lastOf(heard, noise)}, nil
}

// arguments are the rest of the command line; the link is not among them.
func (w *Window) arguments(profile string) []string {
	args := append([]string(nil), w.Command[1:]...)
	args = append(args, "--"+FlagProfile+"="+profile)
	if w.Kiosk {
		args = append(args, "--"+FlagKiosk)
	}
	if w.Title != "" {
		args = append(args, "--"+FlagTitle+"="+w.Title)
	}
	if w.Language != "" {
		args = append(args, "--"+FlagLanguage+"="+w.Language)
	}
	return append(args, "-")
}
