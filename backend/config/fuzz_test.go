package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/dingpass/dingpass/backend/config"
)

// FuzzFile asks of any settings file: no panic, and settings that are either
// within their limits or reported.
func FuzzFile(f *testing.F) {
	f.Add("client_id = \"a\"\nredirect = [\"http://127.0.0.1\", \"http://[::1]:8080/c\"]\noffline_uses = 3")
	f.Add("[a]\nclient_secret = 1\n[[b.c]]\nx = {y = [1, [2]]}")
	f.Add("embed = '''fram\ne'''\n\"\\u0000\" = 1979-05-27T07:32:00Z\nretain_for = \"1d1h1m1s\"")
	f.Add("key_source = \"file:/a/../b\"\ndata_dir = \"/\"\nlogin_url = \"https://[::1%25eth0]:1/\"")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "config.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := config.Load(config.Sources{Path: path, Env: vars(nil)})
		var p *config.Problems
		if err != nil && (!errors.As(err, &p) || len(p.All) == 0) {
			t.Fatalf("error = %#v", err)
		}
		if err != nil {
			return
		}
		if len(s.Redirects) == 0 || s.OfflineFor <= 0 || s.RetainFor <= 0 || s.OfflineUses < 1 ||
			!filepath.IsAbs(s.DataDir) || s.LoginURL == "" || s.Embed == "" || s.UI == "" || s.Language == "" {
			t.Errorf("accepted: %+v", s)
		}
	})
}
