package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// longestFile is far above any settings file.
const longestFile = 1 << 20

// file is a settings file that was read.
type file struct {
	path   string
	dir    string
	values map[string]any // by key
	lines  map[string]int // by key; 0 where the line is not known
}

// source says where in the file a key stands.
func (f file) source(key string) string {
	if line := f.lines[key]; line > 0 {
		return fmt.Sprintf("%s:%d", f.path, line)
	}
	return f.path
}

// readFile reads the settings file and reports what is wrong with it as a
// whole, and all keys that there are not.
func (l *loader) readFile(path string) file {
	named := path != ""
	if !named {
		path = l.env.get("DINGPASS_CONFIG")
		named = path != ""
	}
	if !named {
		path = usualPath(here, l.env)
	}
	if path == "" {
		return file{}
	}
	text, err := readAll(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return file{}
	}
	if err != nil {
		l.problems.add("", path, &fault{Unreadable, "cannot be read", "check the path, and that this user may read the file"})
		return file{}
	}
	f, bad := parseFile(path, text)
	if bad != nil {
		l.problems.All = append(l.problems.All, *bad)
		return file{}
	}
	l.checkKeys(f)
	return f
}

func readAll(path string) (text string, err error) {
	f, err := os.Open(path) //nolint:gosec // naming a file is what the setting is for
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	content, err := io.ReadAll(io.LimitReader(f, longestFile+1))
	if err == nil && len(content) > longestFile {
		err = errors.New("too long")
	}
	return string(content), err
}

// parseFile parses TOML. Of an error only the place is told: the parser's own
// text shows what it stumbled over, and that may be half a secret.
func parseFile(path, text string) (file, *Problem) {
	f := file{path: path, values: make(map[string]any), lines: lines(text)}
	if dir, err := filepath.Abs(filepath.Dir(path)); err == nil {
		f.dir = dir
	}
	if _, err := toml.Decode(text, &f.values); err != nil {
		source := path
		var bad toml.ParseError
		if errors.As(err, &bad) && bad.Position.Line > 0 {
			source = fmt.Sprintf("%s:%d", path, bad.Position.Line)
		}
		return f, &Problem{Source: source, Fault: Unreadable, What: "is not valid TOML", Mend: `write each setting on a line of its own, as embed = "auto"`}
	}
	return f, nil
}

// lines finds the line of each key. The TOML package does not tell it; this is
// for people only, and a line within a longer text may deceive it.
func lines(text string) map[string]int {
	found := make(map[string]int)
	n := 0
	for line := range strings.Lines(text) {
		n++
		name, _, ok := strings.Cut(line, "=")
		name = strings.Trim(strings.TrimSpace(name), `"'`)
		if _, before := found[name]; ok && !before {
			found[name] = n
		}
	}
	return found
}

// checkKeys reports keys that there are not, and secrets wherever they stand.
func (l *loader) checkKeys(f file) {
	var names []string
	for _, k := range keys() {
		names = append(names, k.Name)
	}
	for _, name := range sorted(f.values) {
		value := f.values[name]
		switch {
		case secretive(name, value):
			l.problems.add(name, f.source(name), &fault{Misplaced, "is a secret, and this file is for settings that anyone may see",
				"move it alone into a file of mode 0600 and name that in client_secret_file, or set DINGPASS_CLIENT_SECRET; " +
					"then delete it here, and have DingTalk reset it if others could read this file"})
		case !slices.Contains(names, name):
			mend := "remove it"
			if near, ok := nearest(name, names); ok {
				mend = "perhaps " + near + " is meant"
			} else if _, table := value.(map[string]any); table {
				mend = "write settings without a [table] above them"
			}
			l.problems.add(name, f.source(name), &fault{Unknown, "is no setting", mend})
		}
	}
}

// secretive reports whether a key, or one inside its table, is that of a
// secret, however it is spelt.
func secretive(name string, value any) bool {
	switch strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(strings.ToLower(name)) {
	case "clientsecret", "appsecret", "secret", "dingpassclientsecret":
		return true
	}
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			if secretive(name, inner) {
				return true
			}
		}
	case []map[string]any:
		return slices.ContainsFunc(value, func(inner map[string]any) bool { return secretive("", inner) })
	case []any:
		return slices.ContainsFunc(value, func(inner any) bool { return secretive("", inner) })
	}
	return false
}

func sorted(values map[string]any) []string {
	var names []string
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
