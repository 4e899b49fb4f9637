package command

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/dingpass/dingpass/backend/config"
)

// option is a flag of one command. Settings are not among them: every command
// that reads settings takes all of them as flags.
type option struct {
	name  string
	value any // the default, and by its type the kind: bool, string, int or time.Duration
	help  string
}

// settingsFlags stands in a command's options for all the settings.
var settingsFlags = option{name: "config", value: "", help: "read settings from this `file`"}

func jsonFlag(help string) option { return option{name: "json", value: false, help: help} }

// line is a parsed command line.
type line struct {
	flags    *flag.FlagSet
	settings map[string]string // key of config → value, only what was given
	operand  string            // what the command is about, where it needs one
}

// json reports whether the result is wanted as JSON.
func (l *line) json() bool { return l.get("json") == true }

func (l *line) text(name string) string {
	value, _ := l.get(name).(string)
	return value
}

func (l *line) int(name string) int {
	value, _ := l.get(name).(int)
	return value
}

func (l *line) duration(name string) time.Duration {
	value, _ := l.get(name).(time.Duration)
	return value
}

// get is the flag's value, or nil where the command has no such flag.
func (l *line) get(name string) any {
	if l == nil || l.flags == nil {
		return nil
	}
	found := l.flags.Lookup(name)
	if found == nil {
		return nil
	}
	return found.Value.(flag.Getter).Get()
}

// parse reads the arguments after the command's word. Beside an error stands
// what could be read of them.
func parse(cmd command, args []string) (*line, error) {
	l := &line{flags: flag.NewFlagSet(cmd.name, flag.ContinueOnError), settings: make(map[string]string)}
	l.flags.SetOutput(io.Discard)
	for _, opt := range cmd.options {
		l.define(opt)
	}
	if err := l.parse(cmd, args); err != nil {
		return l, err
	}
	if cmd.operand != "" {
		if l.flags.NArg() == 0 {
			return l, usage("%s is missing; «%s --help» shows an example", cmd.operand, called(cmd))
		}
		l.operand = l.flags.Arg(0)
		if err := l.parse(cmd, l.flags.Args()[1:]); err != nil { // flags may stand behind it
			return l, err
		}
	}
	if l.flags.NArg() > 0 {
		return l, usage("%q is one word too many; «%s --help» shows what there is", l.flags.Arg(0), called(cmd))
	}
	return l, nil
}

// parse reads flags up to the first word that is none. After a mistake it goes
// on to the end, so that all of them are told at once; words are passed over
// then, because nobody knows whether they belong to a flag that there is not.
func (l *line) parse(cmd command, args []string) error {
	var mistakes []string
	for {
		err := l.flags.Parse(args)
		switch {
		case errors.Is(err, flag.ErrHelp):
			return err
		case err != nil:
			mistakes = append(mistakes, strings.ReplaceAll(err.Error(), " -", " --"))
		case mistakes == nil:
			return nil
		}
		if args = nextFlag(args, l.flags.Args()); len(args) == 0 {
			return usage("%s; «%s --help» shows what there is", strings.Join(mistakes, "\n"), called(cmd))
		}
	}
}

// nextFlag are the arguments from the next flag on, where those from rest on
// have not been read.
func nextFlag(args, rest []string) []string {
	if len(rest) == len(args) { // what is no flag in any way is not taken off
		rest = rest[1:]
	}
	next := slices.IndexFunc(rest, func(arg string) bool { return strings.HasPrefix(arg, "-") })
	if next < 0 {
		return nil
	}
	return rest[next:]
}

func (l *line) define(opt option) {
	switch value := opt.value.(type) {
	case bool:
		l.flags.Bool(opt.name, value, opt.help)
	case string:
		l.flags.String(opt.name, value, opt.help)
	case int:
		l.flags.Int(opt.name, value, opt.help)
	case time.Duration:
		l.flags.Duration(opt.name, value, opt.help)
	}
	if opt.name != settingsFlags.name {
		return
	}
	for _, key := range config.Keys() {
		// A command's own flag comes first: --offline of whoami is older than
		// the setting of that name, and part of the contract.
		if key.Flag != "" && l.flags.Lookup(key.Flag) == nil {
			l.flags.Func(key.Flag, key.Usage(), func(value string) error {
				l.settings[key.Name] = value
				return nil
			})
		}
	}
}

// called is how the command is typed.
func called(cmd command) string { return strings.TrimSpace("dingpass " + cmd.name) }

// help writes what «--help» shows.
func (p *Program) help(w io.Writer, cmd command) {
	out := &strings.Builder{}
	fmt.Fprintf(out, "%s: %s\n\nExample:\n", strings.TrimSpace(called(cmd)+" "+cmd.operand), cmd.summary)
	for example := range strings.Lines(cmd.example) {
		fmt.Fprintf(out, "  %s\n", strings.TrimRight(example, "\n"))
	}
	if cmd.name == "" {
		fmt.Fprint(out, "\nCommands:\n")
		for _, other := range commands()[1:] {
			fmt.Fprintf(out, "  %-13s %s\n", other.name, other.summary)
		}
	}
	fmt.Fprint(out, "\nOptions:\n")
	cmd.operand = ""
	l, _ := parse(cmd, nil) // no arguments, no error
	l.flags.VisitAll(func(f *flag.Flag) {
		kind, usage := flag.UnquoteUsage(f)
		name := strings.TrimSpace("--" + f.Name + " " + kind)
		if f.DefValue != "" && f.DefValue != "false" {
			usage += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(out, "  %-27s %s\n", name, usage)
	})
	_, _ = io.WriteString(w, out.String()) // nobody is left to tell
}
