package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
)

// Connection strings, as the store makes them.
const (
	Writing = writing
	Reading = reading
)

// DSN is the connection string of a file.
func DSN(path string, mode access) string { return dsn(path, mode) }

// Pragmas are the names of the pragmas that every connection must have.
func Pragmas() []string {
	names := make([]string, len(pragmas))
	for i, p := range pragmas {
		names[i] = p.name
	}
	return names
}

// Connect opens and checks one connection.
func Connect(ctx context.Context, dsn string) error {
	db, err := openPool(dsn, writing, 1)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return db.PingContext(ctx)
}

// Explain turns an error into what a caller sees.
func Explain(dir string, err error) error {
	return newStore(Options{Dir: dir}).fail("open identity database", err)
}

// OpenWith opens with other migrations than the shipped ones.
func OpenWith(ctx context.Context, o Options, files fs.FS) (*Store, error) {
	return open(ctx, o, files)
}

// Readers is the size of the read pool.
const Readers = readers

// ReadConn takes one connection out of the read pool, for the duration of do.
func (s *Store) ReadConn(ctx context.Context, do func(query func(string) string)) error {
	conn, err := s.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	do(func(q string) string {
		var v any
		if err := conn.QueryRowContext(ctx, q).Scan(&v); err != nil {
			return err.Error()
		}
		return fmt.Sprint(v)
	})
	return nil
}

// Exec runs SQL on the writer, for hands that should not have been there.
func (s *Store) Exec(ctx context.Context, query string, args ...any) error {
	_, err := s.write.ExecContext(ctx, query, args...)
	return err
}

// InTx runs statements in the one helper for transactions and then returns
// what do returns.
func (s *Store) InTx(ctx context.Context, query string, do func() error) error {
	return s.inTx(ctx, func(t *tx) error {
		if _, err := t.ExecContext(ctx, query); err != nil {
			return err
		}
		return do()
	})
}

// Kept reports whether a record was written just so; false where it was not.
func (s *Store) Kept(ctx context.Context, rec identity.Record, revision int64) error {
	r, err := s.rowOf(rec)
	if err != nil {
		return err
	}
	r.revision = revision
	return s.confirm(ctx, r)
}

// Under looks something up as by a person's user id.
func (s *Store) Under(userID string, find func(key []byte) error) error {
	return s.under("user_key", userID, find)
}

// Plain are keys that hide nothing, for tests that look into the file.
func Plain(context.Context, bool) (Keys, error) { return plain{}, nil }

type plain struct{}

var (
	_ Keys   = plain{}
	_ Sealer = plain{}
)

func (plain) Current() string      { return "plain" }
func (plain) IDs() []string        { return []string{"plain"} }
func (plain) Sealer(uint64) Sealer { return plain{} }

func (plain) SealedBy(sealed []byte) string {
	if len(sealed) > 0 && sealed[0] == 'P' {
		return "plain"
	}
	return ""
}

func (plain) Seal(_, _, _ string, plain []byte) []byte { return append([]byte("P"), plain...) }

func (p plain) Open(_, _, _ string, sealed []byte) ([]byte, error) {
	if p.SealedBy(sealed) == "" {
		return nil, errors.New("not sealed")
	}
	return sealed[1:], nil
}

func (plain) Lookup(id, _, value string) []byte {
	if value == "" || id != "plain" {
		return nil
	}
	return []byte("P" + value)
}

func (plain) Former(string) (secret.Text, error)       { return secret.Text{}, errors.New("a key of tests") }
func (p plain) With(string, secret.Text) (Keys, error) { return p, errors.New("a key of tests") }

// Append writes entries in one transaction.
func (s *Store) Append(ctx context.Context, entries []signlog.Entry) error {
	return s.inTx(ctx, func(t *tx) error {
		for i, e := range entries {
			entries[i] = s.stamp(e)
		}
		return s.append(ctx, t, entries)
	})
}

// Fill adds n people, and so many entries to the log, for measuring with many.
// Keep would take hours: rows are sealed like Keep's, and come in the order of
// their tables, whose indexes are made anew at the end.
func (s *Store) Fill(ctx context.Context, n, events int, who func(int) identity.Record) error {
	type made struct {
		row
		jobKey []byte
	}
	var people []made
	for i := range n {
		rec := who(i)
		r, err := s.rowOf(rec)
		if err != nil {
			return err
		}
		of := subject(offline.Subject{Who: identity.Who{CorpID: r.corpID, UserID: rec.Identity.UserID}})
		b := tallyBody{Of: of.text, Uses: 1}
		if r.tally, err = s.sealer.seal(r.tallyPlace(), write(b.fields)); err != nil {
			return err
		}
		people = append(people, made{r, s.jobKey(rec.Identity)})
	}
	slices.SortFunc(people, func(a, b made) int { return bytes.Compare(a.userKey, b.userKey) })
	err := s.inTx(ctx, func(t *tx) error {
		if err := exec(ctx, t, "DROP INDEX identities_union", "DROP INDEX identities_job"); err != nil {
			return err
		}
		insert, err := t.PrepareContext(ctx, `INSERT INTO identities
			(corp_id, user_key, union_key, job_key, tally, body, verified_at, written_at, revision) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 1)`)
		if err != nil {
			return err
		}
		defer func() { _ = insert.Close() }() // the transaction tells of any error
		for _, r := range people {
			if err == nil {
				_, err = insert.ExecContext(ctx, r.corpID, r.userKey, r.unionKey, r.jobKey, r.tally, r.body, r.verifiedAt)
			}
		}
		return errors.Join(err, exec(ctx, t, "CREATE UNIQUE INDEX identities_union ON identities (union_key, corp_id)",
			"CREATE INDEX identities_job ON identities (job_key)"))
	})
	for i := 0; i < events && err == nil; i += 1000 {
		err = s.Append(ctx, slices.Repeat([]signlog.Entry{{Event: signlog.PINFailed, Method: signlog.ByPIN, Source: signlog.FromCache}}, 1000))
	}
	return err
}

// MoveTally seals a person's count for the place that it had in schema 6.
func (s *Store) MoveTally(ctx context.Context, who identity.Who) error {
	return s.inTx(ctx, func(t *tx) error {
		of, o := subject(offline.Subject{Who: who}), s.Offline()
		was, err := o.tally(ctx, t, of)
		if err != nil {
			return err
		}
		b := tallyBody{Of: of.text, Failed: int64(was.Failed), Last: max(0, was.Last.UnixMilli()), Uses: int64(was.Uses)}
		sealed, err := s.sealer.seal(tallyPlace(s.sealer.lookup("subject_key", of.text)), write(b.fields))
		if err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, "UPDATE identities SET tally = ? WHERE user_key = ?", sealed, o.userKey(who))
		return err
	})
}

func exec(ctx context.Context, t *tx, statements ...string) error {
	for _, statement := range statements {
		if _, err := t.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// At has do told before each step of Place.
func (r *Restore) At(do func(step string)) { r.at = do }
