package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/config"
)

const planted = "pLaNtEd-s3cr3t-0123456789"

// secretFile makes a file with a secret and returns its path.
func secretFile(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// A secret in the settings file is refused however it is written, and no text
// shows any of it.
func TestSecretInTheSettingsFileIsRefusedAndNotShown(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"as our key":           "client_secret = %q",
		"in another spelling":  "clientSecret = %q",
		"in DingTalk's word":   "app-secret = %q",
		"as the variable":      "DINGPASS_CLIENT_SECRET = %q",
		"in a table":           "[dingtalk]\nclient_secret = %q",
		"in an inline table":   "dingtalk = {app = {secret = %q}}",
		"in a list of tables":  "[[app]]\nname = \"a\"\nAppSecret = %q",
		"in a list in a table": "[a]\nb = [[{secret = %q}]]",
		"in a list":            "client_secret = [%q]",
		"in a dotted key":      "client_secret.value = %q",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, fmt.Sprintf(text, planted))
			s, err := config.Load(config.Sources{Path: path, Env: vars(nil)})
			bad := problems(t, err)
			if len(bad) != 1 || bad[0].Fault != config.Misplaced || !strings.Contains(bad[0].Mend, "client_secret_file") {
				t.Errorf("problems = %v, want that it is misplaced, and the way to move it", bad)
			}
			if !s.ClientSecret.Empty() {
				t.Error("the secret was used all the same")
			}
			wantNothingOf(t, s, err)
		})
	}
}

// What the TOML parser stumbles over may be half a secret, and its own words
// quote it.
func TestBrokenFileShowsNothingOfItsContent(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"client_secret = %s", "client_secret = \"%s", "client_secret = '''%s", "%s", "%s = ", "[%s",
		"client_secret = \"a\\%s\"", "x = 1\n\n%s %s", "client_secret = \"%s\" trailing", "client_secret = \"%s\"\nclient_secret = \"b\"",
	} {
		path := write(t, strings.ReplaceAll(text, "%s", planted))
		s, err := config.Load(config.Sources{Path: path, Env: vars(nil)})
		if bad := problems(t, err); len(bad) != 1 || bad[0].Fault != config.Unreadable || !strings.HasPrefix(bad[0].Source, path) {
			t.Errorf("%s: problems = %v", text, bad)
		}
		wantNothingOf(t, s, err)
	}
}

func TestSecretOnTheCommandLineIsRefusedAndNotShown(t *testing.T) {
	t.Parallel()
	s, err := config.Load(config.Sources{Flags: map[string]string{"client_secret": planted}, Env: vars(nil)})
	if bad := problems(t, err); len(bad) != 1 || bad[0].Fault != config.Misplaced {
		t.Errorf("problems = %v", bad)
	}
	wantNothingOf(t, s, err)
	for _, k := range config.Keys() {
		if k.Secret && k.Flag != "" {
			t.Errorf("%s has a flag", k.Name)
		}
	}
}

// wantNothingOf fails if four characters in a row of the secret show.
func wantNothingOf(t *testing.T, s config.Settings, err error) {
	t.Helper()
	text := fmt.Sprintf("%v %+v %#v %v %+v", s, s, s, err, problems(t, err))
	for i := range len(planted) - 4 {
		if strings.Contains(text, planted[i:i+4]) {
			t.Errorf("%q shows in %s", planted[i:i+4], text)
			return
		}
	}
}

func TestSecretIsReadFromAPrivateFile(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"with nothing after it": planted, "with a newline": planted + "\n", "with a newline of Windows": planted + "\r\n",
	} {
		path := secretFile(t, content, 0o400)
		s, bad := load(t, config.Sources{Flags: map[string]string{"client_secret_file": path}})
		if s.ClientSecret.Reveal() != planted || bad != nil {
			t.Errorf("%s: problems = %v", name, bad)
		}
	}
}

func TestRelativeSecretFileBeginsAtTheSettingsFile(t *testing.T) {
	t.Parallel()
	secret := secretFile(t, planted, 0o600)
	path := filepath.Join(filepath.Dir(secret), "config.toml")
	if err := os.WriteFile(path, []byte(`client_secret_file = "secret"`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, bad := load(t, config.Sources{Path: path})
	if s.ClientSecret.Reveal() != planted || bad != nil {
		t.Errorf("problems = %v", bad)
	}
}

func TestEnvironmentWinsOverTheSecretFile(t *testing.T) {
	t.Parallel()
	s, bad := load(t, config.Sources{Env: vars(map[string]string{
		"DINGPASS_CLIENT_SECRET": " from-environment\n", "DINGPASS_CLIENT_SECRET_FILE": "/not/there"})})
	if s.ClientSecret.Reveal() != "from-environment" || bad != nil {
		t.Errorf("problems = %v", bad)
	}
}

func TestSecretFileThatIsNotPrivateOrNoSecretIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path string
		want config.Fault
	}{
		"missing":     {filepath.Join(t.TempDir(), "missing"), config.Unreadable},
		"a directory": {t.TempDir(), config.Malformed},
		"a device":    {os.DevNull, config.Malformed},
		"empty":       {secretFile(t, "", 0o600), config.Malformed},
		"blank":       {secretFile(t, "\n", 0o600), config.Malformed},
		"two lines":   {secretFile(t, planted+"\n"+planted+"\n", 0o600), config.Malformed},
		"not text":    {secretFile(t, planted+"\x00", 0o600), config.Malformed},
		"with a BOM":  {secretFile(t, "\ufeff"+planted, 0o600), config.Malformed},
		"too long":    {secretFile(t, strings.Repeat(planted, 1000), 0o600), config.Malformed},
	} {
		s, err := config.Load(config.Sources{Flags: map[string]string{"client_secret_file": c.path}, Env: vars(nil)})
		if bad := problems(t, err); len(bad) != 1 || bad[0].Fault != c.want || bad[0].Key != "client_secret_file" {
			t.Errorf("%s: problems = %v, want %s", name, bad, c.want)
		}
		if !s.ClientSecret.Empty() {
			t.Errorf("%s: it was used", name)
		}
		wantNothingOf(t, s, err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o644} {
		if goos == "windows" {
			break // has no modes
		}
		_, bad := load(t, config.Sources{Flags: map[string]string{"client_secret_file": secretFile(t, planted, mode)}})
		if len(bad) != 1 || bad[0].Fault != config.Unsafe || !strings.Contains(bad[0].Mend, "chmod 600") {
			t.Errorf("mode %v: problems = %v", mode, bad)
		}
	}
}
