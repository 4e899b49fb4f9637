package vault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/vault"
)

// mine is one entry in a keychain.
func mine(c *vault.Chain) vault.ClientSecret {
	return vault.ClientSecret{Chain: c, ClientID: "dingapp"}
}

func TestClientSecretIsKeptForEachApp(t *testing.T) {
	t.Parallel()
	guard := vault.NewChain(newChain())
	first, second := mine(guard), vault.ClientSecret{Chain: guard, ClientID: "other"}
	if text, err := first.Get(t.Context()); err != nil || !text.Empty() {
		t.Errorf("before: %v, %v", text.Reveal(), err)
	}
	if err := errors.Join(first.Set(t.Context(), secret.New("one")), second.Set(t.Context(), secret.New("two"))); err != nil {
		t.Fatal(err)
	}
	if text, err := first.Get(t.Context()); err != nil || text.Reveal() != "one" {
		t.Errorf("kept: %q, %v", text.Reveal(), err)
	}
	if err := errors.Join(first.Clear(t.Context()), first.Clear(t.Context())); err != nil {
		t.Errorf("clear: %v", err)
	}
	if text, err := first.Get(t.Context()); err != nil || !text.Empty() {
		t.Errorf("cleared: %q, %v", text.Reveal(), err)
	}
	if text, err := second.Get(t.Context()); err != nil || text.Reveal() != "two" {
		t.Errorf("the other app's: %q, %v", text.Reveal(), err)
	}
}

func TestKeychainThatFailsIsATypedError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*chain)
		want   vault.State
	}{
		"locked":  {func(c *chain) { c.err = fmt.Errorf("%w: dismissed", vault.Locked) }, vault.Locked},
		"refuses": {func(c *chain) { c.err = errors.New("no such interface") }, vault.Unavailable},
		"answers nonsense, which go-keyring trusts": {func(c *chain) { c.panics = true }, vault.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := newChain()
			c.change(fake)
			entry := mine(vault.NewChain(fake))
			_, err := entry.Get(t.Context())
			wantState(t, "get", err, c.want)
			if code, detail := login.CodeOf(err), login.DetailOf(err); code != login.KeyUnavailable || !strings.HasPrefix(detail, string(c.want)+": ") {
				t.Errorf("code %s, detail %q", code, detail)
			}
			wantState(t, "set", entry.Set(t.Context(), secret.New("x")), c.want)
			wantState(t, "clear", entry.Clear(t.Context()), c.want)
		})
	}
}

// RushB-fr/freekiosk #200: every custom PIN was refused, because the keystore
// had stored none of them.
func TestWriteThatIsAcknowledgedAndNotDoneIsNoticed(t *testing.T) {
	t.Parallel()
	fake := newChain()
	entry := mine(vault.NewChain(fake))
	if err := entry.Set(t.Context(), secret.New("old")); err != nil {
		t.Fatal(err)
	}
	fake.set(func(c *chain) { c.drops = true })
	wantState(t, "set", entry.Set(t.Context(), secret.New("new")), vault.Unavailable)
	wantState(t, "clear", entry.Clear(t.Context()), vault.Unavailable)
	fake.set(func(c *chain) { c.drops = false; c.lies = func(text string) string { return text[1:] } })
	err := entry.Set(t.Context(), secret.New("planted-secret"))
	wantState(t, "set, and another one is given back", err, vault.Unavailable)
	if strings.Contains(err.Error()+login.DetailOf(err), "planted") {
		t.Errorf("the secret shows in %v", err)
	}
}

// A prompt that nobody sees waits for ever (zalando/go-keyring #88).
func TestKeychainThatHangsIsLeftAloneForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, hang := newChain(), make(chan struct{})
		fake.hang = hang
		entry := mine(vault.NewChain(fake))
		ask := func(doing string, within time.Duration, calls int) {
			t.Helper()
			began := time.Now()
			_, err := entry.Get(t.Context())
			wantState(t, doing, err, vault.Locked)
			if took := time.Since(began); took != within || fake.count() != calls {
				t.Errorf("%s: after %v and %d calls, want %v and %d", doing, took, fake.count(), within, calls)
			}
		}
		ask("the first call", vault.Patience, 1)
		ask("the next", 0, 1)
		for i := range vault.MostLost - 1 {
			<-time.After(vault.Pause) // the bubble's clock
			ask("after the pause", vault.Patience, i+2)
		}
		<-time.After(10 * vault.Pause) // the bubble's clock
		ask("once too many hang", 0, vault.MostLost)

		fake.set(func(c *chain) { c.hang = nil })
		close(hang)
		synctest.Wait()
		if _, err := entry.Get(t.Context()); err != nil {
			t.Errorf("the keychain is back: %v", err)
		}
	})
}

func TestLateWriteNeverComesAfterANewerOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, hang := newChain(), make(chan struct{})
		fake.hang = hang
		entry := mine(vault.NewChain(fake))
		wantState(t, "a write that hangs", entry.Set(t.Context(), secret.New("old")), vault.Locked)
		fake.set(func(c *chain) { c.hang = nil })
		<-time.After(vault.Pause) // the bubble's clock
		wantState(t, "a write after it", entry.Set(t.Context(), secret.New("new")), vault.Locked)
		if _, err := entry.Get(t.Context()); err != nil {
			t.Errorf("a read is harmless: %v", err)
		}
		close(hang)
		synctest.Wait()
		if err := entry.Set(t.Context(), secret.New("new")); err != nil {
			t.Errorf("a write once the first has come back: %v", err)
		}
		if text, _ := entry.Get(t.Context()); text.Reveal() != "new" {
			t.Error("the older write won")
		}
	})
}

func TestCallerWhoGoesAwayIsNotHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake, hang := newChain(), make(chan struct{})
		fake.hang = hang
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := mine(vault.NewChain(fake)).Get(ctx)
		if login.CodeOf(err) != login.Cancelled {
			t.Errorf("get: %v", err)
		}
		close(hang)
	})
}
