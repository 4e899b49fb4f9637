package command

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/viewer"
)

// stage is where the person sees the sign-in: a viewer, and the care that it
// needs while it is up.
type stage struct {
	core    *core
	browser *viewer.Browser
	window  *viewer.Window // nil where there is none of ours
	ui      string
	pace    pace

	say       func(format string, args ...any)
	linkTold  bool        // the caller has a link already
	inBrowser atomic.Bool // the system's browser has the interface, as set or for want of a window

	closed chan struct{} // closed when the person closed it
	hide   context.CancelFunc
	tasks  sync.WaitGroup // all goroutines of the stage; they end when it is hidden
}

// pace is how long the stage waits for people and pages.
type pace struct {
	readName      time.Duration // a window stays so long after a sign-in: the person sees their name
	readProblem   time.Duration // the same for a reason and a next step
	shownWithin   time.Duration // for a page that may never come back
	desertedAfter time.Duration // for a page in the browser that was closed: a reload, or a way back from DingTalk, takes a moment
	openWithin    time.Duration // for a window to ask for its page; 0 is the window's own
}

func (p pace) orUsual() pace {
	if p == (pace{}) {
		return pace{readName: 2500 * time.Millisecond, readProblem: 15 * time.Second, shownWithin: 3 * time.Second, desertedAfter: 30 * time.Second}
	}
	return p
}

// raise puts the core's interface before the person, by the ui setting.
// Whoever raised it lowers it. linkTold says that the caller has a link
// already, which it shows where the ui setting is none.
func (p *Program) raise(ctx context.Context, c *core, linkTold bool) *stage {
	ctx, hide := context.WithCancel(ctx)
	s := &stage{
		core: c, ui: c.settings.UI, pace: p.pace.orUsual(), say: p.say, linkTold: linkTold,
		closed: make(chan struct{}), hide: hide,
		browser: &viewer.Browser{Open: p.Browse, Getenv: func(name string) string { value, _ := p.Getenv(name); return value }},
	}
	show := p.viewer(ctx, s)
	s.tasks.Go(func() {
		defer close(s.closed)
		// The last to show is Nobody, who always can.
		if err := show.Show(ctx, c.server.Link); err != nil {
			c.log.Error("show the interface", "error", err)
		}
	})
	s.tasks.Go(func() { s.tend(ctx) })
	s.tasks.Go(func() { s.hint(ctx) })
	return s
}

// onClose calls do when the person has closed the interface, or it is hidden.
func (s *stage) onClose(do func()) {
	s.tasks.Go(func() {
		<-s.closed
		do()
	})
}

// lower takes the interface away and waits until it is gone.
func (s *stage) lower() {
	s.hide()
	s.tasks.Wait()
}

// hint tells of a browser that was made to use https where nobody else can: a
// page of ours may never have been shown.
func (s *stage) hint(ctx context.Context) {
	select {
	case <-s.core.server.SawTLS():
		s.say(httpsHint(s.core.settings.Language))
	case <-ctx.Done():
	}
}

// viewer composes what the ui setting asks for with what can stand in for it.
func (p *Program) viewer(ctx context.Context, s *stage) viewer.Viewer {
	settings := s.core.settings
	nobody := &viewer.Nobody{Tell: func(link string) { p.say("%s", link) }}
	fallback := &viewer.Fallback{OnFall: func(f viewer.Fall) {
		p.say("dingpass: %s", f)
		if f.To == s.browser {
			s.moveToBrowser(ctx)
		}
	}}
	switch settings.UI {
	case config.None:
		if s.linkTold {
			return &viewer.Nobody{} // a second link would stand in a log
		}
		return nobody
	case config.Browser:
		s.moveToBrowser(ctx)
		fallback.Viewers = []viewer.Viewer{s.browser, nobody}
		return fallback
	}
	if command, ok := viewer.Find(p.Executable, p.Window != nil); ok {
		s.window = &viewer.Window{
			Command:     command,
			ProfileRoot: filepath.Join(settings.DataDir, "windows"),
			Title:       "dingpass",
			Language:    settings.Language,
			Opened:      s.core.server.Opened,
			OpenWithin:  s.pace.openWithin,
			OnDeath:     s.windowDied,
			Log:         s.core.log,
		}
		fallback.Viewers = append(fallback.Viewers, s.window)
	}
	fallback.Viewers = append(fallback.Viewers, s.browser, nobody)
	return fallback
}

// inWindow reports whether the interface is in a window of ours.
func (s *stage) inWindow() bool { return s.window != nil && !s.inBrowser.Load() }

