package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// command is a program that ends when ctx does: asked first, and killed when it
// does not follow.
func command(ctx context.Context, env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // our own programs and Xvfb
	cmd.Env = env
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// environ is all that the programs get: nothing of the caller's settings, and
// no proxy.
func environ(home string, more ...string) []string {
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8",
		"HOME=" + home, "TMPDIR=" + os.TempDir(),
	}, more...)
}

// tail keeps the end of what a program says, for the error that tells why it
// did not do its work.
type tail struct{ text string }

const tailLength = 400

// Write is called by one goroutine, exec's.
func (t *tail) Write(p []byte) (int, error) {
	t.text += string(p)
	t.text = t.text[max(0, len(t.text)-tailLength):]
	return len(p), nil
}

// String may be called once the program has ended.
func (t *tail) String() string { return strings.TrimSpace(t.text) }
