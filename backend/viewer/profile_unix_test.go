//go:build unix

package viewer_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/dingpass/dingpass/backend/viewer"
)

// In a shared temporary directory another user could lay a link in our way.
func TestForeignFolderInTheTemporaryDirectoryIsNotUsed(t *testing.T) {
	t.Parallel()
	stage, temp, elsewhere := newStage(t), t.TempDir(), t.TempDir()
	w := &viewer.Window{Command: command(t), ProfileRoot: unusable(t), TempDir: temp, Environ: stage.environ("window")}
	done := show(t.Context(), w, links())
	window := stage.enter()
	spare := filepath.Dir(window.profile())
	window.cue("exit 0")
	_ = outcome(t, done)
	if err := os.RemoveAll(spare); err != nil {
		t.Fatal(err)
	}
	precious := filepath.Join(elsewhere, "window-1")
	if err := errors.Join(os.Mkdir(precious, 0o700), os.Symlink(elsewhere, spare)); err != nil {
		t.Fatal(err)
	}
	if err := outcome(t, show(t.Context(), w, links())); !errors.Is(err, viewer.ErrUnavailable) {
		t.Errorf("Show = %v, want ErrUnavailable", err)
	}
	if _, err := os.Stat(precious); err != nil {
		t.Errorf("what the link leads to was swept: %v", err)
	}
}
