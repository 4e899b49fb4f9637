package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/dingpass/dingpass/backend/secret"
)

// Tokens keeps tokens where restarts and other processes find them: one to a
// slot, which has a name. It has the methods of dingtalk.Keeper.
type Tokens struct{ store *Store }

// Tokens are the database's tokens.
func (s *Store) Tokens() *Tokens { return &Tokens{s} }

// lockPoll is how often a slot's lock is asked for while another process has
// it. Who has it is waiting for DingTalk, some 100 ms.
const lockPoll = 10 * time.Millisecond

// Lock waits for a slot's lock and takes it, from everybody else in this
// process and in others. It is a file's, so that it ends with its process
// however that ends. unlock may be called more than once.
func (t *Tokens) Lock(ctx context.Context, slot string) (unlock func(), err error) {
	name := sha256.Sum256([]byte(slot)) // a slot's name may hold what a file's cannot
	path := filepath.Join(filepath.Dir(t.store.path), "token-"+hex.EncodeToString(name[:8])+".lock")
	file := flock.New(path, flock.SetPermissions(0o600))
	if _, err := file.TryLockContext(ctx, lockPoll); err != nil {
		return nil, t.store.fail("lock token", err)
	}
	return sync.OnceFunc(func() {
		if err := file.Close(); err != nil {
			t.store.log.Warn("unlock token", "error", err)
		}
	}), nil
}

// Load is what a slot holds; an empty text when it holds nothing.
func (t *Tokens) Load(ctx context.Context, slot string) (secret.Text, error) {
	if err := t.store.Locked(); err != nil {
		return secret.Text{}, err
	}
	key := t.store.sealer.lookup("slot_key", slot)
	var sealed []byte
	err := t.store.read.QueryRowContext(ctx, "SELECT body FROM tokens WHERE slot_key = ?", key).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return secret.Text{}, nil
	}
	if err != nil {
		return secret.Text{}, t.store.fail("load token", err)
	}
	plain, err := t.store.sealer.open(tokenPlace(key), sealed)
	if err != nil {
		return secret.Text{}, t.store.fail("load token", err)
	}
	return secret.New(string(plain)), nil
}

// Save puts a token in the place of the slot's old one; an empty one empties
// the slot. After nil it is on disk.
func (t *Tokens) Save(ctx context.Context, slot string, token secret.Text) error {
	err := t.store.again(ctx, func() error { return t.save(ctx, slot, token) })
	if err != nil {
		return t.store.fail("store token", err)
	}
	return nil
}

func (t *Tokens) save(ctx context.Context, slot string, token secret.Text) error {
	return t.store.inTx(ctx, func(tx *tx) error {
		key := t.store.sealer.lookup("slot_key", slot)
		if token.Empty() {
			_, err := tx.ExecContext(ctx, "DELETE FROM tokens WHERE slot_key = ?", key)
			return err
		}
		sealed, err := t.store.sealer.seal(tokenPlace(key), []byte(token.Reveal()))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO tokens (slot_key, body) VALUES (?, ?)", key, sealed)
		return err
	})
}

// tokenPlace is where a slot's token lives.
func tokenPlace(key []byte) place {
	return place{table: "tokens", row: string(key), column: "body"}
}
