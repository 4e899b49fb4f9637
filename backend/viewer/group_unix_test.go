//go:build unix

package viewer_test

import (
	"context"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/viewer"
)

func TestStubbornWindowIsKilledWithItsHelpers(t *testing.T) {
	t.Parallel()
	stage := newStage(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w := &viewer.Window{Command: command(t), ProfileRoot: t.TempDir(), Environ: stage.environ("window"), Grace: time.Millisecond}
	done := show(ctx, w, links())
	window := stage.enter()
	window.cue("helper")
	helper := stage.enter()
	cancel() // it hears that, and stays
	if err := outcome(t, done); err != nil {
		t.Errorf("Show = %v", err)
	}
	window.gone()
	helper.gone()
}

func TestCrashedWindowLeavesNoHelper(t *testing.T) {
	t.Parallel()
	stage := newStage(t)
	w := &viewer.Window{Command: command(t), ProfileRoot: t.TempDir(), Environ: stage.environ("window"), After: atOnce}
	done := show(t.Context(), w, links())
	window := stage.enter()
	window.cue("helper")
	helper := stage.enter()
	window.cue("exit 9")
	helper.gone()
	stage.enter().cue("exit 0")
	_ = outcome(t, done)
}
