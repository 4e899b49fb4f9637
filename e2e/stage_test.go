//go:build e2e

package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"testing"
	"time"
)

// stage is what a test plays on.
type stage struct {
	t        *testing.T
	screen   *screen
	dingtalk *dingtalk
	data     string // the data folder of dingpass
	kept     string // the folder for what is worth a look afterwards
	language string
}

// places is how many stages may be up at once: a window draws without a
// graphics card, so each wants a processor of its own.
var places = make(chan struct{}, max(1, runtime.NumCPU()))

// newStage waits for a place, and sets up a screen of the size, such as
// "1280x800", and a DingTalk.
func newStage(t *testing.T, size string) *stage {
	t.Helper()
	places <- struct{}{}
	t.Cleanup(func() { <-places })
	s := &stage{t: t, data: filepath.Join(t.TempDir(), "data"), kept: keep(t), language: "zh-CN"}
	s.screen = newScreen(t, size)
	s.dingtalk = newDingTalk(t)
	t.Cleanup(func() {
		if t.Failed() {
			_, _ = s.screen.photograph(filepath.Join(s.kept, "failed.png")) // the failure has been told
		}
	})
	return s
}

// keep makes the test's folder for artefacts, empty.
func keep(t *testing.T) string {
	t.Helper()
	name := regexp.MustCompile(`[^A-Za-z0-9]+`).ReplaceAllString(t.Name(), "-")
	dir := filepath.Join(root(), "artefacts", "e2e", name)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// root is the project's folder; go test runs in the package's.
func root() string {
	dir, err := filepath.Abs("..")
	if err != nil {
		return ".."
	}
	return dir
}

// program is a release binary, which «make build» has put there.
func program(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(root(), "bin", name)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v; run «make build» first", err)
	}
	return path
}

// patience is how long something may take that should take a moment. It is
// long because several windows may be drawn by one processor; nothing waits
// that long unless it fails.
const patience = time.Minute

// until asks again and again whether something has come to be, and fails the
// test when it has not within patience. It is for what has no event to wait
// for: a picture, a title, another program's process.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-deadline.C:
			t.Fatalf("waited %v in vain: %s", patience, what)
		case <-again.C:
		}
	}
}

// transcript keeps what a process says, and may be read while it goes on.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *transcript) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *transcript) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
