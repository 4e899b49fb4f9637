package command_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/dingpass/dingpass/backend/command"
)

// terminal opens a pseudo-terminal: the person's end and the program's.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = person.Close() })
	fd := int(person.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Close() })
	return person, program
}

func echoes(t *testing.T, terminal *os.File) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// waitHidden waits until the terminal does not show what is typed.
func waitHidden(t *testing.T, terminal *os.File) {
	t.Helper()
	late := time.After(generous)
	for echoes(t, terminal) {
		select {
		case <-late:
			t.Fatal("the terminal shows what is typed")
		case <-time.After(time.Millisecond):
		}
	}
}

func TestTypedSecretIsNotShown(t *testing.T) {
	t.Parallel()
	m, keychain := newMachine(t).withKeychain()
	person, program := terminal(t)
	prompted := newWatched()
	p := m.program(&transcript{}, prompted)
	p.Stdin = program
	ended := make(chan int, 1)
	go func() { ended <- p.Run(t.Context(), []string{"secret", "set"}) }()
	prompted.waitFor(t, "AppSecret of app .*: ")
	waitHidden(t, program)
	if _, err := person.WriteString("planted\n"); err != nil {
		t.Fatal(err)
	}
	if code := <-ended; code != 0 {
		t.Fatalf("exit code %d: %s", code, prompted)
	}
	if !echoes(t, program) {
		t.Error("the terminal does not show what is typed any more")
	}
	for _, text := range keychain.entries {
		if text != "planted" {
			t.Errorf("stored %q", text)
		}
	}
	if _, err := person.WriteString("afterwards\n"); err != nil { // so that there is something to see
		t.Fatal(err)
	}
	shown, _ := bufio.NewReader(person).ReadString('\n')
	if len(keychain.entries) != 1 || strings.Contains(shown+prompted.String(), "planted") {
		t.Errorf("%d entries; the terminal shows %q", len(keychain.entries), shown)
	}
}

// Ctrl-C at the prompt must not leave a terminal that shows nothing.
func TestSignalAtThePromptLeavesTheTerminalAsItWas(t *testing.T) {
	t.Parallel()
	m, keychain := newMachine(t).withKeychain()
	_, program := terminal(t)
	prompted := newWatched()
	p := m.tuned(func(p *command.Program) { p.Stdin = program }).program(&transcript{}, prompted)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() { ended <- p.Run(ctx, []string{"secret", "set"}) }()
	prompted.waitFor(t, "AppSecret")
	waitHidden(t, program)
	cancel()
	if code := <-ended; code != 4 || !echoes(t, program) || len(keychain.entries) > 0 {
		t.Errorf("exit code %d, the terminal echoes: %t", code, echoes(t, program))
	}
}
