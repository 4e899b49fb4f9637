//go:build e2e

package e2e_test

import (
	"syscall"
	"testing"
)

// Anything may be killed at any moment: the window, the process that draws the
// page, the core. Whatever it is, nobody is signed in who was not confirmed,
// and nothing is left behind.

// moment is a point of a sign-in.
type moment struct {
	name  string
	embed string
	reach func(s *stage, p *session) (code string) // goes there; code is the QR on the screen on the way
	after bool                                     // the phone has confirmed
}

func moments() []moment {
	return []moment{
		{"while the frame waits", "frame", func(s *stage, p *session) string {
			code, _ := s.qr("1-frame")
			s.view(waitingView)
			return code
		}, false},
		{"while DingTalk's page waits", "page", func(s *stage, p *session) string {
			code, _ := s.qr("1-page")
			s.view(awayView)
			return code
		}, false},
		{"while the identity is asked for", "frame", func(s *stage, p *session) string {
			// Each less than the client waits for (backend/dingtalk, transport.go), both
			// long enough for the slowest camera.
			s.dingtalk.fault(exchange, `{"latency":"5s","times":1}`)
			s.dingtalk.fault(membership, `{"latency":"5s","times":1}`)
			code, _ := s.qr("1-frame")
			s.dingtalk.confirm(code, "zhang01")
			p.phase("working")
			s.view(workingView)
			return code
		}, true},
	}
}

func TestKilledWindowComesBackAndTheSignInGoesOn(t *testing.T) {
	for _, victim := range []string{windowProgram, rendererProgram} {
		for _, at := range moments() {
			t.Run(victim+" "+at.name, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, "1280x800")
				p := s.login("--embed", at.embed)
				code := at.reach(s, p)
				p.murder(victim)
				if !at.after {
					again, _ := s.qr("2-again", code)
					s.view(waitingView) // a page that kills web views is not shown again (wails #5405)
					s.nobody()
					s.dingtalk.confirm(again, "zhang01")
				}
				s.view(welcomeView("张三"))
				s.picture("3-welcome")
				p.signedIn("zhang01")
				p.exit(0)
				s.clean()
				s.somebody("zhang01")
			})
		}
	}
}

// The app stays up after a sign-in, so its window is replaced then, too.
func TestKilledWindowComesBackToTheWelcome(t *testing.T) {
	for _, victim := range []string{windowProgram, rendererProgram} {
		t.Run(victim, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "1280x800")
			p := s.start()
			code, _ := s.qr("1-frame")
			s.dingtalk.confirm(code, "zhang01")
			s.view(welcomeView("张三"))
			p.murder(victim)
			s.view(welcomeView("张三"))
			s.picture("2-welcome")
			s.somebody("zhang01")
			p.signal(syscall.SIGTERM)
			p.exit(0)
			s.clean()
		})
	}
}

func TestKilledCoreSignsNobodyInAndLeavesNothing(t *testing.T) {
	for _, at := range moments() {
		t.Run(at.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "1280x800")
			p := s.login("--embed", at.embed)
			at.reach(s, p)
			p.signal(syscall.SIGKILL)
			p.exit(-1)
			s.nobody()
			s.restartsClean()
			s.nobody()
		})
	}
	t.Run("after the result", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, "1280x800")
		p := s.login()
		code, _ := s.qr("1-frame")
		s.dingtalk.confirm(code, "zhang01")
		p.signedIn("zhang01")
		p.signal(syscall.SIGKILL)
		p.exit(-1)
		s.somebody("zhang01")
		s.restartsClean()
		s.somebody("zhang01")
	})
}

// restartsClean starts the next sign-in, which works, and clears away what a
// killed one has left.
func (s *stage) restartsClean() {
	s.t.Helper()
	p := s.login()
	s.qr("9-next-start")
	if profiles := s.profiles(); len(profiles) != 1 {
		s.t.Errorf("%d profiles in the next start, want its own only: %v", len(profiles), profiles)
	}
	p.signal(syscall.SIGTERM)
	p.failed("cancelled")
	p.exit(4)
	s.clean()
}

func TestSignalCancelsAndLeavesNothing(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		for _, at := range moments() {
			t.Run(sig.String()+" "+at.name, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, "1280x800")
				p := s.login("--embed", at.embed)
				at.reach(s, p)
				p.signal(sig)
				p.failed("cancelled")
				p.exit(4)
				s.clean()
				s.nobody()
			})
		}
		t.Run(sig.String()+" after the result", func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "1280x800")
			p := s.login()
			code, _ := s.qr("1-frame")
			s.dingtalk.confirm(code, "zhang01")
			p.signedIn("zhang01")
			p.signal(sig)
			p.exit(0)
			s.clean()
			s.somebody("zhang01")
		})
	}
}

func TestWindowClosedByHandCancels(t *testing.T) {
	t.Parallel()
	s := newStage(t, "1280x800")
	p := s.login()
	s.qr("1-frame")
	s.close()
	p.failed("cancelled")
	p.exit(4)
	s.clean()
	s.nobody()
}
