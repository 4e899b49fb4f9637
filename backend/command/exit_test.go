package command_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/dingpass/dingpass/backend/command"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/secret"
)

func TestEveryCodeHasItsExitCode(t *testing.T) {
	t.Parallel()
	want := map[login.Code]int{
		login.StateMismatch: 3, login.Denied: 3, login.CodeInvalid: 3, login.NotMember: 3, login.ExternalContact: 3,
		login.InactiveAccount: 3, login.Disabled: 3, login.WrongCorp: 3, login.NotSignedIn: 3,
		login.Expired: 4, login.Cancelled: 4,
		login.RateLimited: 5, login.Network: 5, login.ProviderUnavailable: 5, login.ProviderAnswer: 5, login.NeedsOnline: 5,
		login.PermissionMissing: 2, login.AppMisconfigured: 2, login.RedirectMisconfigured: 2, login.IPNotAllowed: 2, login.ClockWrong: 2,
		login.StoreUnavailable: 1, login.KeyUnavailable: 1, login.Internal: 1,
	}
	for _, code := range login.Codes() {
		exit, ok := want[code]
		if got := command.ExitCodeOf(code); !ok || got != exit {
			t.Errorf("%s: exit code %d, want %d (known to this test: %t)", code, got, exit, ok)
		}
	}
}

func TestPeopleWhoAreRefused(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for userID, code := range map[string]string{
		"wang03": "external_contact",
		"zhao04": "inactive",
		"qian05": "disabled",
		"sun06":  "disabled",
		"zhou07": "wrong_corp",
		"wu08":   "not_member",
		"chen11": "not_member",
	} {
		t.Run(userID+" is "+code, func(t *testing.T) {
			t.Parallel()
			m := m.at(t)
			s := m.login()
			newPerson(t).confirm(s.link(), userID)
			s.wantFailed(code, 3)
			if got := m.run("whoami"); got.code != 3 {
				t.Errorf("somebody is signed in: %+v", got)
			}
		})
	}
}

func TestRefusalOnThePhone(t *testing.T) {
	t.Parallel()
	s := newMachine(t).login()
	newPerson(t).refuse(s.link())
	s.wantFailed("denied", 3)
}

func TestNobodyScansInTime(t *testing.T) {
	t.Parallel()
	s := newMachine(t).spawn("--timeout", "1s")
	s.link()
	s.wantFailed("expired", 4)
}

func TestSignalsCancel(t *testing.T) {
	t.Parallel()
	for _, sent := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sent.String()+" while waiting", func(t *testing.T) {
			t.Parallel()
			s := newMachine(t).spawn()
			s.until("waiting")
			s.signal(sent)
			s.wantFailed("cancelled", 4)
		})
		t.Run(sent.String()+" while DingTalk says nothing", func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.fault("/v1.0/oauth2/userAccessToken", sandbox.Fault{Kind: sandbox.FaultHang})
			s := m.spawn()
			newPerson(t).confirm(s.link(), "zhang01")
			s.until("working")
			s.signal(sent)
			s.wantFailed("cancelled", 4)
		})
	}
	t.Run("before the start is over", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		got := newMachine(t).runContext(ctx, "login", "--json")
		if got.code != 4 || !strings.Contains(got.stdout, `"code":"cancelled"`) {
			t.Errorf("%+v", got)
		}
	})
}

func TestWhatDingTalkMayAnswer(t *testing.T) {
	t.Parallel()
	const (
		exchange = "/v1.0/oauth2/userAccessToken"
		me       = "/v1.0/contact/users/me"
		member   = "/topapi/user/getbyunionid"
		record   = "/topapi/v2/user/get"
	)
	for name, c := range map[string]struct {
		endpoint string
		fault    sandbox.Fault
		code     string
		exit     int
	}{
		"HTML for the exchange":        {exchange, sandbox.Fault{Kind: sandbox.FaultHTML}, "provider_answer", 5},
		"HTML for the record":          {record, sandbox.Fault{Kind: sandbox.FaultHTML}, "provider_answer", 5},
		"500 for the exchange":         {exchange, sandbox.Fault{Status: 500}, "provider_unavailable", 5},
		"503 for the person":           {me, sandbox.Fault{Status: 503}, "provider_unavailable", 5},
		"500 for the membership":       {member, sandbox.Fault{Status: 500}, "provider_unavailable", 5},
		"10 MB for the person":         {me, sandbox.Fault{Kind: sandbox.FaultHuge}, "provider_answer", 5},
		"10 MB for the record":         {record, sandbox.Fault{Kind: sandbox.FaultHuge}, "provider_answer", 5},
		"a cut answer to the exchange": {exchange, sandbox.Fault{Kind: sandbox.FaultCut}, "network", 5},
		"a cut record":                 {record, sandbox.Fault{Kind: sandbox.FaultCut}, "network", 5},
		"broken JSON":                  {me, sandbox.Fault{Body: `{"nick":`}, "provider_answer", 5},
		"JSON of another kind":         {me, sandbox.Fault{Body: `[]`}, "provider_answer", 5},
		"an empty object":              {record, sandbox.Fault{Body: `{}`}, "provider_answer", 5},
		"a lost connection":            {exchange, sandbox.Fault{Kind: sandbox.FaultDrop}, "network", 5},
		"a code that is over":          {exchange, sandbox.Fault{Code: "invalidParameter.authCode.notFound"}, "code_invalid", 3},
		"too many calls":               {exchange, sandbox.Fault{Kind: sandbox.FaultRateLimited}, "rate_limited", 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.fault(c.endpoint, c.fault)
			s := m.login()
			newPerson(t).confirm(s.link(), "zhang01")
			s.wantFailed(c.code, c.exit)
			if got := m.run("whoami"); got.code != 3 {
				t.Errorf("somebody is signed in: %+v", got)
			}
		})
	}
}

