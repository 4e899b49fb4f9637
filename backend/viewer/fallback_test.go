package viewer_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/dingpass/dingpass/backend/viewer"
)

// broken is a viewer that cannot show anything.
type broken struct{ name string }

func (b broken) String() string { return b.name }

func (b broken) Show(context.Context, viewer.Link) error {
	return fmt.Errorf("%w: %s is broken", viewer.ErrUnavailable, b.name)
}

func TestFallbackGoesDownToWhatWorksAndSaysSo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var falls []string
	told := make(chan string, 1)
	f := &viewer.Fallback{
		Viewers: []viewer.Viewer{broken{"window"}, broken{"browser"}, &viewer.Nobody{Tell: func(link string) { told <- link }}},
		OnFall:  func(fall viewer.Fall) { falls = append(falls, fall.String()) },
	}
	done := show(ctx, f, func() string { return "http://127.0.0.1:1/open/x" })
	if got := <-told; got != "http://127.0.0.1:1/open/x" {
		t.Errorf("told %q", got)
	}
	cancel()
	if err := outcome(t, done); err != nil {
		t.Errorf("Show = %v", err)
	}
	want := []string{
		"window: cannot be shown here: window is broken; going on with: browser",
		"browser: cannot be shown here: browser is broken; going on with: link",
	}
	if !slices.Equal(falls, want) {
		t.Errorf("falls = %q, want %q", falls, want)
	}
}

func TestFallbackWithNothingLeftIsUnavailable(t *testing.T) {
	t.Parallel()
	for name, viewers := range map[string][]viewer.Viewer{
		"no viewer at all": nil,
		"none works":       {broken{"window"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &viewer.Fallback{Viewers: viewers}
			if err := f.Show(t.Context(), links()); !errors.Is(err, viewer.ErrUnavailable) {
				t.Errorf("Show = %v, want ErrUnavailable", err)
			}
		})
	}
}

func TestNobodyMintsNoLinkWhenNoneIsAskedFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n := &viewer.Nobody{}
	if err := n.Show(ctx, func() string { t.Error("a link was minted"); return "" }); err != nil {
		t.Errorf("Show = %v", err)
	}
}

func TestFindPrefersTheProgramBeside(t *testing.T) {
	t.Parallel()
	window := "dingpass-window"
	if runtime.GOOS == "windows" {
		window += ".exe"
	}
	for name, test := range map[string]struct {
		mode      os.FileMode // of dingpass-window; 0 = there is none
		hasWindow bool
		want      []string // with DIR for the folder
	}{
		"a program beside":                       {0o755, false, []string{"DIR/" + window}},
		"a program beside a core with a window":  {0o755, true, []string{"DIR/" + window}},
		"a core with a window alone":             {0, true, []string{"DIR/dingpass", "window"}},
		"a core alone":                           {0, false, nil},
		"a folder of that name is not a program": {os.ModeDir | 0o755, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if test.mode.IsDir() {
				if err := os.Mkdir(filepath.Join(dir, window), 0o700); err != nil {
					t.Fatal(err)
				}
			} else if test.mode != 0 {
				if err := os.WriteFile(filepath.Join(dir, window), nil, test.mode); err != nil {
					t.Fatal(err)
				}
			}
			got, ok := viewer.Find(filepath.Join(dir, "dingpass"), test.hasWindow)
			var want []string
			for i, part := range test.want {
				if i == 0 {
					part = filepath.Join(dir, filepath.Base(part))
				}
				want = append(want, part)
			}
			if !slices.Equal(got, want) || ok != (want != nil) {
				t.Errorf("Find = %q, %v; want %q", got, ok, want)
			}
		})
	}
}
