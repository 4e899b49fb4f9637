package command_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/dingpass/dingpass/backend/vault"
)

// Doctor tells the key's source and state, makes nothing, and asks nobody.
func TestDoctorTellsWhereTheKeyIs(t *testing.T) {
	t.Parallel()
	m, keychain := newMachine(t).with("DINGPASS_KEY_SOURCE", "auto").withKeychain()
	typed{"doctor", 0, `note  key       keychain: ready; the first sign-in makes the key`, ""}.check(t, m)
	keychain.fail(errors.New("ServiceUnknown"))
	typed{"doctor", 0, `note  key       [^\n]*no place for secrets[^\n]*key_source[^\n]*\n[^\n]*→ Sign-in with DingTalk needs none`, ""}.check(t, m)
	typed{"doctor --key-source keychain", 1, `FAIL  key       `, ""}.check(t, m)
	keychain.fail(nil)

	options := vault.Options{Dir: m.data, Source: vault.Source{Kind: vault.Auto}, Chain: vault.NewChain(keychain)}
	keys, err := vault.New(options).Ensure(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	typed{"doctor", 0, `ok    key       keychain: key ` + keys.Current() + `\n`, ""}.check(t, m)
	keychain.fail(vault.Locked)
	typed{"doctor", 1, `FAIL  key       The key is locked[^\n]*\n[^\n]*→ Unlock`, ""}.check(t, m)
	keychain.fail(nil)
	clear(keychain.entries)
	typed{"doctor", 1, `FAIL  key       The key is gone[^\n]*` + keys.Current() + `[^\n]*\n[^\n]*→ [^\n]*backup`, ""}.check(t, m)
	if len(keychain.entries) > 0 {
		t.Error("doctor has made something")
	}

	other := filepath.Join(m.home, "key")
	if err := os.WriteFile(other, []byte("0123456789abcdef0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	typed{"doctor --key-source file:" + other, 1, `FAIL  key       This is another key[^\n]*` + keys.Current() + `[^\n]*\n[^\n]*→ [^\n]*former key`, ""}.check(t, m)
	typed{"doctor --key-source passphrase --language zh-CN", 1, `FAIL  key       密钥不是原来`, ""}.check(t, m)
}
