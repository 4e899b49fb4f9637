package vault_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/vault"
)

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

// Looking makes nothing, and tells whether a key could be made.
func TestCheckBeforeThereIsAKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		kind   vault.Kind
		spoil  func(*place)
		want   vault.State
		source string
	}{
		{"a keychain", vault.InKeychain, func(*place) {}, vault.None, "keychain"},
		{"a keychain that is locked", vault.InKeychain, func(p *place) { p.keychain.err = vault.Locked }, vault.Locked, "keychain"},
		{"a keychain that is not there", vault.InKeychain, func(p *place) { p.keychain.err = errors.New("x") }, vault.Unavailable, "keychain"},
		{"a file that will be made", vault.File, func(*place) {}, vault.None, "key"},
		{"a file that is no key", vault.File, func(p *place) { p.put("key", "short") }, vault.Wrong, "key"},
		{"a credential", vault.Credential, func(*place) {}, vault.None, "credential dingpass-key"},
		{"no credential", vault.Credential, func(p *place) { p.Credentials = "" }, vault.Unavailable, "credential dingpass-key"},
		{"a passphrase", vault.Passphrase, func(*place) {}, vault.None, "passphrase"},
	} {
		p := newPlace(t, c.kind)
		c.spoil(p)
		before := p.everything()
		report, err := p.vault().Check(t.Context())
		wantState(t, c.name, err, c.want)
		if filepath.Base(report.Source) != c.source || report.Key != "" || p.everything() != before || p.asked > 0 {
			t.Errorf("%s: report %+v, asked %d times", c.name, report, p.asked)
		}
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

func TestWhoeverChangesKeysWaitsForTheOthers(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.InKeychain)
	p.must(os.MkdirAll(p.Dir, 0o700))
	other := flock.New(filepath.Join(p.Dir, "key.lock"))
	p.must(other.Lock())
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := p.vault().Ensure(ctx, false); login.CodeOf(err) != login.Cancelled || len(p.keychain.all()) > 0 {
		t.Errorf("while another process makes a key: %v, %d entries", err, len(p.keychain.all()))
	}
	p.must(other.Close())
	p.mustEnsure()
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

// A terminal at which somebody has gone away holds nobody else up.
func TestWhoIsAskedForAPassphraseHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.Passphrase)
	p.mustEnsure()
	asked, typed := make(chan struct{}), make(chan struct{})
	away := vault.New(vault.Options{Dir: p.Dir, Source: p.Source, Ask: func(context.Context, bool) (secret.Text, error) {
		close(asked)
		<-typed
		return secret.New(passphrase), nil
	}})
	done := make(chan error, 1)
	go func() {
		_, err := away.Ensure(t.Context(), true)
		done <- err
	}()
	<-asked
	p.mustEnsure()
	close(typed)
	p.must(<-done)
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
