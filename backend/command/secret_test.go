package command_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/dingpass/dingpass/backend/command"
	"github.com/dingpass/dingpass/backend/vault"
)

// pocket is a keychain in memory that survives the program.
type pocket struct {
	mu      sync.Mutex
	entries map[string]string
	err     error // what every call answers; nil = it works
}

var _ vault.Keychain = (*pocket)(nil)

func (k *pocket) Get(service, account string) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	text, ok := k.entries[service+"/"+account]
	if k.err == nil && !ok {
		return "", vault.ErrNoEntry
	}
	return text, k.err
}

func (k *pocket) Set(service, account, text string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err == nil {
		k.entries[service+"/"+account] = text
	}
	return k.err
}

func (k *pocket) Delete(service, account string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.DeleteFunc(k.entries, func(name, _ string) bool { return k.err == nil && name == service+"/"+account })
	return k.err
}

func (k *pocket) fail(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.err = err
}

// withKeychain is the same machine with a keychain that works.
func (m *machine) withKeychain() (*machine, *pocket) {
	keychain := &pocket{entries: make(map[string]string)}
	return m.tuned(func(p *command.Program) { p.Keychain = keychain }), keychain
}

// typing is the same machine with something on standard input.
func (m *machine) typing(text string) *machine {
	return m.tuned(func(p *command.Program) { p.Stdin = strings.NewReader(text) })
}

func TestSecretIsStoredCheckedUsedAndCleared(t *testing.T) {
	t.Parallel()
	m, keychain := newMachine(t).withKeychain()
	value := m.env["DINGPASS_CLIENT_SECRET"]
	m = m.with("DINGPASS_CLIENT_SECRET", "")
	hidden := func(got outcome) {
		t.Helper()
		if strings.Contains(got.stdout+got.stderr, value) {
			t.Errorf("the secret is shown: %+v", got)
		}
	}
	typed{"login", 2, "", "client_secret is missing.*dingpass secret set"}.check(t, m)
	typed{"secret check", 2, "", "no client secret.*dingpass secret set"}.check(t, m)
	typed{"secret check --json", 2, `^{"error":{"code":"app_misconfigured","message":"[^"]+"}}\n$`, ""}.check(t, m)
	hidden(typed{"secret set", 0, `^stored in the keychain for app \S+\n$`, ""}.check(t, m.typing(value+"\r\n")))
	hidden(typed{"secret set --json", 0, `^{"event":"stored","source":"keychain"}\n$`, ""}.check(t, m.typing(value)))
	hidden(typed{"secret check", 0, `^the client secret comes from keychain\n$`, ""}.check(t, m))
	hidden(typed{"secret check --json", 0, `^{"event":"found","source":"keychain"}\n$`, ""}.check(t, m))
	hidden(typed{"doctor", 0, `ok    secret    from keychain.*ok    dingtalk `, ""}.check(t, m))
	m.wantSignInWorks()

	keychain.fail(fmt.Errorf("%w: the session was locked", vault.Locked))
	typed{"login", 1, "", "The key is locked. Unlock.*locked: keychain"}.check(t, m)
	typed{"login --json", 1, `{"event":"failed","code":"key_unavailable","message":"The key is locked[^"]+"}\n$`, ""}.check(t, m)
	typed{"login --embed nope", 2, "", "embed"}.check(t, m)
	typed{"secret check --language zh-CN", 1, "", "密钥还锁着"}.check(t, m)
	typed{"secret clear --json", 1, `^{"error":{"code":"key_unavailable",`, ""}.check(t, m)
	typed{"doctor", 1, `FAIL  secret    The key is locked[^\n]*\n[^\n]*→ Unlock`, ""}.check(t, m)
	typed{"whoami", 0, "", ""}.checkStdoutOnly(t, m)
	keychain.fail(nil)

	typed{"secret clear", 0, `^the keychain has no secret of app \S+\n$`, ""}.check(t, m)
	typed{"secret clear --json", 0, `^{"event":"cleared"}\n$`, ""}.check(t, m)
	typed{"secret check", 2, "", "no client secret"}.check(t, m)
	if len(keychain.entries) > 0 {
		t.Error("something is left in the keychain")
	}
}

// checkStdoutOnly checks a command whose result is somebody's.
func (c typed) checkStdoutOnly(t *testing.T, m *machine) {
	t.Helper()
	if got := m.run(strings.Fields(c.args)...); got.code != c.code || got.stdout == "" {
		t.Errorf("«dingpass %s»: %+v", c.args, got)
	}
}

func TestEnvironmentGoesBeforeTheKeychain(t *testing.T) {
	t.Parallel()
	m, keychain := newMachine(t).withKeychain()
	typed{"secret set", 0, "stored", `environment DINGPASS_CLIENT_SECRET goes before`}.check(t, m.typing("another"))
	typed{"secret check", 0, "environment DINGPASS_CLIENT_SECRET", ""}.check(t, m)
	typed{"secret clear --json", 0, `^{"event":"cleared","source":"environment DINGPASS_CLIENT_SECRET"}\n$`, "still has one"}.check(t, m)
	keychain.fail(errors.New("nobody has to be asked"))
	m.wantSignInWorks()
}

func TestWhatIsNoSecretIsNotStoredNorShown(t *testing.T) {
	t.Parallel()
	m, keychain := newMachine(t).withKeychain()
	for _, text := range []string{"", "\n", "planted two", "planted\nplanted\n", "planted\x00", strings.Repeat("planted", 1000)} {
		got := typed{"secret set", 2, "", "no AppSecret"}.check(t, m.typing(text))
		if strings.Contains(got.stdout+got.stderr, "planted") {
			t.Errorf("%q is shown", text)
		}
	}
	typed{"secret set planted", 2, "", "one word too many"}.check(t, m.typing("x"))
	typed{"secret", 2, "", "needs one more word: «dingpass secret set», «dingpass secret check», «dingpass secret clear»"}.check(t, m)
	typed{"secret show", 2, "", "needs one more word"}.check(t, m)
	typed{"secret set --json", 2, `app_misconfigured.*client_id is missing`, ""}.check(t, m.with("DINGPASS_CLIENT_ID", "").typing("x"))
	if len(keychain.entries) > 0 {
		t.Errorf("stored: %v", keychain.entries)
	}
}

func TestMachineWithoutAKeychainSaysSo(t *testing.T) {
	t.Parallel()
	m, keychain := newMachine(t).withKeychain()
	keychain.fail(errors.New("ServiceUnknown"))
	m.wantSignInWorks()
	typed{"secret set", 1, "", `no place for secrets.*client_secret_file.*unavailable: keychain`}.check(t, m.typing("x"))
	bare := m.with("DINGPASS_CLIENT_SECRET", "")
	typed{"secret check", 2, "", "no client secret"}.check(t, bare)
	typed{"login", 2, "", "client_secret is missing"}.check(t, bare)
}
