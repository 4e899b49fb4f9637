package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/dingpass/dingpass/backend/login"
)

// Keys are the keys that the database is sealed with. They do not change; a
// rotation gives others.
type Keys interface {
	// Current is the id of the key for what is written.
	Current() string

	// Sealer seals with the current key, and opens what any of the keys has
	// sealed in this epoch of the database.
	Sealer(epoch uint64) Sealer

	// SealedBy is the id of the key that a value was sealed with; "" where it
	// is no sealed value.
	SealedBy(sealed []byte) string
}

// Sealer hides personal values. A value is bound to its place, so that one that
// was moved to another row or column does not open there.
type Sealer interface {
	Seal(table, row, column string, plain []byte) []byte
	Open(table, row, column string, sealed []byte) ([]byte, error)

	// Lookups turn a value that rows are found by into what the column holds,
	// under each of the keys, the current one first. They cannot be turned back.
	// An empty value has none.
	Lookups(column, value string) [][]byte
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
	mu    sync.RWMutex
	keys  Keys
	known epochs
	each  map[string]Sealer // key id → the sealer of its epoch
	why   error             // why there are no keys; nil where there are

	device [][]byte // what the device's count is found by: every verdict asks
}

var _ sealer = (*keyring)(nil)

func (k *keyring) set(keys Keys, known epochs) {
	each := make(map[string]Sealer, len(known.of))
	for id, epoch := range known.of {
		each[id] = keys.Sealer(epoch)
	}
	if each[keys.Current()] == nil { // read only: nothing was noted, and what opens by it has yet to be written
		each[keys.Current()] = keys.Sealer(known.latest + 1)
	}
	found := each[keys.Current()].Lookups("subject_key", device.text)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys, k.known, k.each, k.why, k.device = keys, known, each, nil, found
}

func (k *keyring) lock(why error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys, k.each, k.why, k.device = nil, nil, why, nil
}

// locked says why nothing can be sealed or opened; nil where it can.
func (k *keyring) locked() error {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.why
}

// present is what seals now, and the sealer of a value's own epoch.
func (k *keyring) present(sealed []byte) (keys Keys, now, of Sealer, err error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.why != nil {
		return nil, nil, nil, k.why
	}
	now = k.each[k.keys.Current()]
	if of = k.each[k.keys.SealedBy(sealed)]; of == nil {
		of = now // which says what is wrong with it
	}
	return k.keys, now, of, nil
}

func (k *keyring) seal(at place, plain []byte) ([]byte, error) {
	_, now, _, err := k.present(nil)
	if err != nil {
		return nil, err
	}
	return now.Seal(at.table, at.row, at.column, plain), nil
}

func (k *keyring) open(at place, sealed []byte) ([]byte, error) {
	_, _, of, err := k.present(sealed)
	if err != nil {
		return nil, err
	}
	plain, err := of.Open(at.table, at.row, at.column, sealed)
	if err != nil && login.CodeOf(err) != login.KeyUnavailable {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return plain, err
}

func (k *keyring) lookups(column, value string) [][]byte {
	_, now, _, err := k.present(nil)
	if err != nil {
		return nil
	}
	return now.Lookups(column, value)
}

func (k *keyring) lookup(column, value string) []byte { return first(k.lookups(column, value)) }

// deviceKey is what the device's count is found by.
func (k *keyring) deviceKey() []byte {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return first(k.device)
}

// sealedNow reports whether a value was sealed with the current key.
func (k *keyring) sealedNow(sealed []byte) bool {
	keys, _, _, err := k.present(nil)
	return err == nil && keys.SealedBy(sealed) == keys.Current()
}

// isSealed reports whether a value was ever sealed.
func (k *keyring) isSealed(value []byte) bool {
	keys, _, _, err := k.present(nil)
	return err == nil && keys.SealedBy(value) != ""
}

// knows reports whether a key was among those of the file when they were found.
func (k *keyring) knows(id string) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.each[id] != nil
}

// current is the id of the key for what is written.
func (k *keyring) current() string {
	keys, _, _, err := k.present(nil)
	if err != nil {
		return ""
	}
	return keys.Current()
}

// epochs are the keys that have sealed what is in the file.
type epochs struct {
	of       map[string]uint64 // key id → epoch
	current  string
	latest   uint64 // the current key's epoch; 0 = nothing was ever sealed
	resealed bool   // no person is left under an earlier key
}

// querier is a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func readEpochs(ctx context.Context, db querier) (e epochs, err error) {
	e.of = make(map[string]uint64)
	rows, err := db.QueryContext(ctx, "SELECT epoch, key_id, resealed FROM sealing ORDER BY epoch")
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := rows.Scan(&e.latest, &e.current, &e.resealed); err != nil {
			return e, err
		}
		e.of[e.current] = e.latest
	}
	return e, rows.Err()
}
