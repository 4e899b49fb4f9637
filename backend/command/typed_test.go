package command_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// typed is a command as somebody types it, and what it must lead to.
type typed struct {
	args   string
	code   int
	stdout string // a pattern; "" = nothing at all
	stderr string // likewise
}

func (c typed) check(t *testing.T, m *machine) outcome {
	t.Helper()
	got := m.run(strings.Fields(c.args)...)
	if got.code != c.code {
		t.Errorf("«dingpass %s»: exit code %d, want %d", c.args, got.code, c.code)
	}
	wantText(t, c.args, "standard output", got.stdout, c.stdout)
	wantText(t, c.args, "standard error", got.stderr, c.stderr)
	return got
}

func wantText(t *testing.T, args, stream, got, pattern string) {
	t.Helper()
	if pattern == "" && got != "" || !regexp.MustCompile(`(?s)`+pattern).MatchString(got) {
		t.Errorf("«dingpass %s»: %s is %q, want %q", args, stream, got, pattern)
	}
}

// newBareMachine is a computer on which nothing is configured.
func newBareMachine(t *testing.T) *machine {
	t.Helper()
	m := newMachine(t)
	maps.DeleteFunc(m.env, func(name, _ string) bool {
		return strings.HasPrefix(name, "DINGPASS_") && name != "DINGPASS_LANGUAGE" && name != "DINGPASS_DATA_DIR"
	})
	return m
}

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	t.Parallel()
	m := newBareMachine(t)
	for _, name := range []string{"demo", "login", "whoami", "logout", "log verify", "log export", "sandbox", "doctor", "version"} {
		typed{name + " --help", 0, `Example:\n  dingpass ` + name, ""}.check(t, m)
		typed{"--help", 0, `Example:\n  dingpass\n.*\n  ` + name + " ", ""}.check(t, m)
	}
	typed{"-h", 0, "Example:", ""}.check(t, m)
	typed{"help", 0, "Example:", ""}.check(t, m)
	typed{"login --help", 0, `--embed [^\n]*auto, frame, page`, ""}.check(t, m)
	typed{"login --help", 0, `--timeout duration [^\n]*5m`, ""}.check(t, m)
	got := typed{"login --help", 0, `--ui [^\n]*window, browser, none`, ""}.check(t, m)
	if strings.Contains(got.stdout, "--client-secret ") {
		t.Error("help offers the client secret as a flag")
	}
}

func TestMistakesOnTheCommandLine(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for _, c := range []typed{
		{"lgoin", 2, "", `no command "lgoin".*dingpass --help`},
		{"login --jason", 2, "", "jason.*dingpass login --help"},
		{"--nonsense", 2, "", "nonsense"},
		{"login now", 2, "", `"now" is one word too many`},
		{"login --json --nonsense", 2, `^{"event":"failed","code":"app_misconfigured","message":"[^\n]*nonsense[^\n]*"}\n$`, "nonsense"},
		{"login --nonsense --json", 2, `^{"event":"failed","code":"app_misconfigured","message":"[^\n]*nonsense[^\n]*"}\n$`, "nonsense"},
		{"whoami --json --nonsense", 2, `^{"error":{"code":"app_misconfigured","message":"[^\n]*nonsense[^\n]*"}}\n$`, "nonsense"},
		{"whoami --json now", 2, `^{"error":{"code":"app_misconfigured","message":"[^\n]*now[^\n]*"}}\n$`, "now"},
		{"login --timeout soon", 2, "", "timeout"},
		{"login --timeout 0s", 2, "", "timeout"},
		{"login --json --timeout -1s", 2, `^{"event":"failed","code":"app_misconfigured","message":"[^\n]*timeout[^\n]*"}\n$`, ""},
		{"login --ui tv --embed nowhere", 2, "", `embed \(flag --embed\).*ui \(flag --ui\)`},
		{"login --ui tv --embed nowhere --timeout soon", 2, "", `-timeout.*embed \(flag --embed\).*ui \(flag --ui\)`},
		{"login --timeout soon --ui tv --embed nowhere", 2, "", `-timeout.*embed \(flag --embed\).*ui \(flag --ui\)`},
		{"login --timeout 0s --ui tv", 2, "", `--timeout must.*ui \(flag --ui\)`},
		{"login --nonsense soon --timeout later now --jason --ui tv", 2, "", `nonsense.*-timeout.*jason; «dingpass login --help».*ui \(flag --ui\)`},
		{"login ---x --timeout soon", 2, "", `---x.*-timeout`},
		{"login --json --timeout soon --ui tv", 2, `^{"event":"failed","code":"app_misconfigured","message":"[^\n]*-timeout[^\n]*ui \(flag --ui\)[^\n]*"}\n$`, `-timeout`},
		{"login now --ui tv", 2, "", `"now" is one word too many`},
		{"demo --nonsense --ui tv", 2, "", `nonsense.*ui \(flag --ui\)`},
		{"whoami --nonsense --language elvish", 2, "", `nonsense.*language \(flag --language\)`},
		{"cache forget --nonsense zhang01 --language elvish", 2, "", `nonsense.*language \(flag --language\)`},
		{"version --nonsense --jason", 2, "", `nonsense.*jason`},
		{"sandbox --listen 0.0.0.0:0", 2, "", "loopback"},
		{"sandbox --listen example.com:0", 2, "", "loopback"},
		{"sandbox --listen 127.0.0.1", 2, "", "127.0.0.1:PORT"},
		{"sandbox --people -1", 2, "", "people"},
		{"window http://127.0.0.1:1/", 2, "", "no window.*--ui browser"},
	} {
		c.check(t, m)
	}
	if got := (typed{"login --client-secret planted-value", 2, "", "client-secret"}).check(t, m); strings.Contains(got.stderr, "planted") {
		t.Error("a secret that was typed is repeated")
	}
}

func TestAllSettingsProblemsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	bare := newBareMachine(t)
	typed{"login", 2, "", "client_id.*client_secret.*corp_id"}.check(t, bare)
	typed{"login --json", 2, `^{"event":"failed","code":"app_misconfigured","message":"[^\n]*client_id[^\n]*client_secret[^\n]*corp_id[^\n]*"}\n$`, ""}.check(t, bare)
	typed{"login --embed nope", 2, "", `embed \(flag --embed\).*client_id is missing.*client_secret is missing.*corp_id is missing`}.check(t, bare)
	typed{"login --timeout soon", 2, "", `-timeout.*client_id is missing.*client_secret is missing.*corp_id is missing`}.check(t, bare)
	typed{"--embed nope", 2, "", `embed \(flag --embed\).*client_id is missing.*client_secret is missing.*corp_id is missing`}.check(t, bare)
	typed{"doctor --embed nope", 2, `FAIL  settings  embed \(flag --embed\).*client_id is missing.*client_secret is missing.*corp_id is missing.*FAIL  secret `, ""}.check(t, bare)
	bad := bare.with("DINGPASS_API_URL", "http://example.com", "DINGPASS_REDIRECT", "http://192.0.2.1/callback", "DINGPASS_OFFLINE_USES", "-1")
	typed{"login --offline-for 0", 2, "", `redirect \(environment DINGPASS_REDIRECT\).*api_url \(environment DINGPASS_API_URL\)` +
		`.*offline_for \(flag --offline-for\).*offline_uses \(environment DINGPASS_OFFLINE_USES\)`}.check(t, bad)
	typed{"whoami --json", 2, `^{"error":{"code":"app_misconfigured","message":"[^\n]*"}}\n$`, ""}.check(t, bad)
}

