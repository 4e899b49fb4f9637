//go:build e2e

package e2e_test

import (
	"syscall"
	"testing"
)

// A code that runs out while the window stands on DingTalk's page, which knows
// nothing of it.
func TestExpiryBringsTheWindowHome(t *testing.T) {
	t.Parallel()
	s := newStage(t, "1280x800")
	p := s.login("--embed", "page", "--timeout", "30s") // from its start on; the code has to be seen before
	s.qr("1-away")
	s.view(awayView)
	p.failed("expired")
	s.still("2-home", "二维码已过期")
	s.close() // the person has read it
	p.exit(4)
	s.clean()
	s.nobody()
}

func TestDingTalkDownFromTheStart(t *testing.T) {
	t.Run("is an exit status for a program", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, "1280x800")
		s.dingtalk.stop()
		p := s.login()
		p.failed("network")
		p.signal(syscall.SIGTERM) // nobody is there to read the reason
		p.exit(5)
		s.clean()
		s.nobody()
	})
	for _, embed := range []string{"frame", "page"} {
		t.Run("is a reason on the screen, "+embed, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "1280x800")
			s.dingtalk.stop()
			p := s.start("--embed", embed)
			s.still("1-offline", "暂时无法登录")
			p.signal(syscall.SIGTERM)
			p.exit(0)
			s.clean()
			s.nobody()
		})
	}
}
