package command_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/command"
	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/vault"
)

// restored is what «cache restore --json» says.
type restored struct {
	Event, File, Kept, Marks string
	Distrusted               bool
}

// backup makes a copy of the database, with its label, in a folder of its own.
func (m *machine) backup() (file string) {
	m.t.Helper()
	file = filepath.Join(m.t.TempDir(), "copy.db")
	if got := m.run("cache", "backup", file); got.code != 0 {
		m.t.Fatalf("cache backup: %+v", got)
	}
	return file
}

func (m *machine) restore(file string) (r restored, said string) {
	m.t.Helper()
	got := m.run("cache", "restore", "--json", file)
	if err := json.Unmarshal([]byte(got.stdout), &r); err != nil || got.code != 0 || r.Event != "restored" || r.File != file {
		m.t.Fatalf("cache restore: %+v", got)
	}
	return r, got.stderr
}

// wantRefusal wants «cache restore» to fail and to leave everything as it is.
func (m *machine) wantRefusal(file string, code int, why string) {
	m.t.Helper()
	before := m.folder()
	typed{"cache restore --json " + file, code, why, ""}.check(m.t, m)
	if m.folder() != before {
		m.t.Errorf("something was changed in the data folder by what was refused: %s", why)
	}
}

// folder is what is in the data folder.
func (m *machine) folder() string {
	m.t.Helper()
	entries, err := os.ReadDir(m.data)
	if err != nil {
		m.t.Fatal(err)
	}
	var all strings.Builder
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != ".lock" {
			all.WriteString(entry.Name() + contents(m.t, filepath.Join(m.data, entry.Name())))
		}
	}
	return all.String()
}

// later is the same machine in a later second: sign-ins are kept to the second.
func (m *machine) later() *machine {
	m.t.Helper()
	if err := m.sandbox.Change(func(s *sandbox.Settings) { s.ClockSkew = 30 * time.Second }); err != nil {
		m.t.Fatal(err)
	}
	return m
}

func TestCacheRestoreTakesBackWhatHappenedSinceAndSaysSo(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	file := m.backup()
	m.signIn("li02")
	typed{"cache restore", 2, "", `FILE is missing`}.check(t, m)
	typed{"cache restore --help", 0, `Example:\n  dingpass cache restore /`, ""}.check(t, m)
	r, said := m.restore(file)
	if r.Marks != "kept" || !r.Distrusted || filepath.Dir(r.Kept) != m.data {
		t.Errorf("%+v", r)
	}
	for _, want := range []string{r.Kept, "nobody's PIN, badge or count", "newer than the copy are missing"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said: %s", want, said)
		}
	}
	typed{"cache list", 0, `^zhang01 .*\n$`, ""}.check(t, m)
	typed{"log verify", 1, `entry 4 is missing \(noticed.*\n.*put back from a copy: entry \d+ tells`, ""}.check(t, m)
	typed{"log export --format jsonl", 0, `"event":"restored"`, ""}.check(t, m)

	a := m.offlineApp() // an older copy's PIN lets nobody in
	a.pin("A001", goodPIN).want(t, "stale")
	a.end()
	m.later().signIn("zhang01")
	a = m.offlineApp()
	a.pin("A001", goodPIN).want(t, "")
	a.end()

	m.restore(r.Kept) // what was kept is a copy like any other
	typed{"cache list", 0, `(?m)^li02 `, ""}.check(t, m)
}

// The words are in the person's language.
func TestCacheRestoreSpeaksChinese(t *testing.T) {
	t.Parallel()
	m := newMachine(t).with("DINGPASS_LANGUAGE", "zh-CN")
	m.signIn("zhang01")
	typed{"cache restore " + m.backup(), 0, `^restored: `, `原来的数据库保存为 .*\n每个人用钉钉`}.check(t, m)
}

// Which of the states the key is in is told, and nothing is changed.
func TestCacheRestoreRefusesACopyThatItCannotRead(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	file := m.backup()
	m.signIn("li02")
	broken := filepath.Join(t.TempDir(), "broken.db")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content []byte
		why     string
	}{
		"cut":       {text[:len(text)-4096], "damaged"},
		"flipped":   {append(append([]byte{}, text[:5000]...), make([]byte, len(text)-5000)...), "damaged"},
		"empty":     {nil, "damaged"},
		"no SQLite": {[]byte(strings.Repeat("not a database ", 100)), "damaged"},
	} {
		if err := os.WriteFile(broken, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Log(name)
		m.wantRefusal(broken, 1, `"store_unavailable".*`+c.why)
	}
	m.wantRefusal(broken+".nowhere", 2, `there is no file `)
	m.wantRefusal(t.TempDir(), 1, `not a regular file`)
	m.wantRefusal(filepath.Join(m.data, "dingpass.db"), 1, `the database itself`)
	if err := os.WriteFile(file+"-wal", []byte("something"), 0o600); err != nil {
		t.Fatal(err)
	}
	m.wantRefusal(file, 1, `write-ahead log beside it`)
	if err := os.Remove(file + "-wal"); err != nil {
		t.Fatal(err)
	}

	key := filepath.Join(m.home, "key")
	other := newMachine(t)
	other.signIn("li02")
	m.wantRefusal(other.backup(), 1, `"key_unavailable".*wrong: `)
	if err := os.Rename(key, key+".away"); err != nil {
		t.Fatal(err)
	}
	m.wantRefusal(file, 1, `"key_unavailable".*gone: `)
}

