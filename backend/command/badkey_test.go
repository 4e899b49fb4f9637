package command_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/vault"
)

// element-web #16343, Signal-Desktop #7256, #7483: a key that was locked, lost or
// another ended in a loop of starts, or in «the database is corrupt».
// himmelblau #1134: the TPM would not give the key after an update of the
// firmware, and the service did not start. Here the app starts, says which it
// is, DingTalk's code works, nothing is let in or told from the cache, and all
// is there again with the key.
func TestAKeyThatCannotBeHadStopsNobodyAndLosesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(t *testing.T, keychain *pocket)
		state string
	}{
		"locked":       {func(_ *testing.T, k *pocket) { k.fail(vault.Locked) }, "locked"},
		"refused":      {func(_ *testing.T, k *pocket) { k.fail(errors.New("the TPM does not unseal")) }, "unavailable"},
		"gone":         {func(_ *testing.T, k *pocket) { k.put(nil) }, "gone"},
		"another":      {func(t *testing.T, k *pocket) { k.swap(t, another(t)) }, "wrong"},
		"written over": {func(t *testing.T, k *pocket) { k.swap(t, "not a key") }, "wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, keychain := newMachine(t).with("DINGPASS_KEY_SOURCE", "keychain").withKeychain()
			m.enrol("zhang01")
			m.signIn("zhang01")
			before := keychain.copy()
			c.spoil(t, keychain)
			spoilt := keychain.copy()

			if got := m.run("whoami", "--json"); got.code == 0 || !strings.Contains(got.stdout, `"code":"key_unavailable"`) || strings.Contains(got.stdout, "张三") {
				t.Errorf("whoami: %+v", got)
			}
			a := m.app()
			a.follows(a.site, `"key":\{"state":"`+c.state+`"\}`)
			if page := a.get(a.site + "/api/snapshot"); strings.Contains(page, "张三") || strings.Contains(page, `"ways"`) {
				t.Errorf("the app tells or offers what it cannot know: %s", page)
			}
			if _, err := a.answer(a.code(a.site), "confirm", "li02"); err != nil {
				t.Fatal(err)
			}
			a.follows(a.site, `"phase":"signed_in"`)
			a.end()
			if !maps.Equal(keychain.copy(), spoilt) {
				t.Error("something was written into the keychain")
			}

			keychain.fail(nil)
			keychain.put(before)
			typed{"cache list --json", 0, `"user_id":"zhang01".*"verdict":"allow"`, ""}.check(t, m)
			typed{"whoami --json", 3, `not_signed_in`, ""}.check(t, m) // who came last is not known
			a = m.offlineApp()
			a.pin("A001", goodPIN).want(t, "")
			a.end()
		})
	}
}

// copy is what the keychain has.
func (k *pocket) copy() map[string]string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return maps.Clone(k.entries)
}

// put has the keychain have nothing else.
func (k *pocket) put(entries map[string]string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.entries = maps.Clone(entries)
	if entries == nil {
		k.entries = make(map[string]string)
	}
}

// swap has another text in the place of the key.
func (k *pocket) swap(t *testing.T, text string) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	for name, before := range k.entries {
		if isKey(before) {
			k.entries[name] = text
			return
		}
	}
	t.Fatal("there is no key")
}

func isKey(text string) bool { return strings.Contains(text, `"keys"`) }

// another is the key of another machine.
func another(t *testing.T) string {
	t.Helper()
	m, keychain := newMachine(t).with("DINGPASS_KEY_SOURCE", "keychain").withKeychain()
	m.signIn("li02")
	for _, text := range keychain.copy() {
		if isKey(text) {
			return text
		}
	}
	t.Fatal("there is no key")
	return ""
}
