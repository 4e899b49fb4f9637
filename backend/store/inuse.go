package store

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/dingpass/dingpass/backend/offline"
)

// KeysInUse are the ids of the keys that something in the file may still be
// sealed with, or made with: the others can be given up. A row of the sign-in
// log stays under its key for ever, a PIN and a badge until there is another.
func (s *Store) KeysInUse(ctx context.Context) (ids []string, err error) {
	known, err := readEpochs(ctx, s.read)
	if err != nil {
		return nil, s.fail("read which keys are in use", err)
	}
	all := slices.Collect(maps.Keys(known.of))
	if !known.resealed || s.Locked() != nil {
		return all, nil
	}
	linked, err := s.logKeyIDs(ctx)
	if err != nil {
		return nil, s.fail("read which keys the sign-in log needs", err)
	}
	made, err := s.Offline().keyIDs(ctx)
	if err != nil { // whoever cannot be read may need any of them
		s.log.WarnContext(ctx, "no key can be given up", "error", err)
		return all, nil
	}
	return slices.Concat([]string{known.current}, linked, made), nil
}

// logKeyIDs are the keys of the rows of the sign-in log.
func (s *Store) logKeyIDs(ctx context.Context) (ids []string, err error) {
	rows, err := s.read.QueryContext(ctx, "SELECT DISTINCT key_id FROM log")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// keyIDs are the keys that PINs and badges were made with. They are not made
// anew with their rows: a PIN's hash cannot be, and a badge is on paper.
func (o *Offline) keyIDs(ctx context.Context) (ids []string, err error) {
	badges, err := o.badges(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range badges {
		ids = append(ids, b.Key)
	}
	rows, err := o.store.read.QueryContext(ctx, "SELECT corp_id, user_key, body FROM pins")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var corpID string
		var userKey, sealed []byte
		if err := rows.Scan(&corpID, &userKey, &sealed); err != nil {
			return nil, err
		}
		kept, err := o.store.sealer.open(pinPlace(corpID, userKey), sealed)
		if err != nil {
			return nil, err
		}
		ids = append(ids, offline.PINKey(kept))
	}
	return ids, rows.Err()
}
