package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/config"
)

func clean(path string) string { return filepath.Clean(filepath.FromSlash(path)) }

func TestPlacesAreThoseOfTheSystem(t *testing.T) {
	t.Parallel()
	absolute := root + "/custom"
	for _, c := range []struct {
		name, goos string
		env        map[string]string
		data, file string
	}{
		{"linux", "linux", map[string]string{"HOME": "/h"}, "/h/.local/share/dingpass", "/h/.config/dingpass/config.toml"},
		{"linux with XDG", "linux", map[string]string{"HOME": "/h", "XDG_DATA_HOME": absolute, "XDG_CONFIG_HOME": absolute},
			absolute + "/dingpass", absolute + "/dingpass/config.toml"},
		{"relative XDG paths are to be ignored", "linux", map[string]string{"HOME": "/h", "XDG_DATA_HOME": "x", "XDG_CONFIG_HOME": "x"},
			"/h/.local/share/dingpass", "/h/.config/dingpass/config.toml"},
		{"macOS", "darwin", map[string]string{"HOME": "/h", "XDG_DATA_HOME": absolute},
			"/h/Library/Application Support/dingpass", "/h/Library/Application Support/dingpass/config.toml"},
		{"Windows", "windows", map[string]string{"LOCALAPPDATA": "/l", "APPDATA": "/r"}, "/l/dingpass", "/r/dingpass/config.toml"},
		{"no home", "linux", nil, "", ""},
	} {
		env := func(name string) (string, bool) { v, ok := c.env[name]; return v, ok }
		if got := config.UsualDataDir(c.goos, env); filepath.ToSlash(got) != c.data {
			t.Errorf("%s: data in %q, want %q", c.name, got, c.data)
		}
		if got := config.UsualPath(c.goos, env); filepath.ToSlash(got) != c.file {
			t.Errorf("%s: settings in %q, want %q", c.name, got, c.file)
		}
	}
}

func TestMachineWithoutAHomeIsToldToSetTheDataDirectory(t *testing.T) {
	t.Parallel()
	_, err := config.Load(config.Sources{})
	if bad := problems(t, err); len(bad) != 1 || bad[0].Key != "data_dir" || !strings.Contains(bad[0].Mend, "DINGPASS_DATA_DIR") {
		t.Errorf("problems = %v", bad)
	}
}

func TestSettingsFileThatIsNamedMustBeThere(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing.toml")
	if _, bad := load(t, config.Sources{Path: missing}); len(bad) != 1 || bad[0].Source != missing || bad[0].Fault != config.Unreadable {
		t.Errorf("named by the flag: problems = %v", bad)
	}
	if _, bad := load(t, config.Sources{Env: vars(map[string]string{"DINGPASS_CONFIG": missing})}); len(bad) != 1 {
		t.Errorf("named by the environment: problems = %v", bad)
	}
	if _, bad := load(t, config.Sources{Path: t.TempDir()}); len(bad) != 1 || bad[0].Fault != config.Unreadable {
		t.Errorf("a directory: problems = %v", bad)
	}
	if _, bad := load(t, config.Sources{Path: os.DevNull}); bad != nil {
		t.Errorf("an empty file: problems = %v", bad)
	}
}

func TestUsualSettingsFileIsRead(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	env := vars(map[string]string{"HOME": home, "APPDATA": home})
	path := config.UsualPath(goos, env)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(`ui = "none"`), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, bad := load(t, config.Sources{Env: env}); s.UI != config.None || bad != nil {
		t.Errorf("ui = %q, problems = %v", s.UI, bad)
	}
}
