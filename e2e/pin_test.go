//go:build e2e

package e2e_test

import (
	"strings"
	"syscall"
	"testing"
)

// The views on the way to a PIN, and without DingTalk, by their titles.
const (
	enrolView    = "设置离线 PIN"
	againView    = "再输入一次"
	enrolledView = "PIN 已设置"
	idleView     = "欢迎 ·"
	offlineView  = "没有网络，也能登录"
	numberView   = "您的工号是？"
	padView      = "输入 PIN"
)

// goodPIN is weak by no rule.
const goodPIN = "482915"

// A PIN that was set in the window right after a scan lets its person in when
// DingTalk is gone: by the released programs, on a real screen, typed on keys
// alone. It is in no process and no file afterwards.
func TestAPINIsSetInTheWindowAndLetsInWithoutDingTalk(t *testing.T) {
	t.Parallel()
	s := newStage(t, "1280x800")
	p := s.start("--embed", "frame")
	code, _ := s.qr("1-qr")
	s.dingtalk.confirm(code, "zhang01")
	s.still("2-welcome", welcomeView("张三"))
	s.press("Tab", "Tab", "Return") // past «sign out»
	s.view(enrolView)
	s.typePIN(goodPIN)
	s.view(againView)
	s.typePIN(goodPIN)
	s.still("3-enrolled", enrolledView)
	s.press("Tab", "Return") // back to the welcome
	s.view(welcomeView("张三"))
	s.press("Tab", "Return") // sign out
	s.view(idleView)
	s.nobody()
	s.close()
	p.exit(0)
	s.clean()

	s.dingtalk.stop()
	p = s.start("--embed", "frame")
	s.view(offlineView)
	before := s.picture("4-offline")
	s.press("Tab", "Tab", "Tab", "Return") // past the language and «try now»
	s.view(numberView)
	s.press("a", "0", "0", "1", "Return")
	s.view(padView)
	s.nobody()
	s.typePIN(goodPIN)
	if after := s.still("5-welcome", welcomeView("张三")); change(before, after) < 0.02 {
		t.Error("the screen has not changed")
	}
	s.somebody("zhang01")
	s.keepsSecrets(p, goodPIN)
	p.signal(syscall.SIGTERM)
	p.exit(0)
	s.clean()
	s.somebody("zhang01")
}

// typePIN types digits on the keyboard, and Return.
func (s *stage) typePIN(pin string) {
	s.t.Helper()
	s.press(append(strings.Split(pin, ""), "Return")...)
}
