package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
	"github.com/dingpass/dingpass/backend/vault"
)

// keys are a real vault's, in a file beside the data directory.
type keys struct {
	t     *testing.T // nil in a child
	dir   string
	vault *vault.Vault
}

func newKeys(t *testing.T, dir string) *keys {
	t.Helper()
	k := keysOf(dir)
	k.t = t
	return k
}

func keysOf(dir string) *keys {
	source := vault.Source{Kind: vault.File, Path: filepath.Join(filepath.Dir(dir), "key")}
	return &keys{dir: dir, vault: vault.New(vault.Options{Dir: dir, Source: source})}
}

// unlock makes the key where there is none.
func (k *keys) unlock(ctx context.Context, sealed bool) (store.Keys, error) {
	found, err := k.vault.Ensure(ctx, sealed)
	return forStore{found}, err
}

// options are those of the program: the log is keyed, and its head lies beside
// the key.
func (k *keys) options() store.Options {
	return store.Options{Dir: k.dir, Unlock: k.unlock, LogKeys: k.logKeys, Anchor: outside{k.vault}}
}

func (k *keys) logKeys() (all []signlog.Key, err error) {
	found, err := k.vault.Open(context.Background())
	if err != nil {
		return nil, err
	}
	for _, id := range found.IDs() {
		link, err := found.Key(id, vault.LogChain)
		if err != nil {
			return nil, err
		}
		all = append(all, signlog.Key{ID: id, Secret: link})
	}
	return all, nil
}

// outside keeps the head of the log where the key is.
type outside struct{ vault *vault.Vault }

func (o outside) Read(ctx context.Context) (signlog.Head, error) {
	anchor, err := o.vault.Anchor()
	if err != nil {
		return signlog.Head{}, err
	}
	mark, err := anchor.Read(ctx, vault.LogHead)
	return signlog.Head{Length: int64(mark.Count), Link: mark.Head}, err
}

func (o outside) Advance(ctx context.Context, to signlog.Head) error {
	anchor, err := o.vault.Anchor()
	if err != nil {
		return err
	}
	return anchor.Advance(ctx, vault.LogHead, vault.Mark{Count: uint64(to.Length), Head: to.Link})
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
