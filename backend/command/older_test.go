package command_test

import (
	"os"
	"path/filepath"
	"testing"
)

// putBack puts an earlier content of the database in its place.
func (m *machine) putBack(older string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.data, "dingpass.db"), []byte(older), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// O8: an older copy of before a refusal knows nothing of it. Nobody is told from
// it as if it were of today, until DingTalk has answered.
func TestAnOlderCopyOfTheDatabaseTellsOfNobody(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	older := contents(t, filepath.Join(m.data, "dingpass.db"))
	zhang := m.personal("zhang01")
	zhang.Left = true
	m.put(zhang)
	s := m.login()
	newPerson(t).confirm(s.link(), "zhang01")
	s.wantFailed("not_member", 3)
	typed{"whoami --json", 3, `"verdict":"deny","reason":"gone"`, ""}.check(t, m)

	m.putBack(older)
	wantStale := func() {
		t.Helper()
		typed{"whoami --json", 5, `"verdict":"needs_online","reason":"stale"`, ""}.check(t, m)
		typed{"cache list", 0, `needs_online \(stale\)`, ""}.check(t, m)
	}
	wantStale()
	typed{"status", 0, `(?s)张三: needs_online \(stale\).*\nlog +stale; .*scan`, ""}.check(t, m)
	typed{"doctor", 1, `(?m)^FAIL +database +an older copy.*\n.*→.*log verify`, ""}.check(t, m)
	a := m.offlineApp()
	a.follows(a.site, `"verdict":"needs_online","reason":"stale"`)
	a.end()

	wantStale() // the app has written the cut down
	typed{"status", 0, `(?m)^log +sound; .*scan`, ""}.check(t, m)
	typed{"doctor", 0, `(?m)^note +database +readable, writable and whole; an older copy.*\n.*→`, ""}.check(t, m)
	zhang.Left = false
	m.put(zhang)
	m.signIn("zhang01")
	typed{"whoami --json", 0, `"verdict":"allow","reason":"fresh"`, ""}.check(t, m)
}
