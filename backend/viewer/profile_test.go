package viewer_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/dingpass/dingpass/backend/viewer"
)

// profilesIn lists the profiles that exist below root.
func profilesIn(t *testing.T, root string) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(root, "window-*"))
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

func TestProfileIsFreshPrivateAndRemoved(t *testing.T) {
	t.Parallel()
	stage := newStage(t)
	root := filepath.Join(t.TempDir(), "not", "there", "yet")
	w := &viewer.Window{Command: command(t), ProfileRoot: root, Environ: stage.environ("window"), After: atOnce}
	done := show(t.Context(), w, links())

	first := stage.enter()
	for _, dir := range []string{root, first.profile()} {
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o700 && runtime.GOOS != "windows" {
			t.Errorf("mode of %s = %v, want 0700", dir, got)
		}
	}
	if runtime.GOOS == "linux" {
		for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "TMPDIR"} {
			if got := first.env(name); filepath.Dir(got) != first.profile() {
				t.Errorf("%s = %q, not in the profile", name, got)
			}
			if info, err := os.Stat(first.env(name)); err != nil || !info.IsDir() {
				t.Errorf("%s: %v", name, err)
			}
		}
		first.cue("write the session of one person")
	}
	first.cue("exit 1")

	second := stage.enter()
	if second.profile() == first.profile() {
		t.Error("the next window has the same profile")
	}
	if _, err := os.Stat(filepath.Join(second.env("XDG_DATA_HOME"), "session")); err == nil {
		t.Error("the next window sees the session of the one before")
	}
	second.cue("exit 0")
	_ = outcome(t, done)
	if left := profilesIn(t, root); len(left) > 0 {
		t.Errorf("profiles left: %v", left)
	}
}

func TestReadOnlyDataFolderTakesTheProfileElsewhere(t *testing.T) {
	t.Parallel()
	stage, temp := newStage(t), t.TempDir()
	w := &viewer.Window{Command: command(t), ProfileRoot: unusable(t), TempDir: temp, Environ: stage.environ("window"), After: atOnce}
	done := show(t.Context(), w, links())
	first := stage.enter()
	root := filepath.Dir(first.profile())
	if filepath.Dir(root) != temp {
		t.Errorf("profile %s is not below the temporary directory %s", first.profile(), temp)
	}
	for _, dir := range []string{root, first.profile()} {
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o700 && runtime.GOOS != "windows" {
			t.Errorf("mode of %s = %v, want 0700", dir, got)
		}
	}
	first.cue("exit 9")
	second := stage.enter()
	if second.profile() == first.profile() {
		t.Error("the next window has the same profile")
	}
	second.cue("exit 0")
	if err := outcome(t, done); err != nil {
		t.Errorf("Show = %v", err)
	}
	if left := profilesIn(t, root); len(left) > 0 {
		t.Errorf("profiles left: %v", left)
	}
}

// unusable is a folder that cannot be made, for root neither.
func unusable(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(file, "windows")
}

func TestWindowGoesWithAKilledCoreAndTheNextCoreSweeps(t *testing.T) {
	t.Parallel()
	t.Run("the data folder", func(t *testing.T) { t.Parallel(); killAndSweep(t, t.TempDir(), t.TempDir()) })
	t.Run("the temporary directory", func(t *testing.T) { t.Parallel(); killAndSweep(t, unusable(t), t.TempDir()) })
}

func killAndSweep(t *testing.T, root, temp string) {
	t.Helper()
	stage := newStage(t)
	alive := &viewer.Window{Command: command(t), ProfileRoot: root, TempDir: temp, Environ: stage.environ("window")}
	aliveDone := show(t.Context(), alive, links())
	aliveWindow := stage.enter()

	core := exec.CommandContext(t.Context(), command(t)[0], command(t)[1:]...)
	core.Env = stage.environ("core", "FAKE_ROOT="+root, "TMPDIR="+temp)()
	if err := core.Start(); err != nil {
		t.Fatal(err)
	}
	orphan := stage.enter()
	if err := core.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = core.Wait() // it was killed
	if runtime.GOOS != "linux" {
		orphan.says("heard the end") // Linux kills it before it can say so
		orphan.cue("exit 0")
	}
	orphan.gone()
	if _, err := os.Stat(orphan.profile()); err != nil {
		t.Fatalf("the killed core left no profile to sweep: %v", err)
	}

	next := &viewer.Window{Command: command(t), ProfileRoot: root, TempDir: temp, Environ: stage.environ("window")}
	done := show(t.Context(), next, links())
	window := stage.enter()
	if _, err := os.Stat(orphan.profile()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the killed core's profile is still there: %v", err)
	}
	if _, err := os.Stat(aliveWindow.profile()); err != nil {
		t.Errorf("the profile of a window that is open was swept: %v", err)
	}
	window.cue("exit 0")
	aliveWindow.cue("exit 0")
	_, _ = outcome(t, done), outcome(t, aliveDone)
}
