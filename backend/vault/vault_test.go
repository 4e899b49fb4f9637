package vault_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/vault"
)

// place is one database with everything around it that a vault may use.
type place struct {
	t *testing.T
	vault.Options
	keychain *chain
	asked    int
}

const passphrase = "correct horse battery"

func newPlace(t *testing.T, kind vault.Kind) *place {
	t.Helper()
	p := &place{t: t, keychain: newChain()}
	outside := t.TempDir()
	p.Options = vault.Options{
		Dir:         filepath.Join(t.TempDir(), "data"),
		Source:      vault.Source{Kind: kind},
		Chain:       vault.NewChain(p.keychain),
		Credentials: outside,
	}
	switch kind {
	case vault.File:
		p.Source.Path = filepath.Join(outside, "key")
	case vault.Credential:
		p.put(vault.KeyCredential, strings.Repeat("k1", 32))
	case vault.Passphrase:
		p.Ask = func(context.Context, bool) (secret.Text, error) { p.asked++; return secret.New(passphrase), nil }
	}
	return p
}

// put makes a credential.
func (p *place) put(name, content string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.Credentials, name), []byte(content), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// vault is a vault of another process: nothing is remembered.
func (p *place) vault() *vault.Vault { return vault.New(p.Options) }

func (p *place) mustEnsure() *vault.Keys {
	p.t.Helper()
	keys, err := p.vault().Ensure(p.t.Context(), false)
	if err != nil {
		p.t.Fatal("ensure:", err)
	}
	return keys
}

func (p *place) mustOpen() *vault.Keys {
	p.t.Helper()
	keys, err := p.vault().Open(p.t.Context())
	if err != nil {
		p.t.Fatal("open:", err)
	}
	return keys
}

var kinds = []vault.Kind{vault.InKeychain, vault.Credential, vault.File, vault.Passphrase}

// kanidm #4407: cached, yet never verified again after a restart.
func TestKeyIsTheSameAfterARestartInEachSource(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, kind)
			_, err := p.vault().Open(t.Context())
			wantState(t, "open before", err, vault.None)
			if _, err := os.Stat(p.Dir); err == nil {
				t.Error("opening has made the data directory")
			}
			made := p.mustEnsure()
			sealed := made.Sealer(1).Seal("t", "r", "c", []byte("x"))
			for name, keys := range map[string]*vault.Keys{"opened": p.mustOpen(), "ensured again": p.mustEnsure()} {
				plain, err := keys.Sealer(1).Open("t", "r", "c", sealed)
				if err != nil || string(plain) != "x" || keys.Current() != made.Current() {
					t.Errorf("%s: key %s, want %s: %v", name, keys.Current(), made.Current(), err)
				}
			}
		})
	}
}

// The data directory is what is copied, backed up and stolen.
func TestNoKeyIsEverInTheDataDirectory(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, kind)
			p.mustEnsure()
			for _, name := range names(t, p.Dir) {
				content, err := os.ReadFile(filepath.Join(p.Dir, name))
				if err != nil {
					t.Fatal(err)
				}
				for _, key := range p.secrets() {
					if bytes.Contains(content, []byte(key)) {
						t.Errorf("%s holds the key", name)
					}
				}
			}
		})
	}
}

// secrets are what the source holds, as it may be written.
func (p *place) secrets() (found []string) {
	for name, text := range p.keychain.all() {
		if strings.Contains(name, "/key ") {
			found = append(found, keyIn(text))
		}
	}
	switch p.Source.Kind {
	case vault.File:
		content, _ := os.ReadFile(p.Source.Path)
		found = append(found, keyIn(string(content)))
	case vault.Credential:
		found = append(found, "k1k1")
	case vault.Passphrase:
		found = append(found, passphrase)
	}
	if len(found) == 0 || len(found[0]) < 4 {
		p.t.Fatal("this test knows no key")
	}
	return found
}

// keyIn is the base64 of the first key in a record.
func keyIn(record string) string {
	_, rest, _ := strings.Cut(record, `"key":"`)
	key, _, _ := strings.Cut(rest, `"`)
	return key
}

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return all
}

