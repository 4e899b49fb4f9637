package config_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/login"
)

// vars is an environment with a home.
func vars(pairs map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		if value, ok := pairs[name]; ok {
			return value, true
		}
		if name == "HOME" || name == "LOCALAPPDATA" || name == "APPDATA" {
			return filepath.FromSlash(root + "/home/kiosk"), true
		}
		return "", false
	}
}

// write makes a settings file and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, src config.Sources) (config.Settings, []config.Problem) {
	t.Helper()
	if src.Env == nil {
		src.Env = vars(nil)
	}
	if src.Locale == nil {
		src.Locale = func() string { return "" }
	}
	s, err := config.Load(src)
	return s, problems(t, err)
}

func problems(t *testing.T, err error) []config.Problem {
	t.Helper()
	if err == nil {
		return nil
	}
	var p *config.Problems
	if !errors.As(err, &p) || len(p.All) == 0 {
		t.Fatalf("error = %#v, want *Problems", err)
	}
	for _, one := range p.All {
		if one.Fault == "" || one.What == "" || one.Mend == "" || !strings.Contains(err.Error(), one.String()) {
			t.Errorf("problem %+v is not told in full", one)
		}
	}
	return p.All
}

func TestDefaultsAreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	s, bad := load(t, config.Sources{})
	if bad != nil {
		t.Fatalf("problems: %v", bad)
	}
	if s.From("embed") != "default" {
		t.Errorf("embed is from %q", s.From("embed"))
	}
	want := config.Settings{
		Redirects: []config.Redirect{{Host: "127.0.0.1", Path: "/callback"}},
		Embed:     login.Auto, UI: config.Window, Language: "en",
		LoginURL: "https://login.dingtalk.com", APIURL: "https://api.dingtalk.com", OAPIURL: "https://oapi.dingtalk.com",
		DataDir:   config.UsualDataDir(goos, vars(nil)),
		KeySource: config.KeySource{Kind: config.KeyAuto}, OfflineAllowed: true,
		OfflineFor: 72 * time.Hour, OfflineUses: 20, DeviceUses: 1000, RefreshEvery: 12 * time.Hour, RetainFor: 30 * 24 * time.Hour,
	}
	if got := without(s); !reflect.DeepEqual(got, want) {
		t.Errorf("defaults = %+v\nwant %+v", got, want)
	}
}

// without drops what a settings literal cannot say: where it is from.
func without(s config.Settings) config.Settings {
	return config.Settings{
		ClientID: s.ClientID, ClientSecret: s.ClientSecret, CorpID: s.CorpID, Redirects: s.Redirects,
		Embed: s.Embed, UI: s.UI, Language: s.Language, LoginURL: s.LoginURL, APIURL: s.APIURL, OAPIURL: s.OAPIURL,
		DataDir: s.DataDir, KeySource: s.KeySource, OfflineAllowed: s.OfflineAllowed,
		OfflineFor: s.OfflineFor, OfflineUses: s.OfflineUses, DeviceUses: s.DeviceUses, RefreshEvery: s.RefreshEvery, RetainFor: s.RetainFor,
	}
}

// Each key, from each source, in the order of precedence: a value of each
// source is taken, and the source that wins is named.
func TestFlagsWinOverTheEnvironmentOverTheFile(t *testing.T) {
	t.Parallel()
	for _, k := range config.Keys() {
		if k.Secret || k.Name == "client_secret_file" {
			continue // their tests are in secret_test.go
		}
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			values, ok := samples[k.Name]
			if !ok {
				t.Fatal("the table of samples lacks this key")
			}
			src := config.Sources{Path: write(t, "# a comment\n"+k.Name+" = "+quoted(values.good[0])+"\n")}
			got, bad := load(t, src)
			wantFrom(t, got, bad, k.Name, src.Path+":2", values.want[0])
			src.Env = vars(map[string]string{k.Env: values.good[1]})
			got, bad = load(t, src)
			wantFrom(t, got, bad, k.Name, "environment "+k.Env, values.want[1])
			src.Flags = map[string]string{k.Name: values.good[0]}
			got, bad = load(t, src)
			wantFrom(t, got, bad, k.Name, "flag --"+k.Flag, values.want[0])
		})
	}
}

func quoted(value string) string { return fmt.Sprintf("%q", value) }

func wantFrom(t *testing.T, s config.Settings, bad []config.Problem, key, from string, want any) {
	t.Helper()
	if bad != nil {
		t.Fatalf("problems: %v", bad)
	}
	if s.From(key) != from {
		t.Errorf("from %q, want %q", s.From(key), from)
	}
	if got := samples[key].get(s); !reflect.DeepEqual(got, want) {
		t.Errorf("value = %+v, want %+v", got, want)
	}
}

