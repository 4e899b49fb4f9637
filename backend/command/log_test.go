package command_test

import (
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// worked is a machine on which somebody was refused, and somebody came and
// left.
func worked(t *testing.T) *machine {
	t.Helper()
	m := newMachine(t)
	s := m.login()
	newPerson(t).confirm(s.link(), "chen11")
	s.wantFailed("not_member", 3)
	m.signIn("zhang01")
	if got := m.run("logout"); got.code != 0 {
		t.Fatalf("logout: %+v", got)
	}
	return m
}

// exported are the entries of «log export --format jsonl» with these arguments.
func (m *machine) exported(args ...string) (events []string, text string) {
	m.t.Helper()
	got := m.run(append([]string{"log", "export", "--format", "jsonl"}, args...)...)
	if got.code != 0 {
		m.t.Fatalf("log export: %+v", got)
	}
	for line := range strings.Lines(got.stdout) {
		var e struct{ Event, Code, Name string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			m.t.Fatalf("%s: %v", line, err)
		}
		events = append(events, strings.Trim(e.Event+" "+e.Code+" "+e.Name, " "))
	}
	return events, got.stdout
}

func TestLogTellsWhoCameAndWhoWasRefused(t *testing.T) {
	t.Parallel()
	m := worked(t)
	events, text := m.exported()
	if want := []string{"refused not_member", "signed_in  张三", "signed_out  张三"}; !slices.Equal(events, want) {
		t.Errorf("entries = %q, want %q", events, want)
	}
	for _, private := range []string{"13800", "@", "mobile", "email", "token"} {
		if strings.Contains(text, private) {
			t.Errorf("the log has %q in it: %s", private, text)
		}
	}
	typed{"log verify", 0, `^The sign-in log is as it was written: 3 entries\.\n$`, ""}.check(t, m)
	typed{"log verify --language zh-CN", 0, `^登录记录完好，共 3 条。\n$`, ""}.check(t, m)
	typed{"log verify --json", 0, `^\{"sound":true,"message":"[^"]+","rows":3,"keyed":true,"anchored":true,"beyond_head":0,"findings":\[\],"more":0\}\n$`, ""}.check(t, m)
	typed{"log export", 0, "^\ufeffsequence,event,.*\r\n1,refused,.*,not_member,[^\r]*\r\n2,signed_in,.*张三.*\r\n3,signed_out,", ""}.check(t, m)
}

func TestLogThatWasChangedIsNamed(t *testing.T) {
	t.Parallel()
	m := worked(t)
	db, err := sql.Open("sqlite", filepath.Join(m.data, "dingpass.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), "DROP TRIGGER log_never_changes; UPDATE log SET body = x'00' WHERE seq = 2"); err != nil {
		t.Fatal(err)
	}
	typed{"log verify", 1, `^The sign-in log is not as it was written: entry 2 was changed\.\n`, ""}.check(t, m)
	typed{"log verify --language zh-CN", 1, `^登录记录有问题：第 2 条被改动。\n`, ""}.check(t, m)
	typed{"log verify --json", 1, `^\{"sound":false,"message":"[^"]*entry 2 was changed[^"]*",.*"findings":\[\{"row":2,"kind":"altered"\}\]`, ""}.check(t, m)
	typed{"log export --format jsonl", 1, `"sequence":1.*"sequence":3`, `dingpass: .*damaged`}.check(t, m)
}

func TestLogIsReadWhileTheAppRuns(t *testing.T) {
	t.Parallel()
	m := worked(t)
	a := m.app()
	typed{"log verify", 0, "3 entries", ""}.check(t, m)
	typed{"log export", 0, "signed_out", ""}.check(t, m)
	a.end()
}

func TestLogOfANewMachineIsEmpty(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	typed{"log verify", 0, "0 entries", ""}.check(t, m)
	typed{"log export", 0, "^\ufeffsequence,[^\n]*\n$", ""}.check(t, m)
	typed{"log export --format jsonl", 0, "", ""}.check(t, m)
	if _, err := os.Stat(m.data); err == nil {
		t.Error("the data folder was made")
	}
}

func TestExportGoesIntoAPrivateFileAsAWhole(t *testing.T) {
	t.Parallel()
	m := worked(t)
	folder := t.TempDir()
	path := filepath.Join(folder, "log.csv")
	if err := os.WriteFile(path, []byte("an older one"), 0o600); err != nil {
		t.Fatal(err)
	}
	typed{"log export --output " + path, 0, "", ""}.check(t, m)
	content, err := os.ReadFile(path)
	if err != nil || strings.Count(string(content), "\r\n") != 4 {
		t.Errorf("file: %q, %v", content, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("mode: %v, %v", info.Mode(), err)
	}
	if all, err := os.ReadDir(folder); err != nil || len(all) != 1 {
		t.Errorf("in the folder: %v, %v", all, err)
	}
	typed{"log export --output " + filepath.Join(folder, "no", "log.csv"), 2, "", "--output"}.check(t, m)
}

func TestExportOfSomeDays(t *testing.T) {
	t.Parallel()
	m := worked(t)
	for args, want := range map[string]int{
		"--since 2000-01-01":                    3,
		"--since 2999-01-01":                    0,
		"--until 2000-01-01":                    0,
		"--until 2999-01-01T00:00:00+08:00":     3,
		"--since 2000-01-01 --until 2999-01-01": 3,
		"--since 2999-01-01 --until 2999-01-01": 0,
		"--since 2000-01-01T00:00:00Z":          3,
		"--until 2000-01-01T00:00:00.5Z":        0,
	} {
		if events, _ := m.exported(strings.Fields(args)...); len(events) != want {
			t.Errorf("%s: %d entries, want %d", args, len(events), want)
		}
	}
}

func TestMistakesWithTheLog(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	typed{"log", 2, "", "needs one more word: «dingpass log verify», «dingpass log export»"}.check(t, m)
	typed{"log --help", 2, "", "needs one more word: «dingpass log verify», «dingpass log export»"}.check(t, m)
	typed{"log shred", 2, "", "needs one more word: «dingpass log verify», «dingpass log export»"}.check(t, m)
	typed{"log export --format xml", 2, "", "there are csv and jsonl"}.check(t, m)
	typed{"log export --since yesterday", 2, "", "--since is \"yesterday\"; write a day"}.check(t, m)
	typed{"log export --until 31.12.2026", 2, "", "--until is"}.check(t, m)
}
