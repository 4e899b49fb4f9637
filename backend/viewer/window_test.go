package viewer_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/viewer"
)

// links mints numbered links.
func links() viewer.Link {
	var n atomic.Int32
	return func() string { return fmt.Sprintf("http://127.0.0.1:1/open/secret-%d?a=1&b=%%25张", n.Add(1)) }
}

// show runs Show and returns its outcome.
func show(ctx context.Context, v viewer.Viewer, link viewer.Link) <-chan error {
	done := make(chan error, 1)
	go func() { done <- v.Show(ctx, link) }()
	return done
}

// outcome waits for Show to return.
func outcome(t *testing.T, done <-chan error) error {
	t.Helper()
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		t.Fatal("Show does not return")
		return nil
	}
}

// atOnce is an After for tests in which waiting is of no interest.
func atOnce(time.Duration) <-chan time.Time {
	c := make(chan time.Time)
	close(c)
	return c
}

func TestLinkReachesTheWindowOnStandardInputAlone(t *testing.T) {
	t.Parallel()
	stage := newStage(t)
	w := &viewer.Window{
		Command: command(t), ProfileRoot: t.TempDir(), Environ: stage.environ("window"),
		Kiosk: true, Title: "前台 sign-in", Language: "zh-CN",
	}
	done := show(t.Context(), w, links())
	window := stage.enter()
	if want := "http://127.0.0.1:1/open/secret-1?a=1&b=%25张"; window.Link != want {
		t.Errorf("link on standard input = %q, want %q", window.Link, want)
	}
	if text := strings.Join(append(window.Args, window.Environ...), "\n"); strings.Contains(text, "secret-1") {
		t.Errorf("the link stands in the arguments or the environment:\n%s", text)
	}
	got := window.Args[len(window.Args)-5:]
	want := []string{"--profile=" + window.profile(), "--kiosk", "--title=前台 sign-in", "--language=zh-CN", "-"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("arguments = %q, want %q", got, want)
	}
	window.cue("exit 0")
	if err := outcome(t, done); err != nil {
		t.Errorf("Show = %v after the person closed the window", err)
	}
}

func TestWindowGetsNoSettingsOfOurs(t *testing.T) {
	t.Parallel()
	stage := newStage(t)
	w := &viewer.Window{Command: command(t), ProfileRoot: t.TempDir(), Environ: stage.environ("window",
		"DINGPASS_CLIENT_SECRET=planted-1", "DINGPASS_CORP_ID=planted-2", "CREDENTIALS_DIRECTORY=/planted-3", "LANG=zh_CN.UTF-8")}
	done := show(t.Context(), w, links())
	window := stage.enter()
	if text := strings.Join(window.Environ, "\n"); strings.Contains(text, "planted") {
		t.Errorf("the environment has what is for the core only:\n%s", text)
	}
	if got := window.env("LANG"); got != "zh_CN.UTF-8" {
		t.Errorf("LANG = %q; the rest should be passed on", got)
	}
	window.cue("exit 0")
	_ = outcome(t, done)
}

func TestOrdersReachTheWindow(t *testing.T) {
	t.Parallel()
	stage := newStage(t)
	w := &viewer.Window{Command: command(t), ProfileRoot: t.TempDir(), Environ: stage.environ("window"), Grace: patience}
	w.Home() // without a window: nothing
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := show(ctx, w, links())
	window := stage.enter()
	w.Home()
	window.says("heard home")
	cancel()
	window.says("heard quit")
	window.says("heard the end")
	window.cue("exit 0")
	if err := outcome(t, done); err != nil {
		t.Errorf("Show = %v after ctx ended", err)
	}
	w.Home()
}

func TestNothingIsShownOnceContextHasEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := &viewer.Window{Command: []string{"/nonexistent"}, ProfileRoot: t.TempDir()}
	if err := w.Show(ctx, func() string { t.Error("a link was minted"); return "" }); err != nil {
		t.Errorf("Show = %v", err)
	}
}