func TestBadValuesAreRefusedFromEverySource(t *testing.T) {
	t.Parallel()
	for name, sample := range samples {
		index := slices.IndexFunc(config.Keys(), func(k config.Key) bool { return k.Name == name })
		k := config.Keys()[index]
		for _, value := range sample.bad {
			for from, src := range map[string]config.Sources{
				"flag --" + k.Flag:     {Flags: map[string]string{name: value}},
				"environment " + k.Env: {Env: vars(map[string]string{k.Env: value})},
				"config.toml:1":        {Path: write(t, name+" = "+quoted(value))},
			} {
				if value == "" && src.Env != nil {
					continue // counts as not set
				}
				s, bad := load(t, src)
				if len(bad) != 1 || bad[0].Key != name || !strings.HasSuffix(bad[0].Source, from) {
					t.Errorf("%s = %q from %s: problems = %v", name, value, from, bad)
					continue
				}
				for _, word := range []string{"evil", "password", "hidden", "words"} {
					if strings.Contains(value, word) && strings.Contains(bad[0].String(), word) {
						t.Errorf("%s: the value is shown: %s", name, bad[0])
					}
				}
				if from := s.From(name); from != "" {
					t.Errorf("%s: a refused value is said to be from %s", name, from)
				}
			}
		}
	}
}

func TestValuesOfTheWrongTypeAreRefused(t *testing.T) {
	t.Parallel()
	for _, k := range config.Keys() {
		for _, value := range []string{"true", "1.5", "2026-11-21", `["a", 1]`, `[]`, "{a = 1}", "7"} {
			if k.Secret || isNumber(k.Name) && value == "7" {
				continue
			}
			if _, bad := load(t, config.Sources{Path: write(t, k.Name+" = "+value)}); len(bad) != 1 || bad[0].Key != k.Name {
				t.Errorf("%s = %s: problems = %v", k.Name, value, bad)
			}
		}
	}
	if s, bad := load(t, config.Sources{Path: write(t, "offline_uses = 7")}); s.OfflineUses != 7 || bad != nil {
		t.Errorf("offline_uses = 7 in the file: %d, %v", s.OfflineUses, bad)
	}
}

// isNumber tells the keys that count.
func isNumber(key string) bool { return key == "offline_uses" || key == "offline_device_uses" }

func TestRedirectsMayBeAListInTheFile(t *testing.T) {
	t.Parallel()
	s, bad := load(t, config.Sources{Path: write(t, `redirect = ["http://127.0.0.1:8765/callback", "http://localhost:8766/callback"]`)})
	want := []config.Redirect{
		{Host: "127.0.0.1", Port: 8765, Path: "/callback"},
		{Host: "localhost", Port: 8766, Path: "/callback"},
	}
	if !slices.Equal(s.Redirects, want) || bad != nil {
		t.Errorf("redirects = %+v, problems = %v", s.Redirects, bad)
	}
}

// ubuntu/aad-auth #42 (T38): 0 meant «never» to one reader and «for ever» to
// another.
func TestNoValueHasTwoMeanings(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"offline_for", "retain_for", "refresh_every", "offline_uses", "offline_device_uses"} {
		for _, value := range []string{"0", "-1", "-72h", "0h", "0d", "0d0h", "", "never", "none", "off", "unlimited", "inf", "∞", "72", "+72h", "1e3", "0x10"} {
			if isNumber(key) && value == "72" {
				continue // a number is what it wants
			}
			for _, text := range []string{quoted(value), value} {
				if text == "0x10" && isNumber(key) {
					continue // sixteen, says TOML, and nobody doubts it
				}
				path := write(t, key+" = "+text)
				if s, bad := load(t, config.Sources{Path: path}); len(bad) == 0 {
					t.Errorf("%s = %s was accepted: %v, %v, %d", key, text, s.OfflineFor, s.RetainFor, s.OfflineUses)
				}
			}
		}
	}
}

// BeyondTrust/pbis-open #226: one word, «expiry», was taken for when somebody is
// asked about again and for how long they may go without. Here each of the three
// has a setting, which moves nothing but its own.
func TestRefreshingOfflineUseAndRetentionAreSetApart(t *testing.T) {
	t.Parallel()
	of := func(text string) [3]time.Duration {
		t.Helper()
		s, bad := load(t, config.Sources{Path: write(t, text)})
		if len(bad) > 0 {
			t.Fatalf("%s: %v", text, bad)
		}
		return [3]time.Duration{s.RefreshEvery, s.OfflineFor, s.RetainFor}
	}
	usual := of("")
	for i, key := range []string{"refresh_every", "offline_for", "retain_for"} {
		want := usual
		want[i] = 100 * time.Hour
		if got := of(key + ` = "100h"`); got != want {
			t.Errorf("%s = 100h: %v, want %v", key, got, want)
		}
	}
}

func TestAllProblemsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	path := write(t, `clientid = "key"
client_secret = "s3cr3t-in-file"
embed = "fram"
offline_for = "0"

[dingtalk]
corp_id = "ding1"
`)
	_, bad := load(t, config.Sources{
		Path:  path,
		Flags: map[string]string{"redirect": "https://evil.example/callback"},
		Env:   vars(map[string]string{"DINGPASS_API_URL": "http://evil.example", "DINGPASS_UI": "webview"}),
	})
	var got []string
	for _, p := range bad {
		got = append(got, p.Key+" "+strings.TrimPrefix(p.Source, path)+" "+string(p.Fault))
	}
	want := []string{
		"client_secret :2 misplaced", "clientid :1 unknown", "dingtalk  unknown",
		"redirect flag --redirect malformed", "embed :3 malformed", "ui environment DINGPASS_UI malformed",
		"api_url environment DINGPASS_API_URL unsafe", "offline_for :4 malformed",
	}
	if !slices.Equal(got, want) {
		t.Errorf("problems:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, near := range []string{"perhaps client_id is meant", "perhaps frame"} {
		if text := fmt.Sprint(bad); !strings.Contains(text, near) {
			t.Errorf("%q is not told in %s", near, text)
		}
	}
}

func TestKeyThatIsNotPrintableDoesNotReachATerminal(t *testing.T) {
	t.Parallel()
	_, err := config.Load(config.Sources{Env: vars(nil), Path: write(t, `"\u001b[2Jx" = "y"`)})
	if err == nil || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("error = %q", err)
	}
}

func TestRetainingShorterThanOfflineIsAConflict(t *testing.T) {
	t.Parallel()
	flags := map[string]string{"offline_for": "60d"}
	if _, bad := load(t, config.Sources{Flags: flags}); len(bad) != 1 || bad[0].Key != "retain_for" || bad[0].Fault != config.Conflict {
		t.Errorf("problems = %v", bad)
	}
	flags["offline"] = "deny"
	if _, bad := load(t, config.Sources{Flags: flags}); bad != nil {
		t.Errorf("with offline use off: problems = %v", bad)
	}
}

func TestTheOlderScanHasNoFrame(t *testing.T) {
	t.Parallel()
	flags := map[string]string{"method": "sns", "embed": "frame"}
	if _, bad := load(t, config.Sources{Flags: flags}); len(bad) != 1 || bad[0].Key != "embed" || bad[0].Fault != config.Conflict {
		t.Errorf("problems = %v", bad)
	}
	for _, embed := range []string{"auto", "page", "browser"} {
		flags["embed"] = embed
		if _, bad := load(t, config.Sources{Flags: flags}); bad != nil {
			t.Errorf("embed %s: problems = %v", embed, bad)
		}
	}
}

func TestKeyFileInTheDataDirectoryIsAConflict(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(data, link); err != nil {
		t.Fatal(err)
	}
	for path, inside := range map[string]bool{
		filepath.Join(data, "key"):            true,
		filepath.Join(data, "sub", "key"):     true,
		filepath.Join(link, "key"):            true,
		filepath.Join(dir, "key"):             false,
		filepath.Join(dir, "data-key"):        false,
		filepath.Join(data, "..", "data.key"): false,
	} {
		s, bad := load(t, config.Sources{Flags: map[string]string{"data_dir": data, "key_source": "file:" + path}})
		if (len(bad) == 1 && bad[0].Fault == config.Conflict) != inside {
			t.Errorf("%s: problems = %v, want one: %v", path, bad, inside)
		}
		if s.KeySource != (config.KeySource{Kind: config.KeyFile, Path: filepath.Clean(path)}) {
			t.Errorf("key source = %+v", s.KeySource)
		}
	}
}

func TestWhatIsGoodIsReturnedBesideProblems(t *testing.T) {
	t.Parallel()
	s, bad := load(t, config.Sources{Flags: map[string]string{"embed": "wrong", "language": "zh-CN"}})
	if len(bad) != 1 || s.Language != "zh-CN" || s.Embed != "" {
		t.Errorf("settings = %+v, problems = %v", s, bad)
	}
}

func TestSettingsPrintWithoutTheSecret(t *testing.T) {
	t.Parallel()
	s, _ := load(t, config.Sources{Env: vars(map[string]string{"DINGPASS_CLIENT_SECRET": "planted-secret"})})
	if s.ClientSecret.Reveal() != "planted-secret" {
		t.Fatal("the secret was not read")
	}
	dump, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%+v", s), fmt.Sprintf("%#v", s), string(dump)} {
		if strings.Contains(text, "planted") {
			t.Errorf("the secret shows in %s", text)
		}
	}
}
