package store

import (
	"context"
	"database/sql"
	"errors"
)

// by is what a person's row is found by: a condition on identities.
type by string

const (
	byUser    by = "corp_id = ? AND user_key = ?"
	byUnion   by = "corp_id = ? AND union_key = ?"
	byCurrent by = "(corp_id, user_key) = (SELECT corp_id, user_key FROM current)"
)

// question is the condition as a whole.
func (b by) question() string {
	return "SELECT corp_id, user_key, union_key, body, verified_at, revision FROM identities WHERE " + string(b)
}

// prepareFinders prepares the questions that a verdict waits for: to parse one
// takes SQLite longer than to answer it.
func (s *Store) prepareFinders(ctx context.Context) error {
	s.finders = make(map[by]*sql.Stmt)
	for _, condition := range []by{byUser, byUnion, byCurrent} {
		stmt, err := s.read.PrepareContext(ctx, condition.question()) //nolint:sqlclosecheck // the pool closes it
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
	return scanRow(s.finders[condition].QueryRowContext(ctx, args...))
}

func scanRow(found *sql.Row) (r row, err error) {
	err = found.Scan(&r.corpID, &r.userKey, &r.unionKey, &r.body, &r.verifiedAt, &r.revision)
	return r, err
}

// findPerson reads a person's row as it is in a transaction, whichever key it is
// under.
func (s *Store) findPerson(ctx context.Context, t *tx, corpID, userID string) (r row, err error) {
	err = sql.ErrNoRows
	for _, key := range s.sealer.lookups("user_key", userID) {
		r, err = scanRow(t.QueryRowContext(ctx, byUser.question(), corpID, key))
		if !errors.Is(err, sql.ErrNoRows) {
			break
		}
	}
	return r, err
}
