package command_test

import (
	"encoding/json"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/dingpass/dingpass/backend/sandbox"
)

// everything is what a network spoils when it spoils all of DingTalk.
const everything = "*"

// deadNetworks are ways in which DingTalk cannot be reached. Each returns the
// machine there.
var deadNetworks = map[string]struct {
	reason string
	at     func(m *machine) *machine
}{
	"dead":         {"refused", func(m *machine) *machine { return m.behind(closedPort) }},
	"black-holed":  {"slow", func(m *machine) *machine { return m.spoiled(sandbox.Fault{Kind: sandbox.FaultHang}) }},
	"captive, 200": {"captive", func(m *machine) *machine { return m.spoiled(sandbox.Fault{Kind: sandbox.FaultHTML}) }},
	"captive, 302": {"captive", func(m *machine) *machine { return m.spoiled(sandbox.Fault{Kind: sandbox.FaultHTML, Status: 302}) }},
	"lying":        {"lying", func(m *machine) *machine { return m.spoiled(sandbox.Fault{Body: `{"hello":"world"}`}) }},
	"wrong TLS": {"tls", func(m *machine) *machine {
		return m.behind("https://" + strings.TrimPrefix(m.sandbox.URL(), "http://"))
	}},
	"cut at the end": {"broken", func(m *machine) *machine { return m.spoiled(sandbox.Fault{Kind: sandbox.FaultDrop}) }},
}

// behind has DingTalk's hosts somewhere else.
func (m *machine) behind(address string) *machine {
	return m.with("DINGPASS_LOGIN_URL", address, "DINGPASS_API_URL", address, "DINGPASS_OAPI_URL", address)
}

func (m *machine) spoiled(fault sandbox.Fault) *machine {
	m.t.Helper()
	m.fault(everything, fault)
	return m
}

// closedPort is an address at which nobody listens. A port that was free a moment
// ago may be another test's by now.
const closedPort = "http://127.0.0.1:1"

// guarded is a DingTalk that nobody may speak to: a connection fails the test.
func guarded(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var guarding sync.WaitGroup
	guarding.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Error("DingTalk is being asked")
			_ = conn.Close()
		}
	})
	t.Cleanup(func() { _ = listener.Close(); guarding.Wait() })
	return "http://" + listener.Addr().String()
}

// told is what the page is told of the network and the person.
type told struct {
	Phase   string
	Network struct{ State, Reason string }
	Problem struct{ Code string }
	Person  struct{ Name, Verdict, Reason string }
}

func (a *app) told() (got told) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.get(a.site+"/api/snapshot")), &got); err != nil {
		a.t.Fatal(err)
	}
	return got
}

// himmelblau #441, T37 (kanidm PR #3934): the network was asked before the
// cache. No command that tells what is known opens a socket.
func TestWhatIsKnownIsToldWithoutASocket(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	before := len(m.sandbox.Requests())
	address := guarded(t)
	for _, args := range [][]string{
		{"whoami"}, {"whoami", "--json"}, {"whoami", "--offline"}, {"status"}, {"status", "--json"},
	} {
		if got := m.behind(address).run(args...); got.code != 0 || !strings.Contains(got.stdout, "张三") {
			t.Errorf("%q: %+v", args, got)
		}
	}
	if after := len(m.sandbox.Requests()); after != before {
		t.Errorf("%d calls", after-before)
	}
}

// B1.3, kanidm PR #3934, SSSD #7027: nobody who is known waits for a network
// that is dead. The app shows them while DingTalk is still being asked.
func TestAKnownPersonIsWelcomedOnEveryDeadNetwork(t *testing.T) {
	t.Parallel()
	for name, dead := range deadNetworks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.signIn("zhang01")
			a := dead.at(m).app()
			if got := a.told(); got.Phase != "signed_in" || got.Person.Name != "张三" || got.Person.Verdict != "allow" {
				t.Errorf("the app shows %+v", got)
			}
			a.follows(a.site, `"network":\{"state":"offline","reason":"`+dead.reason+`"`)
			if got := a.told(); got.Phase != "signed_in" || got.Person.Verdict != "allow" {
				t.Errorf("once the network is known to be dead: %+v", got)
			}
			a.end()
		})
	}
}

// canonical/authd #929, #374 (row 24): a new person offline was told nothing.
func TestANewPersonIsToldThatTheNetworkIsDead(t *testing.T) {
	t.Parallel()
	for name, dead := range deadNetworks {
		if dead.reason == "captive" || dead.reason == "lying" || dead.reason == "tls" {
			continue // somebody answers: the sign-in itself says what is wrong
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := dead.at(newMachine(t)).app()
			a.follows(a.site, `"phase":"failed".*"network":\{"state":"offline","reason":"`+dead.reason+`".*"code":"network"|"phase":"failed".*"problem":\{"code":"network"`)
			a.follows(a.site, `"network":\{"state":"offline","reason":"`+dead.reason+`"`)
			a.post(a.site, "/api/login")
			if got := a.told(); got.Phase != "failed" || got.Problem.Code != "network" {
				t.Errorf("asked for a code all the same: %+v", got)
			}
			a.end()
		})
	}
}

// SSSD #8108, #7045 (rows 13 and 14): offline for good. One answer ends it, and
// the person may ask for it.
func TestTheNetworkThatIsBackIsNoticedAndTheCodeComes(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	a := m.spoiled(sandbox.Fault{Kind: sandbox.FaultDrop}).app()
	a.follows(a.site, `"network":\{"state":"offline"`)
	m.sandbox.ClearFaults()
	a.post(a.site, "/api/network/retry")
	a.follows(a.site, `"network":\{"state":"online"`)
	a.post(a.site, "/api/login")
	a.code(a.site)
	a.end()
}

// SSSD #7499, #7968 (row 15): the first sign-in alone makes a person known.
func TestOneSignInIsEnoughToBeKnownOffline(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	if got := m.behind(closedPort).run("whoami", "--json"); got.code != 0 || !strings.Contains(got.stdout, `"verdict":"allow"`) {
		t.Errorf("%+v", got)
	}
}