func TestSecretInTheSettingsFileIsRefusedAndNotRepeated(t *testing.T) {
	t.Parallel()
	m := newMachine(t).with("DINGPASS_LOG", "debug")
	for name, text := range map[string]string{
		"secret.toml": "embed = \"page\"\nclient_secret = \"planted-value\"\n",
		"table.toml":  "[app]\nAppSecret = \"planted-value\"\n",
		"broken.toml": "client_secret = \"planted-value\n",
	} {
		path := filepath.Join(m.home, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range []string{"", "login", "login --json", "whoami", "whoami --json", "logout", "doctor", "doctor --json"} {
			got := m.run(append(strings.Fields(args), "--config", path)...)
			if all := got.stdout + got.stderr; got.code != 2 || !strings.Contains(all, path) || strings.Contains(all, "planted") {
				t.Errorf("%s: «dingpass %s»: %+v", name, args, got)
			}
		}
	}
	typed{"login --config " + filepath.Join(m.home, "secret.toml"), 2, "", `secret.toml:2.*client_secret_file`}.check(t, m)
}

func TestNewMachineKnowsNobodyAndIsLeftAlone(t *testing.T) {
	t.Parallel()
	m := newBareMachine(t)
	typed{"whoami", 3, "", "."}.check(t, m)
	typed{"whoami --json", 3, `^{"error":{"code":"not_signed_in","message":"[^"]+"}}\n$`, ""}.check(t, m)
	typed{"whoami --language zh-CN", 3, "", "登录"}.check(t, m)
	if _, err := os.Stat(m.data); err == nil {
		t.Error("asking who is signed in has made a data folder")
	}
	typed{"logout", 0, "", "."}.check(t, m)
	typed{"logout --json", 0, `^{"event":"signed_out"}\n$`, ""}.check(t, m)
}

func TestVersionTellsTheBuild(t *testing.T) {
	t.Parallel()
	m := newBareMachine(t)
	typed{"version", 0, `^dingpass v1\.2\.3 \(abcdef123456 2026-11-21T12:00:00Z\) go1\S* \S+/\S+, without a window\n$`, ""}.check(t, m)
	typed{"version --json", 0, `^{"version":"v1\.2\.3","commit":"abcdef123456","time":"2026-11-21T12:00:00Z","go":"go1[^"]*","platform":"[^"]+/[^"]+","window":false}\n$`, ""}.check(t, m)
	out, err := m.command("version").CombinedOutput()
	if err != nil || regexp.MustCompile(`\(\s*\)`).Match(out) {
		t.Errorf("a build of which Go recorded nothing: %v, %s", err, out)
	}
}

func TestDoctorTellsWhatIsWrongAndHowToMendIt(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	fine := typed{"doctor", 0, `^ok    settings .*\nok    secret .*\nnote  key .*\nok    database .*\nok    redirect .*\nok    dingtalk .*\nok    clock `, ""}.check(t, m)
	if strings.Contains(fine.stdout, m.env["DINGPASS_CLIENT_SECRET"]) {
		t.Error("the client secret is shown")
	}
	shape := `"ok":true,"checks":\[`
	for i, name := range []string{"settings", "secret", "key", "database", "window", "redirect", "dingtalk", "clock"} {
		if i > 0 {
			shape += ","
		}
		shape += fmt.Sprintf(`{"check":"%s","status":"(ok|note)","found":"[^"]+"(,"mend":"[^"]+")?}`, name)
	}
	typed{"doctor --json", 0, `^{` + shape + `\]}\n$`, ""}.check(t, m)

	missing := m.with("DINGPASS_CLIENT_SECRET", "")
	typed{"doctor", 2, `FAIL  settings [^\n]*client_secret.*FAIL  secret .*ok    database .*–     dingtalk .*–     clock `, ""}.check(t, missing)
	typed{"doctor --json", 2, `^{"ok":false.*{"check":"secret","status":"problem","found":"[^"]+","mend":"[^"]+"}.*{"check":"clock","status":"skipped"`, ""}.check(t, missing)

	wrong := typed{"doctor", 2, `FAIL  dingtalk [^\n]*\n[^\n]*→ `, ""}.check(t, m.with("DINGPASS_CLIENT_SECRET", "wrong-but-secret"))
	if strings.Contains(wrong.stdout, "wrong-but") {
		t.Error("the client secret is shown")
	}
	typed{"doctor", 5, `FAIL  dingtalk `, ""}.check(t, m.with("DINGPASS_API_URL", "http://127.0.0.1:1"))

	// Asking makes nothing: the folder would be somebody else's.
	if _, err := os.Stat(m.data); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("doctor made the data folder: %v", err)
	}
	m.wantSignInWorks()
	typed{"doctor", 0, `ok    database  readable, writable and whole`, ""}.check(t, m)

	// The first problem decides the exit code: the database's, not DingTalk's.
	chmod(t, m.data, 0o755)
	typed{"doctor", 1, `FAIL  database [^\n]*open to other users.*chmod 700.*FAIL  dingtalk `, ""}.check(t, m.with("DINGPASS_API_URL", "http://127.0.0.1:1"))
}
