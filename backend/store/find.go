package store

import (
	"bytes"
	"context"
	"database/sql"
)

// by is what a person's row is found by: a condition on identities. Its
// parameters begin with the second.
type by string

const (
	byUser      by = "corp_id = ?2 AND user_key = ?3"
	byUnion     by = "corp_id = ?2 AND union_key = ?3"
	byJobNumber by = "job_key = ?2 AND (SELECT count(*) FROM identities WHERE job_key = ?2) = 1"
	byCurrent   by = "(corp_id, user_key) = (SELECT corp_id, user_key FROM current)"
	byOrder     by = "(user_key, corp_id) > (coalesce(?3, x''), ?2) ORDER BY user_key, corp_id LIMIT ?4"
)

// decisive are the columns that a verdict needs: what is known of the person,
// and what is counted of them and of the device. The first parameter is the
// device's key.
//
// The driver copies name and declared type of each column with each answer. An
// expression, as «+body» is one, has no declared type, and a string of one byte
// needs no memory.
const decisive = "+body AS b, +verified_at AS v, +tally AS t, (SELECT a.body FROM attempts a WHERE a.subject_key = ?1) AS d"

// question is the condition as a whole.
func (b by) question() string {
	return "SELECT " + decisive + ", corp_id, user_key, union_key, revision FROM identities WHERE " + string(b)
}

// verdict asks for the decisive columns only, of a row whose key is known: each
// column that the driver and database/sql hand over takes a few hundred
// nanoseconds of a verdict's twenty thousand.
const verdict = "SELECT " + decisive + " FROM identities WHERE " + string(byUser)

// asked are the parameters of a question.
func asked(device []byte, args ...any) []any { return append([]any{device}, args...) }

// prepareFinders prepares the questions that a verdict waits for: to parse one
// takes SQLite longer than to answer it.
func (s *Store) prepareFinders(ctx context.Context) (err error) {
	s.finders = make(map[by]*sql.Stmt)
	for _, condition := range []by{byUser, byUnion, byJobNumber, byCurrent, byOrder} {
		stmt, err := s.read.PrepareContext(ctx, condition.question()) //nolint:sqlclosecheck // the pool closes it
		if err != nil {
			return err
		}
		s.finders[condition] = stmt
	}
	s.verdict, err = s.read.PrepareContext(ctx, verdict)
	return err
}

// findRow reads the one row that a condition finds; sql.ErrNoRows where there is
// none.
func (s *Store) findRow(ctx context.Context, condition by, args ...any) (row, error) {
	ctx, err := unwatched(ctx)
	if err != nil {
		return row{}, err
	}
	device := s.keyring.deviceKey()
	r, err := scanRow(s.finders[condition].QueryRowContext(ctx, asked(device, args...)...))
	return s.counted(ctx, r, device, err)
}

// findUser reads what a verdict needs of a person, by the key that was made of
// their user id.
func (s *Store) findUser(ctx context.Context, corpID, userID string, key []byte) (row, error) {
	ctx, err := unwatched(ctx)
	if err != nil {
		return row{}, err
	}
	r, device := row{corpID: corpID, userKey: key, userID: userID}, s.keyring.deviceKey()
	err = s.verdict.QueryRowContext(ctx, device, corpID, key).Scan(&r.body, &r.verifiedAt, &r.tally, &r.deviceTally)
	return s.counted(ctx, r, device, err)
}

// counted sees to it that a row came with the device's count, which was asked for
// by a key: another process may have sealed it with another, of which somebody
// here may have heard since.
func (s *Store) counted(ctx context.Context, r row, device []byte, err error) (row, error) {
	switch {
	case err != nil || r.deviceTally != nil:
		return r, err
	case !bytes.Equal(device, s.keyring.deviceKey()):
		return r, errOtherKey
	}
	return r, s.notBehind(ctx, s.read)
}

// unwatched is a context that cannot end any more. One that can costs two
// goroutines, which is as much as the answer itself: database/sql and the driver
// watch one each. Readers wait for nobody, so there is nothing to end.
func unwatched(ctx context.Context) (context.Context, error) {
	return context.WithoutCancel(ctx), ctx.Err()
}

// scanRow reads a row of a question's answer.
func scanRow(found interface{ Scan(dest ...any) error }) (r row, err error) {
	err = found.Scan(&r.body, &r.verifiedAt, &r.tally, &r.deviceTally, &r.corpID, &r.userKey, &r.unionKey, &r.revision)
	return r, err
}

// findPerson reads a person's row as it is in a transaction, whichever key it is
// under.
func (s *Store) findPerson(ctx context.Context, t *tx, corpID, userID string) (r row, err error) {
	err = s.under("user_key", userID, func(key []byte) error {
		r, err = scanRow(t.QueryRowContext(ctx, byUser.question(), asked(s.keyring.deviceKey(), corpID, key)...))
		return err
	})
	return r, err
}
