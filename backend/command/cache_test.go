package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCacheListTellsWhoIsKept(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	typed{"cache list", 0, `^$`, ""}.check(t, m)
	m.signIn("zhang01")
	m.signIn("li02")
	typed{"cache list", 0, `(?m)^zhang01 +张三 +allow \(fresh\) +verified \d`, ""}.check(t, m)
	typed{"cache list --json", 0, `{"user_id":"li02","name":"李思","verdict":"allow","reason":"fresh","verified_at":"[^"]+","offline_until":"[^"]+","uses_left":20}\n`, ""}.check(t, m)
}

// SSSD #6066: there was no way to drop one person.
func TestCacheForgetDropsOnePerson(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	m.signIn("li02")
	typed{"cache forget", 2, "", `USER_ID is missing`}.check(t, m)
	typed{"cache forget zhang01 --json", 0, `^{"event":"forgotten","people":1}\n$`, ""}.check(t, m)
	typed{"cache forget zhang01", 0, `^forgotten: 0\n$`, ""}.check(t, m)
	typed{"cache list", 0, `^li02 `, ""}.check(t, m)
	typed{"whoami --json", 0, `"user_id":"li02"`, ""}.check(t, m)
}

func TestCachePurgeForgetsOnlyWhoHasExpiredUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	typed{"cache purge", 0, `^purged: 0\n$`, ""}.check(t, m)
	typed{"cache purge --all --json", 0, `^{"event":"purged","people":1}\n$`, ""}.check(t, m)
	typed{"whoami", 3, "", "Nobody is signed in"}.check(t, m)
}

func TestCacheBackupOpensWithTheSameKey(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	other := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(other, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(other, "dingpass.db")
	typed{"cache backup", 2, "", `FILE is missing`}.check(t, m)
	typed{"cache backup " + file, 0, file, ""}.check(t, m)
	if err := os.Rename(file+".key.json", filepath.Join(other, "key.json")); err != nil {
		t.Fatal(err)
	}
	restored := m.with("DINGPASS_DATA_DIR", other)
	typed{"whoami --json", 0, `"user_id":"zhang01"`, ""}.check(t, restored)

	// Without the key it tells nobody anything.
	if err := os.Remove(filepath.Join(m.home, "key")); err != nil {
		t.Fatal(err)
	}
	typed{"whoami --json", 1, `"code":"key_unavailable"`, ""}.check(t, restored)
}

func TestCacheRotateSealsWithANewKey(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	before, err := os.ReadFile(filepath.Join(m.home, "key"))
	if err != nil {
		t.Fatal(err)
	}
	typed{"cache rotate", 0, `^sealed with key [0-9a-f]{16}\n$`, ""}.check(t, m)
	typed{"whoami --json", 0, `"user_id":"zhang01"`, ""}.check(t, m)
	if err := os.WriteFile(filepath.Join(m.home, "key"), before, 0o600); err != nil {
		t.Fatal(err)
	}
	typed{"whoami --json", 1, `"code":"key_unavailable"`, ""}.check(t, m)
}

// A key file may be named by two databases.
func TestCacheRotateLeavesAnotherDatabaseItsKey(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	other := m.with("DINGPASS_DATA_DIR", filepath.Join(t.TempDir(), "data"))
	m.signIn("zhang01")
	other.signIn("li02")
	typed{"cache forget zhang01", 0, "forgotten", ""}.check(t, m)
	typed{"cache rotate", 0, `^sealed with key`, ""}.check(t, m)
	typed{"cache rotate", 0, `^sealed with key`, ""}.check(t, m) // nothing is under the key between
	typed{"whoami --json", 0, `"user_id":"li02"`, ""}.check(t, other)
}

func TestCacheBackupWithoutAKeyHasNoLabel(t *testing.T) {
	t.Parallel()
	m := newMachine(t).with("DINGPASS_KEY_SOURCE", "credential")
	typed{"logout", 0, "", "signed out"}.check(t, m) // which makes the database
	file := filepath.Join(t.TempDir(), "copy.db")
	typed{"cache backup --json " + file, 0, `^{"event":"backed_up","file":"[^"]+"}\n$`, ""}.check(t, m)
}

// Design 4: no key: signing in works, nothing personal is written, and the
// screen says why.
func TestSignInWithoutAKeyWorksAndSaysWhy(t *testing.T) {
	t.Parallel()
	m := newMachine(t).with("DINGPASS_KEY_SOURCE", "credential")
	s, p := m.login(), newPerson(t)
	link := s.link()
	c := p.open(link)
	if got := p.get(link[:strings.Index(link, "/open/")] + "/api/snapshot"); !strings.Contains(got, `"key":{"state":"unavailable"}`) {
		t.Errorf("the screen does not say why: %s", got)
	}
	if _, err := p.answer(c, "confirm", "zhang01"); err != nil {
		t.Fatal(err)
	}
	if last, code := s.end(); last.Event != "signed_in" || code != 0 {
		t.Errorf("ended with %+v", last)
	}
	typed{"whoami --json", 3, `"code":"not_signed_in"`, ""}.check(t, m)
}
