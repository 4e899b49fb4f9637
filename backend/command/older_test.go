package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/sandbox"
)

// O2: an older copy of the database knows nothing of a refusal. Who is told by
// it is told so, and let in by nothing that reads it, until DingTalk was asked.
func TestAnOlderCopyOfTheDatabaseTakesNoRefusalBack(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	file := filepath.Join(m.data, "dingpass.db")
	older := contents(t, file)
	p := m.personal("zhang01")
	p.Left = true
	m.put(p)
	s := m.login()
	newPerson(t).confirm(s.link(), "zhang01")
	s.wantFailed("not_member", 3)
	if err := os.WriteFile(file, []byte(older), 0o600); err != nil {
		t.Fatal(err)
	}

	stale := func() {
		t.Helper()
		typed{"whoami --json", 5, `"verdict":"needs_online","reason":"stale"`, ""}.check(t, m)
		typed{"status --json", 0, `"verdict":"needs_online","reason":"stale"`, ""}.check(t, m)
		typed{"cache list --json", 0, `"verdict":"needs_online","reason":"stale"`, ""}.check(t, m)
	}
	stale()
	a := m.offlineApp()
	if page := a.get(a.site + "/api/snapshot"); !strings.Contains(page, `"verdict":"needs_online","reason":"stale"`) {
		t.Errorf("the app shows %s", page)
	}
	a.end()
	stale() // also once the cut is written down

	p.Left = false
	m.put(p)
	// Sign-ins are kept to the second: this one is of a later second.
	if err := m.sandbox.Change(func(s *sandbox.Settings) { s.ClockSkew = 30 * time.Second }); err != nil {
		t.Fatal(err)
	}
	m.signIn("zhang01")
	typed{"whoami --json", 0, `"verdict":"allow"`, ""}.check(t, m)
}
