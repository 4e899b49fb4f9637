package vault_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/vault"
)

func TestRotationKeepsOldKeysUntilTheyAreRetired(t *testing.T) {
	t.Parallel()
	for _, kind := range []vault.Kind{vault.InKeychain, vault.File} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, kind)
			first := p.mustEnsure()
			sealed := first.Sealer(1).Seal("t", "r", "c", []byte("x"))
			second, err := p.vault().Rotate(t.Context())
			p.must(err)
			if want := []string{second.Current(), first.Current()}; second.Current() == first.Current() || !slices.Equal(p.mustOpen().IDs(), want) {
				t.Errorf("keys %q, want %q", p.mustOpen().IDs(), want)
			}
			if _, err := p.mustOpen().Sealer(1).Open("t", "r", "c", sealed); err != nil {
				t.Errorf("what the first key sealed: %v", err)
			}
			if _, err := p.vault().Retire(t.Context(), second.Current()); err == nil {
				t.Error("the current key was retired")
			}
			_, err = p.vault().Retire(t.Context(), "0000000000000000")
			wantState(t, "retire what there is not", err, vault.Gone)
			_, err = p.vault().Retire(t.Context(), first.Current())
			p.must(err)
			_, err = p.mustOpen().Sealer(1).Open("t", "r", "c", sealed)
			wantState(t, "what a retired key sealed", err, vault.Gone)
		})
	}
}

// Windows takes 2,560 bytes for an entry.
func TestRecordStaysWithinWhatKeychainsTake(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.InKeychain)
	p.mustEnsure()
	var err error
	for err == nil {
		_, err = p.vault().Rotate(t.Context())
	}
	if !strings.Contains(err.Error(), "retire one first") {
		t.Errorf("the last rotation: %v", err)
	}
	for name, text := range p.keychain.all() {
		if len(text) > 2000 {
			t.Errorf("%s has %d bytes", name, len(text))
		}
	}
	p.mustOpen()
}

// A kill between the two writes of a rotation leaves the newer source and the
// older label, or, of a retirement, the same.
func TestKillInTheMiddleOfARotationLeavesTheKeyUsable(t *testing.T) {
	t.Parallel()
	for _, kind := range []vault.Kind{vault.InKeychain, vault.File} {
		p := newPlace(t, kind)
		first := p.mustEnsure()
		step := func(name string, do func() (*vault.Keys, error)) {
			label, err := os.ReadFile(p.label())
			p.must(err)
			changed, err := do()
			p.must(err)
			p.must(os.WriteFile(p.label(), label, 0o600))
			if got := p.mustOpen(); !slices.Equal(got.IDs(), changed.IDs()) {
				t.Errorf("%s: %s: keys %q, want %q", kind, name, got.IDs(), changed.IDs())
			}
		}
		step("rotate", func() (*vault.Keys, error) { return p.vault().Rotate(t.Context()) })
		_, err := p.vault().Rotate(t.Context()) // the next one heals the label
		p.must(err)
		step("retire", func() (*vault.Keys, error) { return p.vault().Retire(t.Context(), first.Current()) })
	}
}

func TestKeyThatTheAdministratorGivesIsRotatedByThem(t *testing.T) {
	t.Parallel()
	for _, kind := range []vault.Kind{vault.Credential, vault.Passphrase} {
		p := newPlace(t, kind)
		p.mustEnsure()
		if _, err := p.vault().Rotate(t.Context()); !errors.Is(err, vault.ErrReadOnly) {
			t.Errorf("%s: rotate: %v", kind, err)
		}
		if _, err := p.vault().Anchor(); !errors.Is(err, vault.ErrNoAnchor) {
			t.Errorf("%s: anchor: %v", kind, err)
		}
	}
	p := newPlace(t, vault.Credential)
	first := p.mustEnsure()
	p.put(vault.OldKeyCredential, strings.Repeat("k1", 32))
	p.put(vault.KeyCredential, strings.Repeat("k2", 32))
	if ids := p.mustOpen().IDs(); len(ids) != 2 || ids[1] != first.Current() {
		t.Errorf("keys %q, want a new one before %s", ids, first.Current())
	}
}

// A label that a killed rotation left behind names no key that stays: it has to
// be brought up before the source loses the one that it does name.
func TestALabelLeftBehindIsMendedBeforeAKeyGoes(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.InKeychain)
	first := p.mustEnsure()
	label, err := os.ReadFile(p.label())
	p.must(err)
	second, err := p.vault().Rotate(t.Context())
	p.must(err)
	p.must(os.WriteFile(p.label(), label, 0o600))
	var then []byte // the label when the source has just been changed
	p.keychain.set(func(c *chain) {
		c.lies = func(text string) string {
			then, _ = os.ReadFile(p.label())
			return text
		}
	})
	_, err = p.vault().Retire(t.Context(), first.Current())
	p.must(err)
	if !strings.Contains(string(then), second.Current()) {
		t.Errorf("a kill would have left the label %s and the key %s", then, second.Current())
	}
}

// The way to rotate a credential: the new one beside the old, and then alone.
func TestACredentialIsRotatedByGivingBothForAWhile(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.Credential)
	p.mustEnsure()
	p.put(vault.OldKeyCredential, strings.Repeat("k1", 32))
	p.put(vault.KeyCredential, strings.Repeat("k2", 32))
	both := p.mustEnsure()
	p.must(os.Remove(filepath.Join(p.Credentials, vault.OldKeyCredential)))
	if got := p.mustOpen(); got.Current() != both.Current() || len(got.IDs()) != 1 {
		t.Errorf("keys %q, want %s alone", got.IDs(), both.Current())
	}
}

// Two databases may name one file; who rotates one must not take the other's key.
func TestAKeyThatAnotherDatabaseUsesIsNotRetired(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.File)
	first := p.mustEnsure()
	other := *p
	other.Dir = filepath.Join(t.TempDir(), "data")
	other.mustEnsure()
	_, err := p.vault().Rotate(t.Context())
	p.must(err)
	if _, err := p.vault().Retire(t.Context(), first.Current()); !errors.Is(err, vault.ErrShared) {
		t.Errorf("retire: %v", err)
	}
	if ids := other.mustOpen().IDs(); !slices.Contains(ids, first.Current()) {
		t.Errorf("the other database has the keys %q, without its own %s", ids, first.Current())
	}
}
