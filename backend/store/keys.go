package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// Keys are the keys that the database is sealed with. They do not change; a
// rotation gives others.
type Keys interface {
	// Current is the id of the key for what is written.
	Current() string

	// IDs are the ids of all keys, the current one first.
	IDs() []string

	// Sealer seals with the current key, and opens what any of the keys has
	// sealed in this epoch of the database.
	Sealer(epoch uint64) Sealer

	// SealedBy is the id of the key that a value was sealed with; "" where it
	// is no sealed value.
	SealedBy(sealed []byte) string

	// Lookup turns a value that rows are found by into what the column holds
	// under one of the keys. It cannot be turned back. An empty value has none,
	// nor has a key that is not here.
	Lookup(id, column, value string) []byte

	// Former is what the file has to keep of a key before the vault gives it up,
	// and With are these keys and such a former one.
	Former(id string) (secret.Text, error)
	With(id string, former secret.Text) (Keys, error)
}

// Sealer hides personal values. A value is bound to its place, so that one that
// was moved to another row or column does not open there.
type Sealer interface {
	Seal(table, row, column string, plain []byte) []byte
	Open(table, row, column string, sealed []byte) ([]byte, error)
}

// Unlock finds the keys. sealed says that the database holds sealed values
// already, so that a new key could not open them. Its error is a *login.Error
// that says why there are none: then nothing personal is written, and what is
// there is not told.
type Unlock func(ctx context.Context, sealed bool) (Keys, error)

var (
	// errNoUnlock is why a store that was opened without Options.Unlock is
	// locked.
	errNoUnlock = login.Fail(login.KeyUnavailable, errors.New("the database was opened without a way to its key"))

	// errOtherKey is a write with a key that another process has replaced.
	errOtherKey = errors.New("the database was sealed with another key meanwhile")
)

// keyring is the sealer of a database, once its keys have been found.
type keyring struct {
	mu sync.RWMutex
	keysOf
	why error // why there are no keys; nil where there are
}

// keysOf are the keys of a file as it is at one moment.
type keysOf struct {
	keys  Keys
	known epochs
	each  map[string]Sealer // key id → the sealer of its epoch
	kept  map[string]bool   // the former keys of which the file has what it needs

	device []byte // what the device's count is found by: every verdict asks
}

var _ sealer = (*keyring)(nil)

func newKeysOf(keys Keys, known epochs) keysOf {
	if known.current == "" { // read only: nothing was ever sealed
		known = epochs{current: keys.Current(), live: []string{keys.Current()}, of: map[string]uint64{keys.Current(): 1}}
	}
	each := make(map[string]Sealer, len(known.of))
	for id, epoch := range known.of {
		each[id] = keys.Sealer(epoch)
	}
	found := keys.Lookup(known.current, "subject_key", device.text)
	return keysOf{keys: keys, known: known, each: each, kept: make(map[string]bool), device: found}
}

func (k *keyring) set(to keysOf) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keysOf, k.why = to, nil
}

func (k *keyring) lock(why error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keysOf, k.why = keysOf{}, why
}

// resealed takes note that no row is left under an earlier key.
func (k *keyring) resealed() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known.resealed, k.known.live = true, k.known.live[:1]
}

// locked says why nothing can be sealed or opened; nil where it can.
func (k *keyring) locked() error {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.why
}

// present are the keys as they are now.
func (k *keyring) present() (keysOf, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.keysOf, k.why
}

func (k *keyring) seal(at place, plain []byte) ([]byte, error) {
	now, err := k.present()
	if err != nil {
		return nil, err
	}
	return now.seal(at, plain)
}

func (k *keyring) open(at place, sealed []byte) ([]byte, error) {
	now, err := k.present()
	if err != nil {
		return nil, err
	}
	return now.open(at, sealed)
}

func (k *keyring) lookup(column, value string) []byte {
	now, err := k.present()
	if err != nil {
		return nil
	}
	return now.lookup(column, value)
}

func (k *keyring) lookups(column, value string) [][]byte {
	now, err := k.present()
	if err != nil {
		return nil
	}
	return now.lookups(column, value)
}

// deviceKey is what the device's count is found by.
func (k *keyring) deviceKey() []byte {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.device
}

// sealedNow reports whether a value was sealed with the current key.
func (k *keyring) sealedNow(sealed []byte) bool {
	now, err := k.present()
	return err == nil && now.keys.SealedBy(sealed) == now.known.current
}

// halfDone reports whether somebody may be under an earlier key.
func (k *keyring) halfDone() bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return len(k.known.live) > 1
}

// isSealed reports whether a value was ever sealed.
func (k *keyring) isSealed(value []byte) bool {
	now, err := k.present()
	return err == nil && now.keys.SealedBy(value) != ""
}

// knows reports whether a key was among those of the file when they were found.
func (k *keyring) knows(id string) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.each[id] != nil
}

// current is the id of the file's key; "" where there are no keys.
func (k *keyring) current() string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.known.current
}

// epoch is the file's; 0 where there are no keys.
func (k *keyring) epoch() uint64 {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.known.latest
}

// writes is the id of the key for what is written. It is the file's, but where
// nothing could be written when the keys were found.
func (k *keyring) writes() string {
	now, err := k.present()
	if err != nil {
		return ""
	}
	return now.keys.Current()
}

// hasPresent reports whether the file's key is among those that were found.
func (k keysOf) hasPresent() bool { return slices.Contains(k.keys.IDs(), k.known.current) }

var _ sealer = keysOf{}

func (k keysOf) seal(at place, plain []byte) ([]byte, error) {
	return k.each[k.known.current].Seal(at.table, at.row, at.column, plain), nil
}

func (k keysOf) open(at place, sealed []byte) ([]byte, error) {
	of := k.each[k.keys.SealedBy(sealed)]
	if of == nil {
		of = k.each[k.known.current] // which says what is wrong with it
	}
	plain, err := of.Open(at.table, at.row, at.column, sealed)
	if err != nil && login.CodeOf(err) != login.KeyUnavailable {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return plain, err
}

func (k keysOf) lookup(column, value string) []byte {
	return k.keys.Lookup(k.known.current, column, value)
}

func (k keysOf) lookups(column, value string) (all [][]byte) {
	for _, id := range k.known.live {
		if key := k.keys.Lookup(id, column, value); key != nil {
			all = append(all, key)
		}
	}
	return all
}

// epochs are the keys that have sealed what is in the file.
type epochs struct {
	of       map[string]uint64 // key id → epoch
	current  string
	had      map[uint64]bool // all that the file went through, or was told of
	latest   uint64          // of these; 0 = nothing was ever sealed
	resealed bool            // no person is left under an earlier key
	live     []string        // the keys that a person may be under, the current one first
}

// querier is a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func readEpochs(ctx context.Context, db querier) (e epochs, err error) {
	e.of, e.had = make(map[string]uint64), make(map[uint64]bool)
	rows, err := db.QueryContext(ctx, "SELECT epoch, key_id, resealed FROM sealing ORDER BY epoch")
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id string
		if err := rows.Scan(&e.latest, &id, &e.resealed); err != nil {
			return e, err
		}
		e.had[e.latest] = true
		if id == "" {
			continue // see catchUpEpoch
		}
		e.current, e.of[id] = id, e.latest
		if e.resealed {
			e.live = nil
		}
		e.live = append([]string{id}, e.live...)
	}
	return e, rows.Err()
}
