package config

import (
	"path/filepath"
	"strings"
)

// KeySource says where the key comes from that seals the database.
type KeySource struct {
	Kind KeyKind
	Path string // of KeyFile, absolute; else ""
}

// KeyKind is a kind of key source.
type KeyKind string

// The kinds.
const (
	KeyAuto       KeyKind = "auto"       // the best that this machine has
	Keychain      KeyKind = "keychain"   // the operating system's
	Credential    KeyKind = "credential" // systemd's
	KeyFile       KeyKind = "file"       // a file that the administrator names
	KeyPassphrase KeyKind = "passphrase" // typed at start
)

// keySource takes the name of a source.
func (in input) keySource(to *KeySource) *fault {
	if path, ok := strings.CutPrefix(in.text(), string(KeyFile)+":"); ok {
		if !filepath.IsAbs(path) {
			return &fault{Malformed, "names a file without its whole path", "write file:/PATH/TO/KEY"}
		}
		*to = KeySource{Kind: KeyFile, Path: filepath.Clean(path)}
		return nil
	}
	switch kind := KeyKind(in.text()); kind {
	case KeyAuto, Keychain, Credential, KeyPassphrase:
		*to = KeySource{Kind: kind}
		return nil
	}
	return &fault{Malformed, "is no key source", "write auto, keychain, credential, file:/PATH/TO/KEY or passphrase"}
}

// inside reports whether a file is in a directory, by its name or by where
// symbolic links lead.
func inside(dir, file string) bool {
	if dir == "" {
		return false
	}
	return below(dir, file) || below(resolved(dir), filepath.Join(resolved(filepath.Dir(file)), filepath.Base(file))) ||
		below(resolved(dir), resolved(file))
}

func below(dir, file string) bool {
	rel, err := filepath.Rel(dir, file)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// resolved follows symbolic links, as far as the path exists.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}
