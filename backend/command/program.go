package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/vault"
)

// Program is everything that commands may touch. All fields are required but
// Browse, Window and Keychain.
type Program struct {
	Build      Build
	Executable string // absolute path of the running program
	Stdin      io.Reader
	Stdout     io.Writer // results, and nothing else
	Stderr     io.Writer // words for people, and the log
	Getenv     func(name string) (value string, ok bool)
	Assets     fs.FS // the built interface

	// Browse opens a URL in the system's browser. nil asks the system to.
	Browse func(url string) error

	// Window opens the native window and returns the exit code of the window
	// process. nil in a build without one.
	Window func(ctx context.Context, args []string) int

	// Keychain is where «secret set» keeps the client secret, and the vault its
	// key. nil is the operating system's.
	Keychain vault.Keychain

	pace     pace          // the zero value is the usual one
	patience time.Duration // what is slow is waited for as long as this at least; 0 = no longer than usual
	chain    guard
}

// command is one word after «dingpass», or two.
type command struct {
	name    string // "" is the command without a word
	operand string // what has to be named behind it, as the help calls it; "" = nothing
	summary string
	example string
	options []option // besides --help
	run     func(ctx context.Context, p *Program, line *line) error
}

// commands is the table of design 3.1.
func commands() []command {
	return []command{
		appCommand(), demoCommand(), loginCommand(), whoamiCommand(), logoutCommand(),
		statusCommand(), sandboxCommand(), doctorCommand(), secretSetCommand(), secretCheckCommand(), secretClearCommand(),
		cacheListCommand(), cacheForgetCommand(), cachePurgeCommand(), cacheBackupCommand(), cacheRestoreCommand(), cacheRotateCommand(), versionCommand(),
		logVerifyCommand(), logExportCommand(), badgeIssueCommand(), badgeRevokeCommand(), badgeListCommand(),
	}
}

// windowName is the name under which Linux packages install the build that has
// a window.
const windowName = "dingpass-window"

// Run runs the command that the arguments name, without the program's own name,
// and returns the exit code.
func (p *Program) Run(ctx context.Context, args []string) int {
	if p.isWindow(args) {
		return p.runWindow(ctx, args)
	}
	cmd, rest, err := find(args)
	if err != nil {
		return p.report(nil, err)
	}
	line, err := parse(cmd, rest)
	switch {
	case errors.Is(err, flag.ErrHelp):
		p.help(p.Stdout, cmd)
		return exitDone
	case err != nil:
		return p.report(nil, p.misused(cmd, rest, errors.Join(err, p.settingsProblems(cmd, line))))
	}
	if err := cmd.run(ctx, p, line); err != nil {
		return p.report(line, err)
	}
	return exitDone
}

// misused tells a mistake in the arguments to a program as well, if it asked
// for JSON: it reads the last line, and does not read words.
func (p *Program) misused(cmd command, args []string, err error) error {
	if !slices.Contains(args, "--json") && !slices.Contains(args, "-json") {
		return err
	}
	if cmd.name == "login" {
		return errors.Join(err, (&reporter{p: p, json: true}).tell(err))
	}
	return errors.Join(err, p.tellFailure(nil, err))
}

// settingsProblems is what the command would find wrong with the settings, had
// its arguments been right: the person mends it all in one go.
func (p *Program) settingsProblems(cmd command, line *line) (problems error) {
	switch {
	case !slices.Contains(cmd.options, settingsFlags):
	case cmd.name == "demo":
		_, problems = config.Load(p.demoSources(line))
	case cmd.name == "" || cmd.name == "login":
		src := p.sources(line)
		// A keychain may ask a person, and nothing will be done with it.
		src.Kept = func(string) (secret.Text, error) { return secret.New("not asked for"), nil }
		_, problems = config.LoadForSignIn(src)
	default:
		_, problems = p.settings(line)
	}
	return problems
}

// find takes the command's words off the arguments. Arguments that begin with a
// dash belong to the command without a word.
func find(args []string) (command, []string, error) {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return commands()[0], args, nil
	}
	if args[0] == "help" {
		return commands()[0], []string{"--help"}, nil
	}
	var family []string // of a first word that needs a second
	for _, cmd := range commands()[1:] {
		words := strings.Fields(cmd.name)
		if len(args) >= len(words) && slices.Equal(args[:len(words)], words) {
			return cmd, args[len(words):], nil
		}
		if words[0] == args[0] {
			family = append(family, "«"+called(cmd)+"»")
		}
	}
	if family != nil {
		return command{}, nil, usage("%q needs one more word: %s", args[0], strings.Join(family, ", "))
	}
	return command{}, nil, usage("there is no command %q; «dingpass --help» lists them", args[0])
}

// isWindow reports whether this process is to be the window: by its first
// argument, or by its name.
func (p *Program) isWindow(args []string) bool {
	name := strings.TrimSuffix(filepath.Base(p.Executable), ".exe")
	return name == windowName || len(args) > 0 && args[0] == "window"
}

// runWindow hands over to the window. Its arguments are those after its name.
func (p *Program) runWindow(ctx context.Context, args []string) int {
	if len(args) > 0 && args[0] == "window" {
		args = args[1:]
	}
	if p.Window == nil {
		return p.report(nil, usage("this build has no window; build it with -tags desktop,production,webkit2_41, or use --ui browser"))
	}
	return p.Window(ctx, args)
}

// usageError is a mistake in the arguments.
type usageError struct{ text string }

// Error is the mistake in words.
func (e *usageError) Error() string { return e.text }

func usage(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// settings reads them from the three sources, flags first.
func (p *Program) settings(line *line) (config.Settings, error) {
	return config.Load(p.sources(line))
}

func (p *Program) sources(line *line) config.Sources {
	src := config.Sources{Env: p.Getenv}
	if line != nil { // nil before the arguments are read
		src.Flags, src.Path = line.settings, line.text("config")
	}
	return src
}
