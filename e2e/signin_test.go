//go:build e2e

package e2e_test

import "testing"

// sandboxCorp is the sandbox's company (backend/sandbox, DefaultCorpID).
const sandboxCorp = "dingcorpsandbox0001"

// The whole way: the released programs, the QR off the screen, the phone, the
// name on the screen, and the identity when DingTalk is gone.
func TestSignInFromTheScreenToWhoami(t *testing.T) {
	for name, embed := range map[string]struct{ setting, view string }{
		"in a frame of our page": {"frame", waitingView},
		"on DingTalk's page":     {"page", awayView},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "1280x800")
			p := s.login("--embed", embed.setting)
			p.opened()
			code, before := s.qr("1-qr")
			s.view(embed.view)

			s.dingtalk.confirm(code, "zhang01")
			p.signedIn("zhang01")
			s.welcomes(p, "2-welcome", "张三", before)
			p.exit(0)
			s.clean()

			s.dingtalk.stop()
			s.somebody("zhang01")
		})
	}
}
