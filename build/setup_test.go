//go:build linux

package build_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// machine is a folder of programs that is the whole search path: what setup.sh
// finds there is all that it finds.
type machine struct {
	t   *testing.T
	bin string
}

// newMachine has everything that «make test» needs. Each program that would
// change something only notes that it was called.
func newMachine(t *testing.T) *machine {
	m := &machine{t, t.TempDir()}
	for _, name := range []string{"bash", "env", "awk", "sed", "sort", "head", "grep", "dirname", "uname"} {
		real, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(real, filepath.Join(m.bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"npm", "gcc", "Xvfb", "xauth", "zbarimg", "import", "curl", "xdotool", "ip", "pkg-config"} {
		m.has(name, "")
	}
	m.has("go", "echo go99.1")
	m.has("node", "echo v99.0.0")
	m.has("id", "echo 0")
	m.has("fc-list", "echo a font")
	m.has("chromium", "echo Chromium 156.0 built on Debian")
	m.has("apt-get", `echo "apt-get $*"`)
	m.has("apt-cache", "echo '  Candidate: 156.0'")
	return m
}

// has puts a program there, or replaces it.
func (m *machine) has(name, script string) {
	m.t.Helper()
	path := filepath.Join(m.bin, name)
	_ = os.Remove(path) // or the real program behind a link would be written
	// A child that another test starts meanwhile would hold the file open: «text
	// file busy» (golang/go #22315).
	syscall.ForkLock.RLock()
	err := os.WriteFile(path, []byte("#!"+filepath.Join(m.bin, "bash")+"\n"+script+"\n"), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) lacks(name string) {
	m.t.Helper()
	if err := os.Remove(filepath.Join(m.bin, name)); err != nil {
		m.t.Fatal(err)
	}
}

// run returns what a script says, on both streams.
func (m *machine) run(script string, args ...string) (said string, ok bool) {
	cmd := exec.CommandContext(m.t.Context(), filepath.Join(m.bin, "bash"), append([]string{script}, args...)...)
	cmd.Env = []string{"PATH=" + m.bin}
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

func TestSetupSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		make func(*machine)
		want []string
	}{
		{"no Node", func(m *machine) { m.lacks("node") }, []string{"node is needed", "Go 1.", "Node 20."}},
		{"a Go that is too old", func(m *machine) { m.has("go", "echo go1.9.7") }, []string{"Go 1.", "or later", "is 1.9.7", "go.dev"}},
		{"an old Go that cannot fetch another", func(m *machine) { m.has("go", `[ "$GOTOOLCHAIN" = local ] && echo go1.25.4`) }, []string{"is 1.25.4"}},
		{"a Node that is too old", func(m *machine) { m.has("node", "echo v20.9.0") }, []string{"Node 20.19 or later", "is 20.9.0", "nodejs.org"}},
		{"another system", func(m *machine) { m.has("uname", "echo Darwin") }, []string{"Linux alone", "make core"}},
		{"no apt", func(m *machine) { m.lacks("xdotool"); m.lacks("apt-get") }, []string{"no apt-get", "xdotool"}},
		{"no right to install", func(m *machine) { m.lacks("ip"); m.has("id", "echo 1000") }, []string{"no sudo", "iproute2"}},
		{"Ubuntu, whose Chromium is a snap", func(m *machine) {
			m.has("chromium", "echo Chromium 156.0 snap")
			m.has("apt-cache", "echo '  Candidate: 2:1snap1-0ubuntu2'")
		}, []string{"CHROMIUM=", "Google Chrome"}},
		{"a package that brings nothing", func(m *machine) { m.lacks("curl") }, []string{"installing curl", "still missing"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			c.make(m)
			said, ok := m.run("setup.sh", "test")
			if ok {
				t.Error("it went on")
			}
			for _, want := range c.want {
				if !strings.Contains(said, want) {
					t.Errorf("it says %q, which lacks %q", said, want)
				}
			}
		})
	}
}

func TestSetupInstallsNothingWhereAllIsThere(t *testing.T) {
	t.Parallel()
	if said, ok := newMachine(t).run("setup.sh", "test"); !ok || said != "" {
		t.Errorf("it says %q", said)
	}
}

func TestChromiumIsOneThatTestsCanDrive(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	found := func() string {
		said, ok := m.run("chromium.sh")
		if !ok {
			return ""
		}
		return strings.TrimSpace(said)
	}
	in := func(name string) string { return filepath.Join(m.bin, name) }

	steps := []string{found()}
	m.has("chromium", "echo Chromium 156.0 snap")
	steps = append(steps, found())
	m.has("chromium-browser", "echo please install the snap >&2; exit 10")
	steps = append(steps, found())
	m.has("google-chrome", "echo Google Chrome 156.0")
	steps = append(steps, found())
	if want := []string{in("chromium"), "", "", in("google-chrome")}; !slices.Equal(steps, want) {
		t.Errorf("found %q, want %q", steps, want)
	}
}
