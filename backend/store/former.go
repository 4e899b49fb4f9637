package store

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/dingpass/dingpass/backend/secret"
)

// What a rotation leaves behind: a row of the sign-in log stays under its key
// for ever, a PIN and a badge until there is another, and whoever is not sealed
// anew yet needs theirs too. So the file keeps what it needs of each former key,
// sealed like everything else, and from the moment at which the next one is
// begun. The vault can give a former key up then, and stays small.
//
// The price: who has the present key and this file can open an older copy of
// it, as far as it is under a key that is kept here. Who has a former key, and a
// copy from its time, can read that copy in any case.

// formerPlace is where what is kept of a former key lives.
func formerPlace(id string) place { return place{table: "former_keys", row: id, column: "body"} }

// keysIn are the keys of the file as it is in one snapshot: those that were
// found, and with them the former ones that the file has. One that cannot be
// read stays as it is, and what is under it cannot be read either.
func (s *Store) keysIn(ctx context.Context, db querier, found Keys) (keysOf, error) {
	known, err := readEpochs(ctx, db)
	if err != nil {
		return keysOf{}, err
	}
	former, err := readFormer(ctx, db)
	if err != nil {
		return keysOf{}, err
	}
	with := newKeysOf(found, known)
	kept := with.kept
	for _, id := range slices.Sorted(maps.Keys(former)) {
		text, err := with.open(formerPlace(id), former[id])
		if err == nil {
			found, err = with.keys.With(id, secret.New(string(text)))
		}
		if err != nil {
			s.log.WarnContext(ctx, "what is kept of a former key cannot be read", "key", id, "error", err)
			continue
		}
		with.keys = found
		same, err := found.Former(id)
		kept[id] = err == nil && same.Reveal() == string(text) && found.SealedBy(former[id]) == known.current
	}
	with = newKeysOf(with.keys, known)
	with.kept = kept
	return with, nil
}

func readFormer(ctx context.Context, db querier) (former map[string][]byte, err error) {
	rows, err := db.QueryContext(ctx, "SELECT key_id, body FROM former_keys")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	former = make(map[string][]byte)
	for rows.Next() {
		var id string
		var body []byte
		if err := rows.Scan(&id, &body); err != nil {
			return nil, err
		}
		former[id] = body
	}
	return former, rows.Err()
}

// unkept are the former keys that are here, and in the file not under the
// present one.
func (k keysOf) unkept() (ids []string) {
	for _, id := range k.keys.IDs() {
		if _, used := k.known.of[id]; used && id != k.known.current && !k.kept[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// keepFormer has the file keep what it needs of all former keys.
func keepFormer(ctx context.Context, t *tx, k keysOf) error {
	for _, id := range k.unkept() {
		text, err := k.keys.Former(id)
		if err != nil {
			return err
		}
		sealed, err := k.seal(formerPlace(id), []byte(text.Reveal()))
		if err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, "INSERT OR REPLACE INTO former_keys (key_id, body) VALUES (?, ?)", id, sealed); err != nil {
			return err
		}
	}
	return nil
}

// KeysInUse are the ids of the keys that the vault has to keep: the present one,
// and each that something here was sealed with and of which the file, as it is
// on the disk now, does not have what it needs. The others can be given up.
func (s *Store) KeysInUse(ctx context.Context) (ids []string, err error) {
	err = s.again(ctx, func() error {
		ids, err = s.keysInUse(ctx)
		return errors.Join(err, s.notBehind(ctx, s.read))
	})
	if err != nil {
		return nil, s.fail("read which keys are in use", err)
	}
	return ids, nil
}

func (s *Store) keysInUse(ctx context.Context) (ids []string, err error) {
	now, locked := s.keyring.present()
	if locked != nil {
		known, err := readEpochs(ctx, s.read)
		return slices.Collect(maps.Keys(known.of)), err
	}
	back, err := s.snapshot(ctx, now.keys)
	for id := range back.known.of {
		if !back.kept[id] {
			ids = append(ids, id)
		}
	}
	return ids, err
}
