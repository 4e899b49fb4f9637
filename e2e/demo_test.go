//go:build e2e

package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

// What «make demo» does once all is built, on a machine without a display: the
// script has a screen and a phone of its own.
func TestDemoWithoutADisplayPrintsTheIdentityAndLeavesPictures(t *testing.T) {
	t.Parallel()
	places <- struct{}{}
	defer func() { <-places }()
	program(t, "dingpass-window") // or it would go on in a browser
	pictures := []string{filepath.Join(root(), "artefacts", "demo-qr.png"), filepath.Join(root(), "artefacts", "demo-signed-in.png")}
	for _, picture := range pictures {
		_ = os.Remove(picture) // mostly there is none
	}
	demo := exec.CommandContext(t.Context(), filepath.Join(root(), "build", "demo.sh"))
	demo.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LANG=C.UTF-8"}
	out, err := demo.CombinedOutput()
	said := string(out)
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if !strings.Contains(said, `"user_id":"zhang01"`) || !strings.Contains(said, strings.Join(pictures, " ")) {
		t.Errorf("it says %s", said)
	}
	var seen [2]string
	for i, picture := range pictures {
		content, err := os.ReadFile(picture)
		if err != nil {
			t.Fatal(err)
		}
		seen[i] = string(content)
	}
	if seen[0] == seen[1] {
		t.Error("both pictures show the same")
	}
}
