package command_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// status is what «status --json» says.
type status struct {
	Person *struct {
		Verdict, Reason string
		AgeSeconds      int `json:"age_seconds"`
		LeftSeconds     int `json:"left_seconds"`
		UsesLeft        int `json:"uses_left"`
	}
	Network struct {
		State, Reason string
		Asked         bool
	}
	Clock    struct{ Trust string }
	Database struct{ State, Detail string }
	Key      struct{ State string }
}

func (m *machine) status(args ...string) (got status) {
	m.t.Helper()
	out := m.run(append([]string{"status", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out.stdout), &got); err != nil || out.code != 0 {
		m.t.Fatalf("%+v: %v", out, err)
	}
	return got
}

func TestStatusTellsWhatThisMachineKnows(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	if got := m.status(); got.Database.State != "none" || got.Person != nil || got.Network.State != "unknown" || got.Clock.Trust != "unconfirmed" {
		t.Errorf("before anything: %+v", got)
	}
	m.signIn("zhang01")
	got := m.status()
	if got.Person == nil || got.Person.Verdict != "allow" || got.Person.UsesLeft != 20 ||
		72*60*60-got.Person.LeftSeconds-got.Person.AgeSeconds > 1 { // each is cut to whole seconds
		t.Errorf("person: %+v", got.Person)
	}
	if got.Network.State != "online" || got.Network.Asked || got.Database.State != "ok" || got.Key.State != "ok" {
		t.Errorf("status: %+v", got)
	}
	raw := m.run("status", "--json").stdout
	wantKeys(t, raw, "person", "network", "clock", "database", "key", "log")
	if text := m.run("status").stdout; strings.Count(text, "\n") != 6 || !strings.Contains(text, "张三: allow (fresh)") {
		t.Errorf("for people:\n%s", text)
	}
}

func TestStatusAsksOnlyWhenToldTo(t *testing.T) {
	t.Parallel()
	for name, dead := range deadNetworks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.signIn("zhang01")
			m = dead.at(m)
			if got := m.status(); got.Network.State != "online" || got.Network.Asked {
				t.Errorf("not asked: %+v", got.Network)
			}
			if got := m.status("--probe"); got.Network.State != "offline" || got.Network.Reason != dead.reason || !got.Network.Asked {
				t.Errorf("asked: %+v", got.Network)
			}
		})
	}
}
