package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/dingpass/dingpass/backend/sandbox"
)

// The product's own tags and flags (Makefile), so that both are built alike.
var windowBuild = []string{"build", "-tags", "desktop,production,webkit2_41", "-trimpath", "-ldflags", "-s -w"}

// shownWithin bounds one start.
const shownWithin = time.Minute

// starts is the measurement of the window.
type starts struct {
	screen  *screen
	sandbox *sandbox.Server
	dir     string
	empty   string // program
	bin     string
}

// measureWindow is start to QR beside an empty window, in pairs.
func measureWindow(ctx context.Context, p plan) (_ []row, err error) {
	dir, err := os.MkdirTemp("", "dingpass-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s := &starts{dir: dir, empty: filepath.Join(dir, "emptywindow"), bin: p.bin}
	p.tell("window: building the empty window")
	build := exec.CommandContext(ctx, "go", append(windowBuild, "-o", s.empty, "./build/bench/emptywindow")...) //nolint:gosec // constants
	if said, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the empty window: %w\n%s", err, said)
	}
	if s.screen, err = newScreen(ctx, dir); err != nil {
		return nil, err
	}
	defer s.screen.close()
	if s.sandbox, err = sandbox.Listen(ctx, "", sandbox.Options{}); err != nil {
		return nil, err
	}
	defer func() { _ = s.sandbox.Close() }() // nothing of it outlives us

	var ours, asked, empty []time.Duration
	for run := range p.runs + 1 {
		shown, framed, err := s.ours(ctx)
		if err != nil {
			return nil, fmt.Errorf("dingpass: %w", err)
		}
		other, err := s.theirs(ctx)
		if err != nil {
			return nil, fmt.Errorf("the empty window: %w", err)
		}
		p.tell("window: %d of %d: %v, empty %v", run, p.runs, shown.Round(time.Millisecond), other.Round(time.Millisecond))
		if run > 0 { // the first fills the system's caches
			ours, asked, empty = append(ours, shown), append(asked, framed), append(empty, other)
		}
	}
	return []row{
		timed("start to QR on the screen", ours, ratios("empty window", 1.1, ours, empty)),
		timed("… of which until DingTalk's page is asked for", asked, ratios("empty window", 0, asked, empty)),
		timed("start to an empty Wails window's page on the screen", empty),
	}, nil
}

// ours starts the core and waits for the QR. framed is when the web view asked
// for DingTalk's page.
func (s *starts) ours(ctx context.Context) (shown, framed time.Duration, err error) {
	app := s.sandbox.App()
	env := s.environ("dingpass",
		"DINGPASS_CLIENT_ID="+app.ClientID, "DINGPASS_CLIENT_SECRET="+app.ClientSecret.Reveal(), "DINGPASS_CORP_ID="+app.CorpID,
		"DINGPASS_LOGIN_URL="+s.sandbox.URL(), "DINGPASS_API_URL="+s.sandbox.URL(), "DINGPASS_OAPI_URL="+s.sandbox.URL(),
		"DINGPASS_DATA_DIR="+filepath.Join(s.dir, "data"), "DINGPASS_KEY_SOURCE=file:"+filepath.Join(s.dir, "key"), "DINGPASS_UI=window", "DINGPASS_LANGUAGE=zh-CN")
	began, shown, err := s.start(ctx, env, filepath.Join(s.bin, "dingpass"))
	if err != nil {
		return 0, 0, err
	}
	for _, r := range s.sandbox.Requests() {
		if r.Endpoint == "/oauth2/auth" && r.At.After(began) {
			return shown, r.At.Sub(began), nil
		}
	}
	return 0, 0, errors.New("there is ink on the screen, but nobody asked for a QR")
}

func (s *starts) theirs(ctx context.Context) (time.Duration, error) {
	_, shown, err := s.start(ctx, s.environ("empty"), s.empty)
	return shown, err
}

// environ is the same for both but for the home folder. The variables are those
// that our window would set for itself (app_linux.go).
func (s *starts) environ(home string, more ...string) []string {
	return environ(filepath.Join(s.dir, home), append([]string{
		"DISPLAY=" + s.screen.display, "GDK_BACKEND=x11",
		"WEBKIT_DISABLE_DMABUF_RENDERER=1", "DBUS_SESSION_BUS_ADDRESS=disabled:",
	}, more...)...)
}

// errNoFault is how a program ends that was told to.
var errNoFault = errors.New("exit status 0")

// start runs a program until there is ink on the screen, ends it, and waits
// until the ink is gone.
func (s *starts) start(ctx context.Context, env []string, program string) (began time.Time, shown time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, shownWithin)
	defer cancel()
	if err := s.screen.waitInk(ctx, false); err != nil {
		return began, 0, fmt.Errorf("wait for an empty screen: %w", err)
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	cmd := command(running, env, program)
	said := &tail{}
	cmd.Stderr = said
	began = time.Now()
	if err := cmd.Start(); err != nil {
		return began, 0, err
	}
	ended := make(chan error, 1)
	seeing, blind := context.WithCancel(ctx)
	defer blind()
	go func() { // ends with the program, which is waited for below
		ended <- cmd.Wait()
		blind()
	}()
	err = s.screen.waitInk(seeing, true)
	shown = time.Since(began)
	stop()
	status := cmp.Or(<-ended, errNoFault)
	if err != nil {
		return began, 0, fmt.Errorf("%w; the program ended with %w: %s", err, status, said)
	}
	return began, shown, s.screen.waitInk(ctx, false)
}
