package store_test

import (
	"bufio"
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/store"
	"modernc.org/sqlite"
)

// Some promises are about other processes: those that are killed, those that
// write at the same time, those of another user. The test binary plays them
// all: with STORE_CHILD set it does one of these and exits.
var children = map[string]func(ctx context.Context, dir, arg string) error{
	"keep":    childKeep,
	"migrate": childMigrate,
	"lock":    childLock,
	"crowd":   childCrowd,
	"refresh": childRefresh,
	"note":    childNote,
	"notes":   childNotes,
	"verify":  childVerify,
	"guess":   childGuess,
	"guesses": childGuesses,
	"live":    childLive,
	"fill":    childFill,
	"measure": childMeasure,
	"restore": childRestore,
}

func TestMain(m *testing.M) {
	sqlite.MustRegisterScalarFunction("pause_at", 1, pauseAt)
	maps.Copy(children, unixChildren)
	do, ok := children[os.Getenv("STORE_CHILD")]
	if !ok {
		m.Run()
		return
	}
	if err := do(context.Background(), os.Getenv("STORE_DIR"), os.Getenv("STORE_ARG")); err != nil {
		say(err)
		return
	}
	say(done)
}

// done is the last word of a child that did what it was to do.
const done = "done"

// say tells the parent something.
func say(what any) { _, _ = fmt.Fprintln(os.Stdout, what) } // a parent that is gone hears nothing

// child is a running child process and what it says, line by line.
type child struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

func command(t *testing.T, what, dir, arg string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), "STORE_CHILD="+what, "STORE_DIR="+dir, "STORE_ARG="+arg)
	return cmd
}

func start(t *testing.T, cmd *exec.Cmd) *child {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &child{cmd, bufio.NewScanner(out)}
}

// line waits for the next line.
func (c *child) line(t *testing.T) string {
	t.Helper()
	if !c.lines.Scan() {
		t.Fatalf("the child said nothing more: %v, %v", c.lines.Err(), c.cmd.Wait())
	}
	return c.lines.Text()
}

// kill kills the child as kill -9 does and returns what it had still said.
func (c *child) kill(t *testing.T) (last []string) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for c.lines.Scan() {
		last = append(last, c.lines.Text())
	}
	_ = c.cmd.Wait() // «signal: killed», as was meant
	return last
}

// finish waits for the child to say that it is done.
func (c *child) finish(t *testing.T) {
	t.Helper()
	var said []string
	for c.lines.Scan() {
		said = append(said, c.lines.Text())
	}
	if err := c.cmd.Wait(); err != nil || len(said) == 0 || said[len(said)-1] != done {
		t.Errorf("child: %v: %s", err, strings.Join(said, "\n"))
	}
}

// childKeep keeps the same person again and again, a second later each time,
// and says so after each acknowledgement.
func childKeep(ctx context.Context, dir, _ string) error {
	s, err := store.Open(ctx, store.Options{Unlock: store.Plain, Dir: dir})
	if err != nil {
		return err
	}
	rec := person()
	for i := 1; ; i++ {
		rec.VerifiedAt = moment.Add(time.Duration(i) * time.Second)
		if err := s.Keep(ctx, rec); err != nil {
			return err
		}
		say(i)
	}
}

// pauseAt is an SQL function for migrations: it never returns in a child that
// is to be killed at this step.
func pauseAt(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	if os.Getenv("STORE_CHILD") == "migrate" && fmt.Sprint(args[0]) == os.Getenv("STORE_ARG") {
		say("paused")
		_, _ = io.Copy(io.Discard, os.Stdin) // until killed
	}
	return int64(0), nil
}

func childMigrate(ctx context.Context, dir, _ string) error {
	s, err := store.OpenWith(ctx, store.Options{Unlock: store.Plain, Dir: dir}, pausingMigrations())
	if err != nil {
		return err
	}
	return s.Close()
}

// childLock takes the app's lock and holds it until it is killed.
func childLock(_ context.Context, dir, _ string) error {
	if _, err := store.LockApp(dir); err != nil {
		return err
	}
	say("locked")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// childCrowd is one of several processes that write at the same time.
func childCrowd(ctx context.Context, dir, arg string) error {
	seed, err := strconv.Atoi(arg)
	if err != nil {
		return err
	}
	return crowd(ctx, dir, seed)
}
