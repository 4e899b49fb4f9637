package config

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/dingpass/dingpass/backend/secret"
)

// longestSecret is far above an AppSecret's 64 characters.
const longestSecret = 4 << 10

// secret takes the client secret itself.
func (in input) secret(to *secret.Text) *fault {
	text, ok := ParseClientSecret(in.text())
	if !ok {
		return &fault{Malformed, "holds characters that an AppSecret never has", "copy it again, without spaces"}
	}
	*to = text
	return nil
}

// ParseClientSecret takes the client secret out of a text that holds nothing
// else but perhaps the end of its line; not ok if it does.
func ParseClientSecret(text string) (found secret.Text, ok bool) {
	text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	if text == "" || len(text) > longestSecret || !printable(text) {
		return secret.Text{}, false
	}
	return secret.New(text), true
}

// SecretSource says where the client secret was found, for people; "" where it
// was not.
func (s Settings) SecretSource() string {
	switch {
	case s.ClientSecret.Empty():
		return ""
	case s.from["client_secret"] != "":
		return s.from["client_secret"]
	}
	return "the file that client_secret_file names (" + s.from["client_secret_file"] + ")"
}

// secretFile reads the client secret from a file, unless there is one already:
// the environment wins. A relative path begins at the settings file, where it
// stands in one.
func (in input) secretFile(to *secret.Text) *fault {
	if !to.Empty() {
		return nil
	}
	text, f := readPrivate(in.path())
	if f != nil {
		return f
	}
	found, ok := ParseClientSecret(text)
	if !ok {
		return &fault{Malformed, "names a file that holds something else than one AppSecret", "put the AppSecret alone into its first line"}
	}
	*to = found
	return nil
}

// path is the value as a path.
func (in input) path() string {
	if filepath.IsAbs(in.text()) || in.dir == "" {
		return in.text()
	}
	return filepath.Join(in.dir, in.text())
}

// readPrivate reads a small file that only its owner may read. It looks before
// it opens, since opening a named pipe would wait, and again after, at what it
// has opened.
func readPrivate(path string) (string, *fault) {
	gone := &fault{Unreadable, "names a file that cannot be read", "check that it is there and that this user may read it"}
	info, err := os.Stat(path)
	if err != nil {
		return "", gone
	}
	if f := checkPrivate(info); f != nil {
		return "", f
	}
	file, err := os.Open(path) //nolint:gosec // naming a file is what the setting is for
	if err != nil {
		return "", gone
	}
	info, statErr := file.Stat()
	content, readErr := io.ReadAll(io.LimitReader(file, longestSecret+1))
	if err := errors.Join(statErr, readErr, file.Close()); err != nil {
		return "", gone
	}
	if len(content) > longestSecret {
		return "", &fault{Malformed, "names a file that is too long for a secret", "put the AppSecret alone into it"}
	}
	return string(content), checkPrivate(info)
}

func checkPrivate(info os.FileInfo) *fault {
	if !info.Mode().IsRegular() {
		return &fault{Malformed, "names something that is no file", "name a regular file"}
	}
	if here != windows && info.Mode().Perm()&0o077 != 0 {
		return &fault{Unsafe, "names a file that other users can open", "take their rights away: chmod 600 on that file"}
	}
	return nil
}
