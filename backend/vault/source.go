package vault

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Source says where the root key is.
type Source struct {
	Kind Kind
	Path string // of File, absolute; else ""
}

// Kind is a kind of source, in the words of the setting key_source.
type Kind string

// The kinds.
const (
	// Auto is where the label says; for a new database, the keychain where
	// there is one, else the credential where it is set, else nowhere: a file
	// has to be named, and a passphrase needs somebody at each start.
	Auto       Kind = "auto"
	InKeychain Kind = "keychain"
	Credential Kind = "credential"
	File       Kind = "file"
	Passphrase Kind = "passphrase"
)

// source is where root keys are.
type source interface {
	// load returns the keys for a database; errNothing where there are none.
	load(ctx context.Context, l label) (record, error)

	// begin makes the keys of a new database, or takes those that the
	// administrator has made. It may add to the label.
	begin(ctx context.Context, l *label) (record, error)

	// what names the source for people.
	what() string
}

// keeper is a source that can change its keys, and has room for an [Anchor].
type keeper interface {
	source
	shelf
	save(ctx context.Context, l label, r record) error
}

// inKeychain keeps the keys in the keychain, in an entry named after the
// database.
type inKeychain struct {
	*Chain
	now func() time.Time
}

func (s inKeychain) what() string       { return "keychain" }
func (inKeychain) entry(l label) string { return "key " + l.ID }

func (s inKeychain) load(ctx context.Context, l label) (record, error) {
	text, err := s.read(ctx, s.entry(l))
	if err != nil {
		return record{}, err
	}
	r, err := parseRecord([]byte(text))
	if err != nil {
		return r, fail(Wrong, "the keychain's entry «"+s.entry(l)+"»", err)
	}
	return r, nil
}

func (s inKeychain) begin(ctx context.Context, l *label) (record, error) {
	r, err := record{}.withNewKey(s.now())
	if err != nil {
		return r, err
	}
	return r, s.save(ctx, *l, r)
}

func (s inKeychain) save(ctx context.Context, l label, r record) error {
	text, err := r.text()
	if err != nil {
		return err
	}
	return s.write(ctx, s.entry(l), text)
}

// inFile keeps the keys in a file that the administrator names.
type inFile struct {
	keyFile
	now func() time.Time
}

func (s inFile) what() string { return s.path }

func (s inFile) load(ctx context.Context, _ label) (record, error) {
	text, err := s.read(ctx, "")
	if err != nil {
		return record{}, err
	}
	r, err := parseRecord([]byte(text))
	if err != nil {
		return r, fail(Wrong, s.path, err)
	}
	return r, nil
}

func (s inFile) begin(ctx context.Context, l *label) (record, error) {
	r, err := record{}.withNewKey(s.now())
	if err != nil {
		return r, err
	}
	text, err := r.text()
	if err != nil {
		return r, err
	}
	if err := s.create(ctx, text); err != nil {
		return r, err
	}
	return s.load(ctx, *l) // it may have been there
}

// others reports whether databases other than this one have their marks beside
// the file.
func (s inFile) others(l label) (bool, error) {
	entries, err := os.ReadDir(filepath.Dir(s.path))
	if err != nil {
		return false, fileFailed(s.path, err)
	}
	ours := filepath.Base(s.named((&Anchor{label: l.ID}).entry(Epoch)))
	marks := strings.TrimSuffix(ours, l.ID)
	return slices.ContainsFunc(entries, func(entry os.DirEntry) bool {
		return strings.HasPrefix(entry.Name(), marks) && !strings.HasPrefix(entry.Name(), ours)
	}), nil
}

func (s inFile) save(ctx context.Context, _ label, r record) error {
	text, err := r.text()
	if err != nil {
		return err
	}
	return s.write(ctx, "", text)
}
