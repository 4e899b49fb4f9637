package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io/fs"

	"github.com/dingpass/dingpass/backend/identity"
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

// Seal makes the store hide personal values, with a toy that is good enough to
// tell a hidden value from a plain one and one place from another.
func (s *Store) Seal() { s.sealer = toy{} }

// SealTight makes the store hide personal values and notice what is not as it was
// sealed.
func (s *Store) SealTight() {
	block, err := aes.NewCipher(make([]byte, 16))
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	s.sealer = tight{aead: aead}
}

type tight struct {
	toy
	aead cipher.AEAD
}

func (t tight) seal(at place, plain []byte) ([]byte, error) {
	return t.aead.Seal(nil, nil, plain, fmt.Appendf(nil, "%q", at)), nil
}

func (t tight) open(at place, sealed []byte) ([]byte, error) {
	plain, err := t.aead.Open(nil, nil, sealed, fmt.Appendf(nil, "%q", at))
	if err != nil {
		return nil, errDamaged
	}
	return plain, nil
}

type toy struct{}

var _ sealer = toy{}

func (toy) stream(at place, in []byte) []byte {
	out := make([]byte, len(in))
	for i := range in {
		key := sha256.Sum256(fmt.Appendf(nil, "%q %d", at, i))
		out[i] = in[i] ^ key[0]
	}
	return out
}

func (t toy) seal(at place, plain []byte) ([]byte, error)  { return t.stream(at, plain), nil }
func (t toy) open(at place, sealed []byte) ([]byte, error) { return t.stream(at, sealed), nil }

func (toy) lookup(column, value string) []byte {
	if value == "" {
		return nil
	}
	mac := hmac.New(sha256.New, []byte("toy"))
	_, _ = mac.Write([]byte(column + "\x00" + value)) // never fails
	return mac.Sum(nil)
}