func TestDeadWindowIsReplacedAfterDoublingWaits(t *testing.T) {
	t.Parallel()
	stage := newStage(t)
	waits, fire := make(chan time.Duration), make(chan time.Time)
	var deaths []viewer.Death
	w := &viewer.Window{
		Command: command(t), ProfileRoot: t.TempDir(), Environ: stage.environ("window"),
		Backoff: viewer.Backoff{First: time.Second, Most: 3 * time.Second, Deaths: 5, Within: time.Hour},
		OnDeath: func(d viewer.Death) { deaths = append(deaths, d) },
		Now:     func() time.Time { return time.Unix(0, 0) },
		After:   func(d time.Duration) <-chan time.Time { waits <- d; return fire },
	}
	done := show(t.Context(), w, links())
	for i, want := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second} {
		window := stage.enter()
		if want := fmt.Sprintf("secret-%d?", i+1); !strings.Contains(window.Link, want) {
			t.Errorf("link = %q, want a fresh one with %q", window.Link, want)
		}
		window.cue("exit %d", viewer.StatusPageDied)
		if got := <-waits; got != want {
			t.Errorf("wait %d = %v, want %v", i+1, got, want)
		}
		fire <- time.Time{}
	}
	stage.enter().cue("exit 9")
	if err := outcome(t, done); !errors.Is(err, viewer.ErrDied) {
		t.Errorf("Show = %v, want ErrDied after five deaths", err)
	}
	if len(deaths) != 5 || deaths[0].Status != viewer.StatusPageDied || deaths[4].Status != 9 || deaths[4].Restart != 0 {
		t.Errorf("deaths = %v", deaths)
	}
}

func TestRareDeathsNeverAddUp(t *testing.T) {
	t.Parallel()
	stage := newStage(t)
	var hours atomic.Int64
	w := &viewer.Window{
		Command: command(t), ProfileRoot: t.TempDir(), Environ: stage.environ("window"),
		Backoff: viewer.Backoff{Deaths: 2},
		Now:     func() time.Time { return time.Unix(0, 0).Add(time.Duration(hours.Add(1)) * time.Hour) },
		After:   atOnce,
	}
	done := show(t.Context(), w, links())
	for range 4 {
		stage.enter().cue("exit 9")
	}
	stage.enter().cue("exit 0")
	if err := outcome(t, done); err != nil {
		t.Errorf("Show = %v", err)
	}
}

func TestContextEndsTheWaitForTheNextWindow(t *testing.T) {
	t.Parallel()
	stage := newStage(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w := &viewer.Window{
		Command: command(t), ProfileRoot: t.TempDir(), Environ: stage.environ("window"),
		After: func(time.Duration) <-chan time.Time { cancel(); return nil },
	}
	done := show(ctx, w, links())
	stage.enter().cue("exit 9")
	if err := outcome(t, done); err != nil {
		t.Errorf("Show = %v", err)
	}
}

func TestWindowThatCannotStartIsUnavailable(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]*viewer.Window{
		"no program is known":        {ProfileRoot: t.TempDir()},
		"the program is missing":     {Command: []string{filepath.Join(t.TempDir(), "missing")}, ProfileRoot: t.TempDir()},
		"profiles cannot be made":    {Command: command(t), ProfileRoot: filepath.Join(file, "below a file"), TempDir: file},
		"the profile root is a file": {Command: command(t), ProfileRoot: file, TempDir: file},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := w.Show(t.Context(), links()); !errors.Is(err, viewer.ErrUnavailable) {
				t.Errorf("Show = %v, want ErrUnavailable", err)
			}
		})
	}
	for name, status := range map[string]int{"there is no display": viewer.StatusNoDisplay, "a library is missing": 127} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stage := newStage(t)
			w := &viewer.Window{Command: command(t), ProfileRoot: t.TempDir(), Environ: stage.environ("window")}
			done := show(t.Context(), w, links())
			window := stage.enter()
			window.cue("say the reason")
			window.cue("exit %d", status)
			err := outcome(t, done)
			if !errors.Is(err, viewer.ErrUnavailable) || !strings.Contains(err.Error(), "the reason") {
				t.Errorf("Show = %v, want ErrUnavailable with the reason", err)
			}
		})
	}
}

func TestNoiseOfAWindowIsKeptShort(t *testing.T) {
	t.Parallel()
	stage := newStage(t)
	var last string
	w := &viewer.Window{
		Command: command(t), ProfileRoot: t.TempDir(), Environ: stage.environ("window"), After: atOnce,
		OnDeath: func(d viewer.Death) { last = d.Last },
	}
	done := show(t.Context(), w, links())
	window := stage.enter()
	for range 200 {
		window.cue("say again and again")
	}
	window.cue("say %s", strings.Repeat("字", 9000)) // longer than any buffer
	window.cue("exit 9")
	stage.enter().cue("exit 0")
	_ = outcome(t, done)
	if want := strings.Repeat("字", 100) + "…"; last != want {
		t.Errorf("last line has %d bytes, want the first 300 and an ellipsis", len(last))
	}
}