func TestDingTalkIsDown(t *testing.T) {
	t.Parallel()
	s := newMachine(t).gone().login()
	s.link()
	s.wantFailed("network", 5)
}

// Nobody should scan for a set-up that cannot work.
func TestWrongSecretIsToldBeforeAnyScan(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.sandbox.SetClientSecret(secret.New("another"))
	s := m.login()
	s.link()
	s.wantFailed("app_misconfigured", 2)
	if calls := m.sandbox.Counts()["GET /oauth2/auth"]; calls != 0 {
		t.Errorf("DingTalk's page was asked for %d times", calls)
	}
}

func TestMissingPermissionIsNamed(t *testing.T) {
	t.Parallel()
	for _, missing := range []string{sandbox.PermitReadSelf, sandbox.PermitMember} {
		t.Run(missing, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			err := m.sandbox.Change(func(s *sandbox.Settings) {
				var left []string
				for _, permission := range s.Permissions {
					if permission != missing {
						left = append(left, permission)
					}
				}
				s.Permissions = left
			})
			if err != nil {
				t.Fatal(err)
			}
			s := m.login()
			newPerson(t).confirm(s.link(), "zhang01")
			if last := s.wantFailed("permission_missing", 2); !strings.Contains(last.Message, missing) {
				t.Errorf("%s is not named: %s", missing, last.Message)
			}
		})
	}
}

// kubelogin #826, thunderbolt #388: a named error before any QR, never a silent
// move to another port.
func TestTakenPortIsNamed(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }() // the test is over
	m := newMachine(t).with("DINGPASS_REDIRECT", "http://"+taken.Addr().String()+"/callback")
	s := m.login()
	last := s.wantFailed("redirect_misconfigured", 2)
	if !strings.Contains(last.Message, taken.Addr().String()) || len(s.heard) != 1 {
		t.Errorf("lines are %q", s.raw)
	}
	got := m.run("login")
	if got.code != 2 || got.stdout != "" || !strings.Contains(got.stderr, taken.Addr().String()) {
		t.Errorf("without --json: %+v", got)
	}
}

// appvia/kore PR #487: an address that others reach brings up the firewall's
// question.
func TestEverySocketIsLoopback(t *testing.T) {
	t.Parallel()
	s := newMachine(t).login()
	host, _, err := net.SplitHostPort(strings.Split(s.link(), "/")[2])
	if err != nil || !net.ParseIP(host).IsLoopback() {
		t.Errorf("the link's host is %q", host)
	}
	s.stop()
	s.wantFailed("cancelled", 4)
}

// A database that cannot be used ends with its path and the mend, and is left
// as it was.
func TestDatabaseThatCannotBeUsedIsLeftAsItWas(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, path string){
		"of a newer version": func(t *testing.T, path string) { overwrite(t, path, 60, []byte{0, 0, 0x7f, 0xff}) },
		"damaged":            func(t *testing.T, path string) { overwrite(t, path, 0, []byte("no database at all")) },
		"open to others":     func(t *testing.T, path string) { chmod(t, path, 0o644) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			s := m.login()
			newPerson(t).confirm(s.link(), "zhang01")
			s.end()
			path := filepath.Join(m.data, "dingpass.db")
			spoil(t, path)
			before := contents(t, path)

			m.login().wantFailed("store_unavailable", 1)
			for _, args := range [][]string{{"login"}, {"whoami"}, {"logout"}, {"doctor"}} {
				got := m.run(args...)
				if got.code != 1 || !strings.Contains(got.stdout+got.stderr, path) {
					t.Errorf("%s: %+v", args, got)
				}
			}
			if got := m.run("whoami", "--json"); !strings.Contains(got.stdout, `"code":"store_unavailable"`) || got.code != 1 {
				t.Errorf("whoami --json: %+v", got)
			}
			if contents(t, path) != before {
				t.Error("the file was changed")
			}
		})
	}
}

func overwrite(t *testing.T, path string, at int64, with []byte) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt(with, at); err != nil {
		t.Error(err)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
