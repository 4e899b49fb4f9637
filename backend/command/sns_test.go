package command_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
)

// olderApp is a machine whose app was made for the scan that came before
// OAuth 2, with «dingpass sandbox» as a process of its own in place of DingTalk.
func olderApp(t *testing.T) (m *machine, sandbox string) {
	t.Helper()
	m = newMachine(t) // its own sandbox stays unused, and has the same credentials
	cmd := m.command("sandbox")
	out, stdout := pipe(t)
	cmd.Stdout = stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = stdout.Close() // the child has its own
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
	})
	lines := bufio.NewScanner(out)
	lines.Scan()
	var said event
	if err := json.Unmarshal(lines.Bytes(), &said); err != nil || said.Event != "listening" {
		t.Fatalf("the sandbox says %q: %v", lines.Text(), err)
	}
	return m.with("DINGPASS_METHOD", "sns", "DINGPASS_LOGIN_URL", said.URL, "DINGPASS_API_URL", said.URL, "DINGPASS_OAPI_URL", said.URL), said.URL
}

// seen is an identity as far as both ways in must tell the same.
type seen struct {
	Corp  string `json:"corp_id"`
	User  string `json:"user_id"`
	Union string `json:"union_id"`
	Open  string `json:"open_id"`
	Name  string `json:"name"`
	Nick  string `json:"nick"`
}

func identityOf(t *testing.T, last event) seen {
	t.Helper()
	var who seen
	if err := json.Unmarshal(last.Identity, &who); err != nil {
		t.Fatalf("%+v: %v", last, err)
	}
	return who
}

func TestTheOlderScanSignsInFromEndToEnd(t *testing.T) {
	t.Parallel()
	m, sandbox := olderApp(t)
	s := m.spawn("--ui", "none")
	newPerson(t).confirm(s.link(), "zhang01")
	last, code := s.end()
	if last.Event != "signed_in" || last.Source != "online" || code != 0 {
		t.Fatalf("ended with %+v and exit code %d; standard error:\n%s", last, code, s.stderr)
	}
	older := identityOf(t, last)

	s = m.with("DINGPASS_METHOD", "oauth").spawn("--ui", "none")
	newPerson(t).confirm(s.link(), "zhang01")
	last, _ = s.end()
	if newer := identityOf(t, last); older != newer || older.User != "zhang01" {
		t.Errorf("the older scan tells %+v, the newer %+v", older, newer)
	}
	var state struct{ Calls map[string]int }
	if err := json.Unmarshal([]byte(newPerson(t).get(sandbox+"/_control/state")), &state); err != nil {
		t.Fatal(err)
	}
	for call, times := range map[string]int{"GET /connect/qrconnect": 1, "POST /sns/getuserinfo_bycode": 1, "POST /v1.0/oauth2/userAccessToken": 1} {
		if state.Calls[call] != times {
			t.Errorf("%s was called %d times, want %d", call, state.Calls[call], times)
		}
	}
}

// The older scan ends at the same gate.
func TestTheOlderScanRefuses(t *testing.T) {
	t.Parallel()
	m, _ := olderApp(t)
	for _, tc := range []struct {
		name, person, action string
		code                 login.Code
		exit                 int
	}{
		{"who says no on the phone", "zhang01", "refuse", login.Denied, 3},
		{"a personal account", "wu08", "confirm", login.NotMember, 3},
		{"a person of another company", "zhou07", "confirm", login.NotMember, 3},
		{"an external contact", "wang03", "confirm", login.ExternalContact, 3},
		{"who never activated DingTalk", "zhao04", "confirm", login.InactiveAccount, 3},
		{"who is disabled", "sun06", "confirm", login.Disabled, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := m.at(t).spawn("--ui", "none")
			newPerson(t).scan(s.link(), tc.action, tc.person)
			s.wantFailed(string(tc.code), tc.exit)
		})
	}
	t.Run("a clock that is two minutes off", func(t *testing.T) {
		t.Parallel()
		other, sandbox := olderApp(t)
		moved, err := newPerson(t).client.Post(sandbox+"/_control/clock", "application/json", strings.NewReader(`{"advance":"2m"}`))
		if err != nil {
			t.Fatal(err)
		}
		if _ = moved.Body.Close(); moved.StatusCode != http.StatusOK {
			t.Fatal(moved.Status)
		}
		s := other.spawn("--ui", "none")
		newPerson(t).confirm(s.link(), "zhang01")
		s.wantFailed(string(login.ClockWrong), 2)
	})
}
