package command_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// session is a «login --json» under way, seen by the program that started it.
type session struct {
	t      *testing.T
	lines  *bufio.Scanner
	stderr *transcript
	heard  []event
	raw    []string

	cmd  *exec.Cmd // nil where it runs in this process
	stop context.CancelFunc
	done <-chan int // the exit code, once
}

// event is one line of standard output, whichever it is.
type event struct {
	Event        string          `json:"event"`
	URL          string          `json:"url"`
	Phase        string          `json:"phase"`
	Code         string          `json:"code"`
	Message      string          `json:"message"`
	Identity     json.RawMessage `json:"identity"`
	Source       string          `json:"source"`
	VerifiedAt   time.Time       `json:"verified_at"`
	OfflineUntil time.Time       `json:"offline_until"`
}

// login starts «login --json» in this process.
func (m *machine) login(args ...string) *session {
	m.t.Helper()
	ctx, stop := context.WithCancel(m.t.Context())
	m.t.Cleanup(stop)
	out, stdout := pipe(m.t)
	stderr, done := &transcript{}, make(chan int, 1)
	program := m.program(stdout, stderr)
	go func() {
		done <- program.Run(ctx, append([]string{"login", "--json"}, args...))
		_ = stdout.Close() // always nil
	}()
	return &session{t: m.t, lines: bufio.NewScanner(out), stderr: stderr, stop: stop, done: done}
}

// spawn starts «login --json» as a process.
func (m *machine) spawn(args ...string) *session {
	m.t.Helper()
	cmd := m.command(append([]string{"login", "--json"}, args...)...)
	return startSession(m.t, cmd)
}

func startSession(t *testing.T, cmd *exec.Cmd) *session {
	t.Helper()
	stderr, done := &transcript{}, make(chan int, 1)
	cmd.Stderr = stderr
	out, stdout := pipe(t) // not StdoutPipe: Wait would close it under the reader
	cmd.Stdout = stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = stdout.Close()                           // the child has its own
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // has ended, as a rule
	go func() {
		_ = cmd.Wait() // the exit code says it
		done <- cmd.ProcessState.ExitCode()
	}()
	return &session{t: t, lines: bufio.NewScanner(out), stderr: stderr, cmd: cmd, done: done}
}

// pipe is one of the system's: it holds the few lines that nobody reads yet.
func pipe(t *testing.T) (out, in *os.File) {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = out.SetReadDeadline(time.Now().Add(generous)) // not every system's pipes have one
	t.Cleanup(func() { _ = out.Close() })             // a program that still writes hears of it
	return out, in
}

// next is the next line; ok is false after the last.
func (s *session) next() (e event, ok bool) {
	s.t.Helper()
	if !s.lines.Scan() {
		if err := s.lines.Err(); err != nil {
			s.t.Fatalf("no further line: %v; so far %q; standard error:\n%s", err, s.raw, s.stderr)
		}
		return event{}, false
	}
	decoder := json.NewDecoder(strings.NewReader(s.lines.Text()))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&e); err != nil || decoder.More() {
		s.t.Fatalf("standard output has a line that is no event: %v\n%s", err, s.lines.Text())
	}
	s.heard, s.raw = append(s.heard, e), append(s.raw, s.lines.Text())
	return e, true
}

// link is the first line's.
func (s *session) link() string {
	s.t.Helper()
	e, ok := s.next()
	if !ok || e.Event != "open" || e.URL == "" {
		s.t.Fatalf("the first line is %+v, want open; standard error:\n%s", e, s.stderr)
	}
	return e.URL
}

// until reads on to a phase.
func (s *session) until(phase string) {
	s.t.Helper()
	for {
		e, ok := s.next()
		if !ok {
			s.t.Fatalf("never came to %s: %q; standard error:\n%s", phase, s.raw, s.stderr)
		}
		if e.Phase == phase {
			return
		}
	}
}

// end reads the rest, and returns the last line and the exit code.
func (s *session) end() (last event, code int) {
	s.t.Helper()
	for {
		if _, ok := s.next(); !ok {
			break
		}
	}
	code = <-s.done
	if len(s.heard) == 0 {
		s.t.Fatalf("no line on standard output; exit code %d; standard error:\n%s", code, s.stderr)
	}
	s.judge()
	return s.heard[len(s.heard)-1], code
}

// judge holds the lines against design 3.2: open first, phases that change,
// and one result, last.
func (s *session) judge() {
	s.t.Helper()
	results := 0
	for i, e := range s.heard {
		switch e.Event {
		case "open":
			if i != 0 {
				s.t.Errorf("open is line %d", i+1)
			}
		case "phase":
			if i > 0 && s.heard[i-1].Phase == e.Phase {
				s.t.Errorf("phase %s is told twice", e.Phase)
			}
		case "signed_in", "failed":
			results++
		default:
			s.t.Errorf("there is no event %q", e.Event)
		}
	}
	last := s.heard[len(s.heard)-1].Event
	if results != 1 || last != "signed_in" && last != "failed" {
		s.t.Errorf("want one result, and it last: %q", s.raw)
	}
}

// phases are the phases that were told.
func (s *session) phases() []string {
	var all []string
	for _, e := range s.heard {
		if e.Phase != "" {
			all = append(all, e.Phase)
		}
	}
	return slices.Clip(all)
}

// wantFailed reads to the end and wants this code and exit code.
func (s *session) wantFailed(code string, exit int) event {
	s.t.Helper()
	last, got := s.end()
	if last.Event != "failed" || last.Code != code || got != exit {
		s.t.Errorf("ended with %s %s and exit code %d, want failed %s and %d; standard error:\n%s",
			last.Event, last.Code, got, code, exit, s.stderr)
	}
	if last.Message == "" {
		s.t.Errorf("failed %s has no message", last.Code)
	}
	return last
}

// signal sends a signal to the process.
func (s *session) signal(sent os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sent); err != nil {
		s.t.Fatal(err)
	}
}

// pid is the process's id.
func (s *session) pid() string { return strconv.Itoa(s.cmd.Process.Pid) }
