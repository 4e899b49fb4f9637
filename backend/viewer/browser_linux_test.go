package viewer_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/dingpass/dingpass/backend/viewer"
)

// The real opener, in a process of its own, with a program of ours for
// xdg-open.
func TestSystemBrowserIsAskedWithoutShellAndKeepsStandardOutputClean(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	said := filepath.Join(dir, "said")
	if err := syscall.Mkfifo(said, 0o600); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\necho noise of a browser\necho noise >&2\nprintf '%s|%s' $# \"$1\" >" + said + "\n"
	// A child that another test starts meanwhile would hold the file open: «text
	// file busy» (golang/go #22315).
	syscall.ForkLock.RLock()
	err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte(script), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	const link = "http://127.0.0.1:1/open/x?a=1&b=%25;$(id)&名=张三" // dws #230

	core := exec.CommandContext(t.Context(), command(t)[0], command(t)[1:]...)
	core.Env = append(os.Environ(), roleVariable+"=browser", "DISPLAY=:0", "FAKE_LINK="+link,
		"PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	var stdout, stderr strings.Builder
	core.Stdout, core.Stderr = &stdout, &stderr
	stdin, err := core.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := core.Start(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(said) // waits for the program to write
	if err != nil {
		t.Fatal(err)
	}
	if want := "1|" + link; string(got) != want {
		t.Errorf("xdg-open got %q, want %q", got, want)
	}
	_ = stdin.Close() // which ends it
	if err := core.Wait(); err != nil {
		t.Errorf("show in a browser: %v", err)
	}
	if stdout.Len()+stderr.Len() > 0 {
		t.Errorf("the browser's noise came through: %q, %q", stdout.String(), stderr.String())
	}
}

func TestBrowserNeedsAScreen(t *testing.T) {
	t.Parallel() // over SSH, xdg-open would start a text browser in the terminal
	b := &viewer.Browser{
		Getenv: func(string) string { return "" },
		Open:   func(url string) error { t.Errorf("opened %q", url); return nil },
	}
	if err := b.Show(t.Context(), links()); !errors.Is(err, viewer.ErrUnavailable) {
		t.Errorf("Show = %v, want ErrUnavailable", err)
	}
}
