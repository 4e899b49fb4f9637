package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
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

// options are those of one process of the program: the log is keyed, and its
// head and the epoch lie beside the key.
func (k *keys) options() store.Options {
	o, _ := k.process()
	return o
}

// process are options and the keys of whoever opens a store with them.
func (k *keys) process() (store.Options, *ring) {
	present := &ring{}
	return store.Options{Dir: k.dir, Unlock: k.unlock, Unlocked: present.unlocked, LogKeys: present.logKeys, Anchor: outside{k.vault}}, present
}

// ring has the keys of a store for who stands on the same ones.
type ring struct {
	mu   sync.Mutex
	keys *vault.Keys
}

func (r *ring) unlocked(found store.Keys) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = found.(forStore).Keys
}

func (r *ring) present() *vault.Keys {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.keys
}

// door is offline sign-in of the process, with keys as the program's.
func (r *ring) door(s *store.Store) entrance {
	return doorWith(s, purposed{r, vault.PINPepper}, purposed{r, vault.BadgeSigning})
}

// purposed are a ring's keys for one purpose.
type purposed struct {
	ring *ring
	of   vault.Purpose
}

func (k purposed) Current() string                    { return k.ring.present().Current() }
func (k purposed) Key(id string) (secret.Text, error) { return k.ring.present().Key(id, k.of) }

func (r *ring) logKeys() (all []signlog.Key, err error) {
	found := r.present()
	if found == nil {
		return nil, login.Fail(login.KeyUnavailable, errors.New("no key was found"))
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

// rotate makes a new key and has a store seal everybody with it. It returns the
// id of the old one, which the vault keeps.
func (k *keys) rotate(s *store.Store) (old string) {
	k.t.Helper()
	old, err := k.tryRotate(k.t.Context(), s)
	if err != nil {
		k.t.Fatal(err)
	}
	return old
}

// tryRotate is rotate for a child.
func (k *keys) tryRotate(ctx context.Context, s *store.Store) (old string, err error) {
	both, err := k.vault.Rotate(ctx)
	if err != nil {
		return "", err
	}
	return both.IDs()[1], s.Unlock(ctx)
}

// retire has the vault give up each key that the store can do without, as
// «cache rotate» does.
func (k *keys) retire(ctx context.Context, s *store.Store) error {
	used, err := s.KeysInUse(ctx)
	if err != nil {
		return err
	}
	found, err := k.vault.Open(ctx)
	if err != nil {
		return err
	}
	for _, id := range found.IDs() {
		if !slices.Contains(used, id) {
			if _, err := k.vault.Retire(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
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

func (o outside) Epoch(ctx context.Context) (uint64, error) {
	anchor, err := o.vault.Anchor()
	if err != nil {
		return 0, err
	}
	mark, err := anchor.Read(ctx, vault.Epoch)
	return mark.Count, err
}

func (o outside) AdvanceEpoch(ctx context.Context, to uint64) error {
	anchor, err := o.vault.Anchor()
	if err != nil {
		return err
	}
	return anchor.Advance(ctx, vault.Epoch, vault.Mark{Count: to})
}

// forStore gives the store its own kind of keys.
type forStore struct{ *vault.Keys }

func (k forStore) Sealer(epoch uint64) store.Sealer { return k.Keys.Sealer(epoch) }

func (k forStore) With(id string, former secret.Text) (store.Keys, error) {
	with, err := k.Keys.With(id, former)
	return forStore{with}, err
}

func mustOpenWith(t *testing.T, dir string, unlock store.Unlock) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir, Unlock: unlock})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() }) // a test that closes it itself has looked at the error
	return s
}