func TestCacheRestoreSaysThatTheKeyIsLocked(t *testing.T) {
	t.Parallel()
	m, keychain := newMachine(t).withKeychain()
	m = m.with("DINGPASS_KEY_SOURCE", "keychain")
	m.signIn("zhang01")
	file := m.backup()
	keychain.fail(vault.Locked)
	m.wantRefusal(file, 1, `"key_unavailable".*locked: `)
	keychain.fail(nil)
	if r, _ := m.restore(file); r.Marks != "kept" {
		t.Errorf("%+v", r)
	}
}

// neotoma #2075, vavallee/bindery #900: a copy that was put under a log that was
// in use.
func TestCacheRestoreRefusesWhileSomebodyHasTheDatabase(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	file := m.backup()
	a := m.app()
	typed{"cache restore " + file, 1, "", `already running`}.check(t, m)
	a.end()
	db, err := command.OpenSealed(t.Context(), m.data, filepath.Join(m.home, "key"))
	if err != nil {
		t.Fatal(err)
	}
	typed{"cache restore " + file, 1, "", `held by another program`}.check(t, m)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	m.restore(file)
}

// A copy is of the key of its time. It is sealed anew for as long as the vault has
// that, or the database in place what is left of it.
func TestACopyUnderAnEarlierKeyIsSealedAnew(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	file := m.backup()
	v := vault.New(vault.Options{Dir: m.data, Source: vault.Source{Kind: vault.File, Path: filepath.Join(m.home, "key")}})
	before, err := v.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.restore(file)
	typed{"whoami --json", 5, `"user_id":"zhang01"`, ""}.check(t, m)
	if _, err := v.Retire(t.Context(), before.Current()); err != nil {
		t.Fatal(err)
	}
	m.restore(file) // with what the database in place has of it
	typed{"whoami --json", 5, `"user_id":"zhang01"`, ""}.check(t, m)
	for _, of := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(m.data, "dingpass.db"+of)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	m.wantRefusal(file, 1, `"key_unavailable".*gone: key `+before.Current())
}

// A log that a killed program left is part of what is kept, and no part of what
// is restored.
func TestCacheRestoreLeavesNoLogUnderTheCopy(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(t *testing.T, db string){
		"a log of a killed program": func(*testing.T, string) {},
		"a database that is damaged": func(t *testing.T, db string) {
			t.Helper()
			for _, name := range []string{db, db + "-wal"} {
				if err := os.WriteFile(name, []byte(strings.Repeat("x", 4096)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		},
		"a log without its database": func(t *testing.T, db string) {
			t.Helper()
			if err := os.Remove(db); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.signIn("zhang01")
			file := m.backup()
			m.signIn("li02")
			db := filepath.Join(m.data, "dingpass.db")
			leaveLog(t, m)
			harm(t, db)
			r, _ := m.restore(file)
			typed{"cache list", 0, `^zhang01 .*\n$`, ""}.check(t, m)
			switch name {
			case "a log of a killed program":
				m.restore(r.Kept)
				typed{"whoami", 5, `王(.|\n)*stale`, ""}.check(t, m)
			case "a log without its database":
				if _, err := os.Stat(r.Kept + "-wal"); err != nil {
					t.Error("the log was not kept:", err)
				}
			}
		})
	}
}

// leaveLog signs somebody in whose row is in the log only, as a kill leaves it.
func leaveLog(t *testing.T, m *machine) {
	t.Helper()
	s, err := command.OpenSealed(t.Context(), m.data, filepath.Join(m.home, "key"))
	if err != nil {
		t.Fatal(err)
	}
	rec, err := s.Current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rec.Identity.UserID, rec.Identity.UnionID, rec.Identity.Name = "wang03", "", "王五"
	if err := s.Keep(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, name := range []string{"dingpass.db", "dingpass.db-wal"} {
		files[name] = contents(t, filepath.Join(m.data, name))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(m.data, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A source that can only be read has no place for marks. The log tells of the
// restore, and that is enough to distrust what is in the copy.
func TestCacheRestoreIsDistrustedWithoutMarksToo(t *testing.T) {
	t.Parallel()
	credentials := t.TempDir()
	if err := os.WriteFile(filepath.Join(credentials, vault.KeyCredential), []byte(strings.Repeat("0123456789abcdef", 2)), 0o600); err != nil {
		t.Fatal(err)
	}
	m := newMachine(t).with("DINGPASS_KEY_SOURCE", "credential", "CREDENTIALS_DIRECTORY", credentials)
	m.enrol("zhang01")
	if r, said := m.restore(m.backup()); r.Marks != "none" || !r.Distrusted || !strings.Contains(said, "no place for marks") {
		t.Errorf("%+v: %s", r, said)
	}
	a := m.offlineApp()
	a.pin("A001", goodPIN).want(t, "stale")
	a.end()
}

// Where nothing was ever sealed there is nothing to distrust, and no key to look
// for.
func TestCacheRestoreWithoutAKeyPutsBackWhatIsThere(t *testing.T) {
	t.Parallel()
	m := newMachine(t).with("DINGPASS_KEY_SOURCE", "credential")
	typed{"logout", 0, "", "signed out"}.check(t, m) // which makes the database
	if r, _ := m.restore(m.backup()); r.Distrusted || r.Kept == "" || r.Marks != "none" {
		t.Errorf("%+v", r)
	}
	typed{"whoami", 3, "", "Nobody is signed in"}.check(t, m)
}
