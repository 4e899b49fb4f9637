package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/command"
)

// keyFile is the key file's content.
func (m *machine) keyFile() string {
	m.t.Helper()
	content, err := os.ReadFile(filepath.Join(m.home, "key"))
	if err != nil {
		m.t.Fatal(err)
	}
	return string(content)
}

// A PIN, a badge and the log of before are as good afterwards, for the app that
// runs beside it as for the next one, and the key file does not grow.
func TestCacheRotateCanBeDoneAgainAndAgain(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	_, badge, err := command.IssueBadge(t.Context(), m.data, filepath.Join(m.home, "key"), m.zhang())
	if err != nil {
		t.Fatal(err)
	}
	stays := m.offlineApp()
	first := m.keyFile()
	for range 3 {
		before := m.keyFile()
		typed{"cache rotate", 0, `^sealed with key [0-9a-f]{16}\n$`, ""}.check(t, m)
		if now := m.keyFile(); len(now) != len(first) || now == before {
			t.Fatalf("the key file has %d bytes, and had %d", len(now), len(first))
		}
		typed{"log verify --json", 0, `"sound":true.*"anchored":true`, ""}.check(t, m)
	}
	comeIn := func(a *app) {
		a.pin("A001", goodPIN).want(t, "")
		a.post(a.site, "/api/logout")
		a.ask("badge", map[string]string{"badge": badge.Reveal()}).want(t, "")
		a.post(a.site, "/api/logout")
		a.end()
	}
	comeIn(stays)
	comeIn(m.offlineApp())
	typed{"log verify --json", 0, `"sound":true`, ""}.check(t, m)
	if events, _ := m.exported(); !strings.Contains(events[0], "张三") {
		t.Errorf("the first event is %q", events[0])
	}
}

// A kill between the steps, again and again: the vault has one key more each
// time, and the next rotation ends what the others began.
func TestCacheRotateEndsWhatWasKilledBefore(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	one := len(m.keyFile())
	if err := command.NewKey(t.Context(), m.data, filepath.Join(m.home, "key")); err != nil {
		t.Fatal(err)
	}
	if len(m.keyFile()) == one {
		t.Fatal("no key was made")
	}
	typed{"cache rotate", 0, `^sealed with key`, ""}.check(t, m)
	if got := len(m.keyFile()); got != one {
		t.Errorf("the key file has %d bytes, and had %d", got, one)
	}
	typed{"whoami --json", 0, `"user_id":"zhang01"`, ""}.check(t, m)
	typed{"log verify --json", 0, `"sound":true`, ""}.check(t, m)
}