// element-web #16343, Signal-Desktop #7256 and #7483: three states that looked
// alike, and a new key that made them worse.
func TestLockedGoneAndWrongAreThreeAnswersAndMakeNothing(t *testing.T) {
	t.Parallel()
	locked := func(p *place) { p.keychain.set(func(c *chain) { c.err = vault.Locked }) }
	absent := func(p *place) { p.keychain.set(func(c *chain) { c.err = errors.New("ServiceUnknown") }) }
	for _, c := range []struct {
		name  string
		kind  vault.Kind
		spoil func(*place)
		want  vault.State
	}{
		{"the keychain is locked", vault.InKeychain, locked, vault.Locked},
		{"the keychain is not there", vault.InKeychain, absent, vault.Unavailable},
		{"there is no keychain any more", vault.InKeychain, func(p *place) { p.Chain = nil }, vault.Unavailable},
		{"the keychain was emptied", vault.InKeychain, func(p *place) { p.keychain.set(func(c *chain) { clear(c.entries) }) }, vault.Gone},
		{"it is another machine's keychain", vault.InKeychain, func(p *place) { p.Chain = vault.NewChain(newChain()) }, vault.Gone},
		{"the entry was cut", vault.InKeychain, func(p *place) {
			p.keychain.set(func(c *chain) { c.lies = func(text string) string { return text[:len(text)/2] } })
		}, vault.Wrong},
		{"the entry is another database's", vault.InKeychain, func(p *place) { p.swapEntry() }, vault.Wrong},
		{"the file was removed", vault.File, func(p *place) { p.must(os.Remove(p.Source.Path)) }, vault.Gone},
		{"the file is another one", vault.File, func(p *place) { p.Source.Path = p.file("other", strings.Repeat("x1", 32)) }, vault.Wrong},
		{"the file was emptied", vault.File, func(p *place) { p.must(os.Truncate(p.Source.Path, 0)) }, vault.Wrong},
		{"the credential is not given", vault.Credential, func(p *place) { p.Credentials = "" }, vault.Gone},
		{"the credential is another one", vault.Credential, func(p *place) { p.put(vault.KeyCredential, strings.Repeat("x1", 32)) }, vault.Wrong},
		{"the credential is too short", vault.Credential, func(p *place) { p.put(vault.KeyCredential, "short") }, vault.Wrong},
		{"nobody is there to type", vault.Passphrase, func(p *place) { p.Ask = nil }, vault.Locked},
		{"the passphrase is another one", vault.Passphrase, func(p *place) { p.put(vault.PassphraseCredential, "another passphrase") }, vault.Wrong},
		{"the source was never a passphrase", vault.File, func(p *place) { p.Source = vault.Source{Kind: vault.Passphrase} }, vault.Wrong},
		{"the file is to be named", vault.File, func(p *place) { p.Source = vault.Source{Kind: vault.Auto} }, vault.Unavailable},
		{"the label was cut", vault.InKeychain, func(p *place) { p.must(os.Truncate(p.label(), 20)) }, vault.Wrong},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, c.kind)
			p.mustEnsure()
			c.spoil(p)
			before := p.everything()
			_, err := p.vault().Open(t.Context())
			wantState(t, "open", err, c.want)
			if login.CodeOf(err) != login.KeyUnavailable {
				t.Errorf("code = %s", login.CodeOf(err))
			}
			_, err = p.vault().Ensure(t.Context(), true)
			wantState(t, "ensure", err, c.want)
			_, err = p.vault().Rotate(t.Context())
			if err == nil {
				t.Error("it was rotated all the same")
			}
			if after := p.everything(); after != before {
				t.Errorf("something was made: %s\nbefore: %s", after, before)
			}
		})
	}
}

func (p *place) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) label() string { return filepath.Join(p.Dir, vault.LabelName) }

func (p *place) file(name, content string) string {
	p.put(name, content)
	return filepath.Join(p.Credentials, name)
}

// swapEntry gives this database's entry the content of another's.
func (p *place) swapEntry() {
	other := newPlace(p.t, vault.InKeychain)
	other.mustEnsure()
	p.keychain.set(func(c *chain) {
		for name := range c.entries {
			for from, text := range other.keychain.all() {
				if strings.Contains(name, "/key ") && strings.Contains(from, "/key ") {
					c.entries[name] = text
				}
			}
		}
	})
}

// everything is all that a vault might write, but for its lock file.
func (p *place) everything() string {
	out := &strings.Builder{}
	for _, dir := range []string{p.Dir, filepath.Dir(p.Source.Path), p.Credentials} {
		if entries, err := os.ReadDir(dir); err == nil && filepath.IsAbs(dir) {
			for _, entry := range entries {
				content, _ := os.ReadFile(filepath.Join(dir, entry.Name()))
				if entry.Name() != "key.lock" {
					out.WriteString(entry.Name() + "=" + string(content) + "\n")
				}
			}
		}
	}
	for name := range p.keychain.all() {
		out.WriteString("entry\n")
		_ = name
	}
	return out.String()
}

