package store

import (
	"context"
	"database/sql"
)

// by is what a person's row is found by: a condition on identities.
type by string

const (
	byUser    by = "corp_id = ? AND user_key = ?"
	byUnion   by = "corp_id = ? AND union_key = ?"
	byCurrent by = "(corp_id, user_key) = (SELECT corp_id, user_key FROM current)"
)

// prepareFinders prepares the questions that a verdict waits for: to parse one
// takes SQLite longer than to answer it.
func (s *Store) prepareFinders(ctx context.Context) error {
	s.finders = make(map[by]*sql.Stmt)
	for _, condition := range []by{byUser, byUnion, byCurrent} {
		//nolint:gosec,sqlclosecheck // the conditions are those above, and the pool closes what it has prepared
		stmt, err := s.read.PrepareContext(ctx,
			"SELECT corp_id, user_key, union_key, body, verified_at, revision FROM identities WHERE "+string(condition))
		if err != nil {
			return err
		}
		s.finders[condition] = stmt
	}
	return nil
}

// findRow reads the one row that a condition finds; sql.ErrNoRows where there is
// none.
func (s *Store) findRow(ctx context.Context, condition by, args ...any) (row, error) {
	var r row
	err := s.finders[condition].QueryRowContext(ctx, args...).
		Scan(&r.corpID, &r.userKey, &r.unionKey, &r.body, &r.verifiedAt, &r.revision)
	return r, err
}
