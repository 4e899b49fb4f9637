package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The key is brought to another machine, and the marks beside it are not.
func TestCacheRestoreOnAnotherMachineMakesTheMarksAnew(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	file := m.backup()
	other := m.at(t)
	bring(t, filepath.Join(m.home, "key"), filepath.Join(other.home, "key"))
	r, said := other.restore(file)
	if r.Marks != "made_anew" || !r.Distrusted || r.Kept != "" || !strings.Contains(said, "made anew") {
		t.Errorf("%+v: %s", r, said)
	}
	typed{"cache list", 0, `^zhang01 `, ""}.check(t, other)
	typed{"log verify", 0, `is as it was written.*\n.*put back from a copy: entry \d+ tells`, ""}.check(t, other)
	a := other.offlineApp()
	a.pin("A001", goodPIN).want(t, "stale")
	a.end()
	other.later().signIn("zhang01")
	a = other.offlineApp()
	a.pin("A001", goodPIN).want(t, "")
	a.end()
}

// Without a restore, a database that was merely copied tells what to do, and
// nobody's PIN is taken.
func TestMarksThatAreMissingNameTheNextStep(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	other := m.at(t)
	bring(t, filepath.Join(m.home, "key"), filepath.Join(other.home, "key"))
	if err := os.Mkdir(other.data, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"dingpass.db", "key.json"} {
		bring(t, filepath.Join(m.data, name), filepath.Join(other.data, name))
	}
	typed{"log verify", 1, "", `dingpass cache backup FILE and then dingpass cache restore FILE`}.check(t, other)
	a := other.offlineApp()
	a.pin("A001", goodPIN).want(t, "stale")
	a.end()
	typed{"status", 0, `(?m)^log +removed .*cache restore`, ""}.check(t, other)
	typed{"doctor", 1, `key [^\n]*mark of the database`, ""}.check(t, other)
	if r, _ := other.restore(other.backup()); r.Marks != "made_anew" {
		t.Errorf("%+v", r)
	}
	typed{"status", 0, `(?m)^log +sound`, ""}.check(t, other)
}

// bring carries a file to another machine.
func bring(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A machine that was set up anew has a database and a label of its own already.
// They stay together.
func TestCacheRestoreKeepsTheOtherDatabasesLabelWithIt(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	file := m.backup()
	other := m.at(t)
	other.signIn("li02")
	key := filepath.Join(other.home, "key")
	bring(t, key, key+".own")
	bring(t, filepath.Join(m.home, "key"), key)
	r, _ := other.restore(file)
	if r.Marks != "made_anew" {
		t.Errorf("%+v", r)
	}
	typed{"cache list", 0, `^zhang01 .*\n$`, ""}.check(t, other)
	bring(t, key+".own", key)
	if back, _ := other.restore(r.Kept); back.Marks != "kept" {
		t.Errorf("back: %+v", back)
	}
	typed{"cache list", 0, `^li02 .*\n$`, ""}.check(t, other)
}