func TestNoKeyIsMadeForADatabaseThatIsSealedAlready(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.InKeychain)
	made := p.mustEnsure()
	label, err := os.ReadFile(p.label())
	p.must(err)
	p.must(os.Remove(p.label()))
	_, err = p.vault().Ensure(t.Context(), true)
	wantState(t, "ensure without the label", err, vault.Gone)
	p.must(os.WriteFile(p.label(), label, 0o600))
	if keys := p.mustOpen(); keys.Current() != made.Current() {
		t.Error("the label does not lead to the key again")
	}
}

func TestKeychainThatDropsWritesMakesNoKey(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.InKeychain)
	p.keychain.drops = true
	_, err := p.vault().Ensure(t.Context(), false)
	wantState(t, "ensure", err, vault.Unavailable)
	_, err = p.vault().Open(t.Context())
	wantState(t, "open", err, vault.None)
}

func TestAutoTakesTheBestThereIsAndStaysWithIt(t *testing.T) {
	t.Parallel()
	absent := errors.New("ServiceUnknown")
	for _, c := range []struct {
		name       string
		err        error
		credential bool
		want       string // the source; or a state
	}{
		{"a keychain", nil, false, "keychain"},
		{"a keychain before a credential", nil, true, "keychain"},
		{"a keychain that is locked is one", vault.Locked, true, "locked"},
		{"a credential where there is no keychain", absent, true, "credential dingpass-key"},
		{"neither", absent, false, "unavailable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, vault.Auto)
			if c.credential {
				p.put(vault.KeyCredential, strings.Repeat("k1", 32))
			}
			p.keychain.err = c.err
			made, err := p.vault().Ensure(t.Context(), false)
			if err != nil {
				if string(vault.StateOf(err)) != c.want {
					t.Errorf("ensure: %v, want %s", err, c.want)
				}
				return
			}
			p.keychain.set(func(c *chain) { c.err = nil }) // a better one has come up since
			report, err := p.vault().Check(t.Context())
			if err != nil || report.Source != c.want || report.Key != made.Current() {
				t.Errorf("report = %+v, %v", report, err)
			}
		})
	}
}

func TestKeyCanBeMovedFromAFileToACredential(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.File)
	made := p.mustEnsure()
	content, err := os.ReadFile(p.Source.Path)
	p.must(err)
	p.put(vault.KeyCredential, string(content))
	p.Source = vault.Source{Kind: vault.Credential}
	if keys := p.mustOpen(); keys.Current() != made.Current() {
		t.Errorf("key %s, want %s", keys.Current(), made.Current())
	}
}

func TestProcessesThatStartTogetherShareOneKey(t *testing.T) {
	t.Parallel()
	for _, kind := range []vault.Kind{vault.InKeychain, vault.File} {
		p := newPlace(t, kind)
		var all sync.WaitGroup
		ids := make([]string, 8)
		for i := range ids {
			all.Go(func() {
				keys, err := p.vault().Ensure(t.Context(), false)
				if err != nil {
					t.Error("ensure:", err)
					return
				}
				ids[i] = keys.Current()
			})
		}
		all.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Errorf("%s: keys %q", kind, ids)
				break
			}
		}
	}
}

func TestPassphraseIsNotShortAndIsAskedForOnce(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.Passphrase)
	p.mustEnsure()
	p.mustOpen()
	if p.asked != 2 {
		t.Errorf("asked %d times", p.asked)
	}
	p.put(vault.PassphraseCredential, passphrase+"\n")
	p.mustOpen()
	if p.asked != 2 {
		t.Error("asked although the service has it as a credential")
	}
	short := newPlace(t, vault.Passphrase)
	short.put(vault.PassphraseCredential, "elevenchars")
	_, err := short.vault().Ensure(t.Context(), false)
	wantState(t, "a short one", err, vault.Unavailable)
}

func TestWeakOrEndlessParametersAreRefused(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.Passphrase)
	p.mustEnsure()
	good, err := os.ReadFile(p.label())
	p.must(err)
	for from, to := range map[string]string{
		`"memory_kib":65536`: `"memory_kib":8`, `"time":3`: `"time":0`, `"threads":4`: `"threads":0`,
		`"memory_kib":65536,`: `"memory_kib":4294967295,`,
	} {
		bad := strings.Replace(string(good), from, to, 1)
		if bad == string(good) {
			t.Fatalf("no %s in %s", from, good)
		}
		p.must(os.WriteFile(p.label(), []byte(bad), 0o600))
		_, err := p.vault().Open(t.Context())
		wantState(t, to, err, vault.Wrong)
	}
	if p.asked != 1 {
		t.Errorf("asked %d times", p.asked)
	}
}
