package viewer

import (
	"os"
	"path/filepath"
	"runtime"
)

// Find tells how a window is started: by dingpass-window beside the executable
// (Linux packages ship two programs, so that the core runs where WebKitGTK is
// missing), or by the executable itself when it was built with a window.
// executable is an absolute path, as os.Executable returns it; ok is false
// where there is no window at all.
func Find(executable string, hasWindow bool) (command []string, ok bool) {
	beside := filepath.Join(filepath.Dir(executable), "dingpass-window")
	if runtime.GOOS == "windows" {
		beside += ".exe"
	}
	if runnable(beside) {
		return []string{beside}, true
	}
	if hasWindow {
		return []string{executable, "window"}, true
	}
	return nil, false
}

// runnable reports whether path is a program. Windows has no execute bits: the
// name says it there.
func runnable(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	return runtime.GOOS == "windows" || info.Mode().Perm()&0o111 != 0
}
