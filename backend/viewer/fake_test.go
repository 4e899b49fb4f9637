package viewer_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/viewer"
)

// The tests run real processes: this test binary again, which plays a window,
// a helper process of one, or a core, as FAKE_ROLE says. A window and a helper
// connect to their test and say what they see; the connection ends when they
// do, which is how a test knows that a process is gone.

const (
	roleVariable  = "FAKE_ROLE"
	stageVariable = "FAKE_STAGE"
)

// hello is the first line of a player.
type hello struct {
	Pid     int
	Args    []string
	Environ []string
	Link    string // the first line of its standard input
}

// env is a variable of the player's environment.
func (h hello) env(name string) string {
	for _, entry := range h.Environ {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// profile is the folder that the player was told to use.
func (h hello) profile() string {
	for _, arg := range h.Args {
		if value, ok := strings.CutPrefix(arg, "--"+viewer.FlagProfile+"="); ok {
			return value
		}
	}
	return ""
}

// command starts a player; the arguments of a window follow.
func command(t *testing.T) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return []string{self, "-test.run=^TestPlay$", "--"}
}

// leave ends a player's process. Statuses from 70 on say that the play itself
// went wrong.
func leave(status int) { os.Exit(status) } //nolint:forbidigo // a player is a process, and this is its main

// TestPlay is what a player runs; in the test process itself it does nothing.
func TestPlay(t *testing.T) {
	role := os.Getenv(roleVariable)
	if role == "" {
		return
	}
	switch role {
	case "core":
		playCore(t)
	case "browser":
		playBrowser(t)
	}
	stage, err := net.Dial("tcp", os.Getenv(stageVariable))
	if err != nil {
		leave(70)
	}
	h := hello{Pid: os.Getpid(), Args: os.Args, Environ: os.Environ()}
	input := bufio.NewScanner(os.Stdin)
	if role == "window" {
		input.Scan()
		h.Link = input.Text()
	}
	if err := json.NewEncoder(stage).Encode(h); err != nil {
		leave(76)
	}
	if role == "window" {
		go hear(input, stage)
	}
	play(t, stage)
}

// hear tells the test what comes on standard input.
func hear(input *bufio.Scanner, stage io.Writer) {
	for input.Scan() {
		_, _ = fmt.Fprintln(stage, "heard", input.Text()) // the test may have left
	}
	_, _ = fmt.Fprintln(stage, "heard the end") // as above
}

// play does what the test says.
func play(t *testing.T, stage io.Reader) {
	for cues := bufio.NewScanner(stage); cues.Scan(); {
		word, rest, _ := strings.Cut(cues.Text(), " ")
		switch word {
		case "exit":
			status, err := strconv.Atoi(rest)
			if err != nil {
				leave(77)
			}
			leave(status)
		case "helper":
			cmd := exec.Command(command(t)[0], command(t)[1:]...)
			cmd.Env = append(os.Environ(), roleVariable+"=helper")
			cmd.Stderr = os.Stderr
			if err := cmd.Start(); err != nil {
				leave(71)
			}
		case "say":
			_, _ = fmt.Fprintln(os.Stderr, rest) // the test sees what is missing
		case "write":
			file := filepath.Join(os.Getenv("XDG_DATA_HOME"), "session")
			if err := os.WriteFile(file, []byte(rest), 0o600); err != nil {
				leave(72)
			}
		}
	}
	leave(73) // the test is gone
}

// playCore shows a window until it is killed.
func playCore(t *testing.T) {
	w := &viewer.Window{
		Command:     command(t),
		ProfileRoot: os.Getenv("FAKE_ROOT"),
		Environ:     func() []string { return append(os.Environ(), roleVariable+"=window") },
	}
	_ = w.Show(t.Context(), func() string { return "http://127.0.0.1:1/open/core" })
	leave(74) // it ends only when it is killed
}

// playBrowser opens the system's browser until its standard input ends.
func playBrowser(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	b := &viewer.Browser{}
	if err := b.Show(ctx, func() string { return os.Getenv("FAKE_LINK") }); err != nil {
		leave(75)
	}
	leave(0)
}

// stage is where the players of one test come to.
type stage struct {
	t        *testing.T
	listener net.Listener
}

func newStage(t *testing.T) *stage {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return &stage{t, listener}
}

// environ is the environment for players of role.
func (s *stage) environ(role string, more ...string) func() []string {
	return func() []string {
		env := append(os.Environ(), roleVariable+"="+role, stageVariable+"="+s.listener.Addr().String())
		return append(env, more...)
	}
}

// patience ends a test that would hang; nothing that passes waits for it.
const patience = 2 * time.Minute

// actor is one player, as its test sees it.
type actor struct {
	hello
	t     *testing.T
	conn  net.Conn
	lines *bufio.Reader
}

// enter waits for the next player.
func (s *stage) enter() *actor {
	s.t.Helper()
	_ = s.listener.(*net.TCPListener).SetDeadline(time.Now().Add(patience))
	conn, err := s.listener.Accept()
	if err != nil {
		s.t.Fatalf("nobody came: %v", err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	a := &actor{t: s.t, conn: conn, lines: bufio.NewReader(conn)}
	if err := json.Unmarshal([]byte(a.line()), &a.hello); err != nil {
		s.t.Fatal(err)
	}
	return a
}

func (a *actor) line() string {
	a.t.Helper()
	line, err := a.lines.ReadString('\n')
	if err != nil {
		a.t.Fatalf("the player says nothing: %v", err)
	}
	return strings.TrimSuffix(line, "\n")
}

// cue tells the player what to do.
func (a *actor) cue(format string, args ...any) {
	a.t.Helper()
	if _, err := fmt.Fprintf(a.conn, format+"\n", args...); err != nil {
		a.t.Fatal(err)
	}
}

// says fails unless the player's next line is want.
func (a *actor) says(want string) {
	a.t.Helper()
	if got := a.line(); got != want {
		a.t.Fatalf("the player says %q, want %q", got, want)
	}
}

// gone waits until the process has ended.
func (a *actor) gone() {
	a.t.Helper()
	_, err := io.Copy(io.Discard, a.lines)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		a.t.Fatalf("process %d stays", a.Pid)
	}
}
