//go:build e2e

package e2e_test

import (
	"cmp"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A frame of another site gets no cookies by default in WebKitGTK, and the
// scan then has no effect; the window allows them.
func TestFrameThatNeedsItsCookieWorksInTheWindow(t *testing.T) {
	t.Parallel()
	s := newStage(t, "1280x800")
	s.dingtalk.control("settings", `{"frame_needs_cookie":true}`)
	p := s.login("--embed", "frame")
	code, before := s.qr("1-qr")
	s.dingtalk.confirm(code, "zhang01")
	s.welcomes(p, "2-welcome", "张三", before)
	p.signedIn("zhang01")
	p.exit(0)
}

// Where they are not allowed, nothing tells. After someone has tried and asked
// for a new code, DingTalk's full page comes, where its cookies are its own;
// and the next sign-in begins there.
func TestFrameWithoutItsCookieGivesWayToThePageAndIsRemembered(t *testing.T) {
	t.Parallel()
	s := newStage(t, "1280x800")
	s.dingtalk.control("settings", `{"frame_needs_cookie":true}`)
	p := s.login("--ui", "none", "--embed", "auto")
	s.browse(p.opened())

	deaf, _ := s.qr("1-deaf-frame")
	s.view(waitingView)
	s.dingtalk.confirm(deaf, "zhang01")
	s.press("Tab", "Tab", "Tab", "Tab", "Return") // to «new code»: language, DingTalk's frame, its full page
	code, _ := s.qr("2-page", deaf)
	s.view(awayView)
	if n := s.dingtalk.calls(exchange); n > 0 {
		t.Errorf("the frame was not deaf: %d codes were exchanged", n)
	}
	s.dingtalk.confirm(code, "zhang01")
	s.view(welcomeView("张三"))
	p.signedIn("zhang01")
	p.exit(0)
	s.somebody("zhang01")

	p = s.login("--embed", "auto")
	s.view(awayView)
	s.qr("3-next-start", code)
	p.signal(syscall.SIGTERM)
	p.exit(4)
}

// browse opens the link in a browser that keeps cookies from frames of other
// sites, until the end of the test.
func (s *stage) browse(link string) {
	s.t.Helper()
	profile := s.t.TempDir()
	settings := filepath.Join(profile, "Default", "Preferences")
	if err := os.MkdirAll(filepath.Dir(settings), 0o700); err != nil {
		s.t.Fatal(err)
	}
	const blocked = `{"profile":{"block_third_party_cookies":true,"cookie_controls_mode":1}}`
	if err := os.WriteFile(settings, []byte(blocked), 0o600); err != nil {
		s.t.Fatal(err)
	}
	browser := s.screen.command(cmp.Or(os.Getenv("CHROMIUM"), "chromium"), "--app="+link, "--user-data-dir="+profile, "--no-sandbox", "--no-first-run",
		"--disable-gpu", "--password-store=basic", "--window-size=1280,800", "--window-position=0,0", "--lang=zh-CN")
	browser.Env = append(browser.Env, "DBUS_SESSION_BUS_ADDRESS=disabled:")
	browser.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	browser.Cancel = func() error { return syscall.Kill(-browser.Process.Pid, syscall.SIGKILL) }
	if err := browser.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = browser.Wait() // killed with the test's context
	})
}

// press presses keys, one after the other, in whatever window has the focus.
func (s *stage) press(keys ...string) {
	s.t.Helper()
	if said, err := s.screen.command("xdotool", append([]string{"key", "--delay", "50"}, keys...)...).CombinedOutput(); err != nil {
		s.t.Fatalf("press keys: %v: %s", err, said)
	}
}
