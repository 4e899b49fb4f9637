package vault_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/vault"
)

// The session bus is one for a process, so the real keychain is tried in a
// process of its own: this test binary, which then does something else than
// test. The variable says how patient it is.
const childName = "DINGPASS_TEST_KEYCHAIN"

func TestMain(m *testing.M) {
	if patience, err := time.ParseDuration(os.Getenv(childName)); err == nil {
		child(patience)
		return
	}
	m.Run() // its result is the exit code of the tests
}

// child stores a secret in the real keychain, and tells how that went.
func child(patience time.Duration) {
	const bus = "DBUS_SESSION_BUS_ADDRESS"
	given := os.Getenv(bus)
	entry := mine(vault.Impatient(vault.SystemKeychain(), patience))
	err := entry.Set(context.Background(), secret.New("kept"))
	if err != nil {
		_, _ = fmt.Fprintln(os.Stdout, login.DetailOf(err))
	} else {
		text, err := entry.Get(context.Background())
		_, _ = fmt.Fprintln(os.Stdout, text.Reveal(), err, entry.Clear(context.Background()))
	}
	if os.Getenv(bus) != given { // go-keyring sets it to that of the bus that it has started
		_, _ = fmt.Fprintln(os.Stdout, "a bus was started")
	}
}

// zalando/go-keyring #116 and #88, 99designs/keyring #106.
func TestRealKeychainOnARealBus(t *testing.T) {
	t.Parallel()
	const patient, hasty = time.Minute, time.Second
	for _, c := range []struct {
		name     string
		secrets  *secretService // nil = there is none on the bus
		patience time.Duration
		want     string
	}{
		{"no Secret Service", nil, patient, "unavailable: keychain"},
		{"no collection in it", &secretService{}, patient, "unavailable: keychain"},
		{"a collection that is locked, and nobody answers the prompt", &secretService{collection: true, locked: true}, hasty,
			"locked: the keychain does not answer; it may be waiting for its password"},
		{"a collection that is locked, and the prompt is dismissed", &secretService{collection: true, locked: true, dismiss: true}, patient,
			"locked: keychain"},
		{"answers of other types than the specification has", &secretService{collection: true, nonsense: true}, patient, "unavailable: keychain"},
		{"one that works", &secretService{collection: true}, patient, "kept <nil> <nil>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			address := startBus(t)
			if c.secrets != nil {
				c.secrets.start(t, address)
			}
			if got := ask(t, c.patience, "DBUS_SESSION_BUS_ADDRESS="+address); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// go-keyring would start a bus that outlives us, and find nothing on it.
func TestWithoutABusNoneIsStarted(t *testing.T) {
	t.Parallel()
	for _, bus := range []string{"DBUS_SESSION_BUS_ADDRESS=disabled:", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere/bus"} {
		if got := ask(t, time.Minute, bus); got != "unavailable: keychain" {
			t.Errorf("%s: got %q", bus, got)
		}
	}
	if _, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid())); err != nil { // else there is one
		if got := ask(t, time.Minute); got != "unavailable: keychain" {
			t.Errorf("no address: got %q", got)
		}
	}
}

// ask runs the child with nothing but these variables.
func ask(t *testing.T, patience time.Duration, env ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), childName + "=" + patience.String()}, env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("child: %v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// startBus runs a session bus without any service files, and returns its
// address.
func startBus(t *testing.T) string {
	t.Helper()
	config := t.TempDir() + "/bus.conf"
	text := `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "dbus-daemon", "--nofork", "--print-address", "--config-file="+config)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		stop()
		t.Fatalf("these tests need dbus-daemon: %v", err)
	}
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait() // killed
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal("dbus-daemon:", err)
	}
	return strings.TrimSpace(line)
}

// secretService is as much of a Secret Service as go-keyring asks for.
type secretService struct {
	collection bool
	locked     bool
	dismiss    bool // prompts are dismissed; else nobody answers them
	nonsense   bool

	conn  *dbus.Conn
	value *[]byte
}

const (
	servicePath    = dbus.ObjectPath("/org/freedesktop/secrets")
	collectionPath = servicePath + "/collection/login"
	itemPath       = collectionPath + "/1"
	sessionPath    = servicePath + "/session/1"
	promptPath     = servicePath + "/prompt/1"
	nowhere        = dbus.ObjectPath("/")
)

func (s *secretService) start(t *testing.T, address string) {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // the bus goes too
	s.conn = conn
	for path, interfaces := range map[dbus.ObjectPath][]string{
		servicePath:    {"org.freedesktop.Secret.Service", "org.freedesktop.DBus.Properties"},
		collectionPath: {"org.freedesktop.Secret.Collection", "org.freedesktop.DBus.Properties"},
		itemPath:       {"org.freedesktop.Secret.Item"},
		sessionPath:    {"org.freedesktop.Secret.Session"},
		promptPath:     {"org.freedesktop.Secret.Prompt"},
	} {
		for _, name := range interfaces {
			if err := conn.Export(s, path, name); err != nil {
				t.Fatal(err)
			}
		}
	}
	reply, err := conn.RequestName("org.freedesktop.secrets", dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("own the name: %v, %v", reply, err)
	}
}

// The methods below have the names and signatures of the specification.

func (s *secretService) Get(_, property string) (dbus.Variant, *dbus.Error) {
	switch {
	case property == "Locked" && s.nonsense:
		return dbus.MakeVariant("perhaps"), nil
	case property == "Locked":
		return dbus.MakeVariant(s.locked), nil
	case s.collection:
		return dbus.MakeVariant([]dbus.ObjectPath{collectionPath}), nil
	}
	return dbus.MakeVariant([]dbus.ObjectPath{}), nil
}

func (s *secretService) ReadAlias(string) (dbus.ObjectPath, *dbus.Error) { return nowhere, nil }

func (s *secretService) OpenSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	return dbus.MakeVariant(""), sessionPath, nil
}

func (s *secretService) Unlock(paths []dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	if s.locked {
		return nil, promptPath, nil
	}
	return paths, nowhere, nil
}

func (s *secretService) Prompt(string) *dbus.Error {
	if s.dismiss {
		_ = s.conn.Emit(promptPath, "org.freedesktop.Secret.Prompt.Completed", true, dbus.MakeVariant([]dbus.ObjectPath{}))
	}
	return nil
}

func (s *secretService) CreateItem(_ map[string]dbus.Variant, made held, _ bool) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	s.value = &made.Value
	return itemPath, nowhere, nil
}

func (s *secretService) SearchItems(map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
	if s.value == nil {
		return []dbus.ObjectPath{}, nil
	}
	return []dbus.ObjectPath{itemPath}, nil
}

func (s *secretService) GetSecret(session dbus.ObjectPath) (held, *dbus.Error) {
	return held{session, []byte{}, *s.value, "text/plain"}, nil
}

func (s *secretService) Delete() (dbus.ObjectPath, *dbus.Error) {
	s.value = nil
	return nowhere, nil
}

func (s *secretService) Close() *dbus.Error { return nil }

// held is a secret on the bus.
type held struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}