// moveToBrowser takes note that the system's browser has the interface. Nobody
// tells us when its tab is closed, so the stage is over once no page of ours
// has been open for a while.
func (s *stage) moveToBrowser(ctx context.Context) {
	s.inBrowser.Store(true)
	s.tasks.Go(func() {
		s.waitDeserted(ctx)
		s.hide()
	})
}

// waitDeserted returns when the page in the browser is closed for good. While
// an attempt runs, the browser may be with DingTalk.
func (s *stage) waitDeserted(ctx context.Context) {
	if s.core.server.WaitPage(ctx) != nil {
		return
	}
	for ctx.Err() == nil && s.core.server.WaitNoPage(ctx) == nil { // which holds for ever once the tab is closed
		back, cancel := context.WithTimeout(ctx, s.pace.desertedAfter)
		gone := s.core.server.WaitPage(back) != nil
		cancel()
		if gone && !s.core.service.Snapshot().Phase.Running() {
			return
		}
	}
}

// windowDied continues in another way when it was DingTalk's whole page that
// killed the web view: a page may do that on Windows (wails #5405). The
// attempts after it do the same, or each would cost a window. A window that
// never asked for our page has not been at DingTalk's. It is replaced by its
// supervisor.
func (s *stage) windowDied(d viewer.Death) {
	if !d.Opened {
		return
	}
	snap := s.core.service.Snapshot()
	if snap.Phase == login.Waiting && snap.Embed == login.Page {
		instead := insteadOfPage(s.core.settings)
		if err := s.core.service.Begin(context.Background(), login.BeginOptions{Embed: instead, Killed: true}); err != nil {
			s.core.log.Warn("go on without DingTalk's page", "embed", instead, "error", err)
		}
	}
}

// tend follows the sign-in while the stage is up: an attempt that belongs in
// the system browser is opened there, and a window that stands on DingTalk's
// page is brought home when the attempt is over.
func (s *stage) tend(ctx context.Context) {
	opened := ""
	for snap := range s.core.service.Watch(ctx) {
		switch {
		case snap.Phase == login.Waiting && snap.Embed == login.Browser && snap.AttemptID != opened && s.ui != config.None:
			opened = snap.AttemptID
			s.tasks.Go(func() { s.openBrowser(ctx, snap.AttemptID) })
		case snap.Phase.Over() && snap.Embed == login.Page && s.inWindow():
			s.tasks.Go(func() { s.bringHome(ctx, snap) })
		}
	}
}

// openBrowser sends the system browser to DingTalk for an attempt. It comes back
// to the redirect address, which needs no cookie; our own page follows what
// happens.
func (s *stage) openBrowser(ctx context.Context, attempt string) {
	err := s.browser.Show(ctx, func() string {
		address, _ := s.core.service.AuthorizeURL(false)
		return address
	})
	if err == nil {
		return
	}
	s.core.log.Warn("open the system browser", "error", err)
	// What opens a browser may become it, and fail when it is closed hours later.
	if snap := s.core.service.Snapshot(); snap.Phase != login.Waiting || snap.AttemptID != attempt {
		return
	}
	// Our own page is there and can go to DingTalk itself.
	if err := s.core.service.Begin(ctx, login.BeginOptions{Embed: login.Page}); err != nil {
		s.core.log.Warn("go on in our own page", "error", err)
	}
}

// bringHome reloads the window when no page of ours has shown how the attempt
// ended: it then stands on DingTalk's page, which does not know that the code
// is over.
func (s *stage) bringHome(ctx context.Context, snap login.Snapshot) {
	wait, cancel := context.WithTimeout(ctx, s.pace.shownWithin)
	defer cancel()
	if s.core.server.WaitShown(wait, snap.Seq) == nil || ctx.Err() != nil {
		return
	}
	s.window.Home()
}

// linger leaves the person time to read how it ended. A page in a browser only
// needs to have been told; it may be on its way back from DingTalk's. Who
// closed the window or pressed «cancel» knows how it ended.
func (s *stage) linger(ctx context.Context, snap login.Snapshot) {
	select {
	case <-s.closed: // by hand: nobody is there to read
		return
	default:
	}
	wait, cancel := context.WithTimeout(ctx, s.pace.shownWithin)
	defer cancel()
	_ = s.core.server.WaitTold(wait, snap.Seq) // who never comes back is not waited for longer
	if !s.inWindow() || snap.Phase == login.Abandoned {
		return
	}
	read := s.pace.readProblem
	if snap.Phase == login.SignedIn {
		read = s.pace.readName
	}
	timer := time.NewTimer(read)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.closed:
	case <-ctx.Done():
	}
}
