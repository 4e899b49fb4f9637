package config

import (
	"path/filepath"
	"runtime"
)

// here is the operating system, as runtime.GOOS has it.
const (
	here    = runtime.GOOS
	windows = "windows"
	darwin  = "darwin"
)

// usualDataDir is the operating system's place for a program's data, or "".
func usualDataDir(goos string, env environment) string {
	switch goos {
	case windows:
		return under(env.get("LOCALAPPDATA"), "dingpass")
	case darwin:
		return under(env.get("HOME"), "Library", "Application Support", "dingpass")
	}
	if dir := env.get("XDG_DATA_HOME"); filepath.IsAbs(dir) { // others are to be ignored, says the XDG specification
		return filepath.Join(dir, "dingpass")
	}
	return under(env.get("HOME"), ".local", "share", "dingpass")
}

// usualPath is the operating system's place for a program's settings file, or
// "".
func usualPath(goos string, env environment) string {
	switch goos {
	case windows:
		return under(env.get("APPDATA"), "dingpass", "config.toml")
	case darwin:
		return under(env.get("HOME"), "Library", "Application Support", "dingpass", "config.toml")
	}
	if dir := env.get("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "dingpass", "config.toml")
	}
	return under(env.get("HOME"), ".config", "dingpass", "config.toml")
}

func under(dir string, names ...string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(append([]string{dir}, names...)...)
}

// dataDir takes the data directory. It is not made here; package store judges
// what is there.
func (in input) dataDir(to *string) *fault {
	if !filepath.IsAbs(in.text()) {
		return &fault{Malformed, "is no absolute path", "write the whole path from the root; ~ and variables are not replaced"}
	}
	*to = filepath.Clean(in.text())
	return nil
}
