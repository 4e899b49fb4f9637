//go:build e2e

package e2e_test

import (
	"bufio"
	"bytes"
	"errors"
	"image"
	"image/draw"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// screen is an X server that nobody looks at but us.
type screen struct {
	t       *testing.T
	display string // as in DISPLAY
}

func newScreen(t *testing.T, size string) *screen {
	t.Helper()
	ready, number, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", size+"x24", "-nolisten", "tcp",
		"-noreset") // else it starts anew whenever its last client leaves, and refuses one that comes meanwhile
	server.ExtraFiles = []*os.File{number}
	var said transcript
	server.Stderr = &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	_ = number.Close() // the server has its own
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGTERM) // it may have died: Wait tells
		_ = server.Wait()                          // how it ends matters to nobody
	})
	defer func() { _ = ready.Close() }()                 // it is read
	line, err := bufio.NewReader(ready).ReadString('\n') // comes when windows can
	if err != nil {
		t.Fatalf("start X server: %v; it said: %s", err, said.String())
	}
	return &screen{t: t, display: ":" + strings.TrimSpace(line)}
}

// command is a program that looks at this screen.
func (s *screen) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(s.t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+s.display)
	return cmd
}

// photograph puts a picture of all the screen into the file.
func (s *screen) photograph(file string) (image.Image, error) {
	cmd := exec.Command("import", "-display", s.display, "-window", "root", file) // after the test's context, too
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, errors.Join(err, errors.New(string(said)))
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	return picture, err
}

// picture is a photograph that is kept under the name.
func (s *stage) picture(name string) image.Image {
	s.t.Helper()
	picture, err := s.screen.photograph(filepath.Join(s.kept, name+".png"))
	if err != nil {
		s.t.Fatalf("take a picture: %v", err)
	}
	return picture
}

// codes are the QR codes that a camera finds in a kept picture.
func (s *stage) codes(name string) []string {
	s.t.Helper()
	found, err := s.screen.command("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable",
		filepath.Join(s.kept, name+".png")).Output()
	var status *exec.ExitError
	if err != nil && (!errors.As(err, &status) || status.ExitCode() != noCode) {
		s.t.Fatalf("look for a QR code: %v", err)
	}
	return strings.Fields(string(found))
}

// noCode is zbarimg's exit status for a picture without one.
const noCode = 4

// qr waits until a picture shows one QR code that is none of old, and returns
// what it says and the picture, which is kept.
func (s *stage) qr(name string, old ...string) (link string, picture image.Image) {
	s.t.Helper()
	until(s.t, "a QR code on the screen", func() bool {
		picture = s.picture(name)
		codes := s.codes(name)
		if len(codes) != 1 {
			return false
		}
		link = codes[0]
		for _, o := range old {
			if link == o {
				return false
			}
		}
		return true
	})
	return link, picture
}

// titles are the names of all windows on the screen. A window of ours is
// called what its page is called, so they tell which view is up.
func (s *screen) titles() string {
	// Its status is that of the last look-up, and a window may go meanwhile.
	names, _ := s.command("xdotool", "search", "--onlyvisible", "--name", "", "getwindowname", "%@").Output()
	return string(names)
}

// view waits until the window is called so.
func (s *stage) view(title string) {
	s.t.Helper()
	var titles string
	called := func() bool {
		titles = s.screen.titles()
		return strings.Contains(titles, title)
	}
	defer func() {
		if !strings.Contains(titles, title) {
			s.t.Logf("the windows are called %q", titles)
		}
	}()
	until(s.t, "the window is called «"+title+"»", called)
}

// astir is how much of the screen may move where all stands still: a clock ticks
// on, and pictures may take longer than its second.
const astir = 0.001

// still waits until the window is called so and nothing on the screen moves
// any more but a clock, and returns the picture, which is kept.
func (s *stage) still(name, title string) image.Image {
	s.t.Helper()
	s.view(title)
	last := s.picture(name)
	until(s.t, "«"+title+"» stands still", func() bool {
		now := s.picture(name)
		moved := change(last, now)
		last = now
		return moved < astir && strings.Contains(s.screen.titles(), title)
	})
	return last
}

// change is how much of the second picture is not as in the first, 0 to 1.
func change(a, b image.Image) float64 {
	pa, pb := pixels(a), pixels(b)
	differ := 0
	for i := 0; i < min(len(pa), len(pb)); i += 4 {
		if !bytes.Equal(pa[i:i+4], pb[i:i+4]) {
			differ++
		}
	}
	return float64(4*differ) / float64(max(1, len(pa)))
}

// pixels are four bytes each.
func pixels(picture image.Image) []byte {
	plain := image.NewRGBA(picture.Bounds())
	draw.Draw(plain, plain.Rect, picture, plain.Rect.Min, draw.Src)
	return plain.Pix
}

// welcomes waits until the screen greets the person. The picture of it is
// kept; it is quite another than before, and has no QR code. The window goes a
// moment after a sign-in, so the core is held until the picture is taken.
func (s *stage) welcomes(p *session, name, person string, before image.Image) {
	s.t.Helper()
	s.view(welcomeView(person))
	p.signal(syscall.SIGSTOP)
	defer p.signal(syscall.SIGCONT)
	if now := s.still(name, welcomeView(person)); change(before, now) < 0.02 || len(s.codes(name)) > 0 {
		s.t.Errorf("the screen has not changed: %.3f of it, QR codes %q", change(before, now), s.codes(name))
	}
}

// The views by their titles: the interface's heading, in frontend/src/text/zh.ts,
// and the sandbox's mark on DingTalk's page.
const (
	waitingView = "用钉钉扫码登录"
	awayView    = "SANDBOX"
	workingView = "正在核实身份"
)

// welcomeView is the title that greets a person.
func welcomeView(name string) string { return "欢迎 " + name }
