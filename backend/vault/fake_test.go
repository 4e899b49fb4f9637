package vault_test

import (
	"errors"
	"maps"
	"sync"
	"testing"

	"github.com/dingpass/dingpass/backend/vault"
)

// chain is a keychain with every fault that somebody has met.
type chain struct {
	mu      sync.Mutex
	entries map[string]string
	calls   int

	err    error               // what every call answers
	drops  bool                // writes are acknowledged and not done (RushB-fr/freekiosk #200)
	lies   func(string) string // what is read instead
	panics bool
	hang   chan struct{} // calls wait until it is closed; nil = they do not
}

var _ vault.Keychain = (*chain)(nil)

func newChain() *chain { return &chain{entries: make(map[string]string)} }

func (c *chain) begin() error {
	c.mu.Lock()
	c.calls++
	hang, err, panics := c.hang, c.err, c.panics
	c.mu.Unlock()
	if hang != nil {
		<-hang
	}
	if panics {
		var answer any = "no path"
		_ = answer.(int)
	}
	return err
}

func (c *chain) Get(service, account string) (string, error) {
	if err := c.begin(); err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	text, ok := c.entries[service+"/"+account]
	if !ok {
		return "", vault.ErrNoEntry
	}
	if c.lies != nil {
		text = c.lies(text)
	}
	return text, nil
}

func (c *chain) Set(service, account, text string) error {
	if err := c.begin(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.drops {
		c.entries[service+"/"+account] = text
	}
	return nil
}

func (c *chain) Delete(service, account string) error {
	if err := c.begin(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.entries[service+"/"+account]; !ok {
		return vault.ErrNoEntry
	}
	if !c.drops {
		delete(c.entries, service+"/"+account)
	}
	return nil
}

// set changes how the keychain behaves.
func (c *chain) set(change func(*chain)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(c)
}

func (c *chain) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls
}

func (c *chain) all() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.entries)
}

func wantState(t *testing.T, doing string, err error, want vault.State) {
	t.Helper()
	if vault.StateOf(err) != want || !errors.Is(err, want) {
		t.Errorf("%s: %v, want state %s", doing, err, want)
	}
}
