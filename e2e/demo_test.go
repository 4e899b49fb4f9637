//go:build e2e

package e2e_test

import (
	"path/filepath"
	"syscall"
	"testing"
)

// The demonstration, on a large and on a small screen.
func TestDemo(t *testing.T) {
	for _, size := range []string{"1920x1080", "800x600"} {
		t.Run(size, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, size)
			p := s.start("demo")
			code, before := s.qr("1-qr")
			s.view(waitingView)
			s.dingtalk.confirm(code, "aygul10") // the phone opens the address in the code: the demo's own DingTalk
			s.welcomes(p, "2-welcome", "阿依古丽·买买提江", before)
			p.signal(syscall.SIGTERM)
			p.exit(0)
			key := "file:" + filepath.Join(s.data, "demo.key") // as the demo has said
			if e, status := s.whoami(filepath.Join(s.data, "demo"), "--key-source", key); status != 0 || e.Identity.UserID != "aygul10" {
				t.Errorf("whoami: status %d, %+v", status, e)
			}
			s.nobody() // outside of the demo
		})
	}
}
