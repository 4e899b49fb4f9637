package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/dingpass/dingpass/backend/store"
	"github.com/dingpass/dingpass/backend/vault"
)

// keys are a real vault's, in a file beside the data directory.
type keys struct {
	t     *testing.T
	vault *vault.Vault
}

func newKeys(t *testing.T, dir string) *keys {
	t.Helper()
	source := vault.Source{Kind: vault.File, Path: filepath.Join(filepath.Dir(dir), "key")}
	return &keys{t, vault.New(vault.Options{Dir: dir, Source: source})}
}

// unlock makes the key where there is none.
func (k *keys) unlock(ctx context.Context, sealed bool) (store.Keys, error) {
	found, err := k.vault.Ensure(ctx, sealed)
	return forStore{found}, err
}

// forStore gives the store its own kind of sealer.
type forStore struct{ *vault.Keys }

func (k forStore) Sealer(epoch uint64) store.Sealer { return k.Keys.Sealer(epoch) }

func mustOpenWith(t *testing.T, dir string, unlock store.Unlock) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir, Unlock: unlock})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() }) // a test that closes it itself has looked at the error
	return s
}
