package vault

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/dingpass/dingpass/backend/secret"
)

// Options are what a [Vault] is made with.
type Options struct {
	Dir    string // the data directory, absolute; the label is in it
	Source Source
	Chain  *Chain // the keychain; nil = there is none

	// Credentials is the directory of systemd's credentials,
	// $CREDENTIALS_DIRECTORY. "" = there are none.
	Credentials string

	// Ask asks the person for the passphrase; fresh: to choose one, which has to
	// be asked for twice. Its error is the caller's own. nil = nobody can be
	// asked.
	Ask func(ctx context.Context, fresh bool) (secret.Text, error)

	Now func() time.Time // nil = time.Now
}

// Vault is where the root key of one database is. It holds no key itself.
type Vault struct{ Options }

// New makes a vault. Nothing is read yet.
func New(o Options) *Vault {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Vault{o}
}

// Open gives the keys of the database. It makes nothing: where no key was made
// yet, the error is [None].
func (v *Vault) Open(ctx context.Context) (*Keys, error) {
	l, err := readLabel(v.Dir)
	if errors.Is(err, errNothing) {
		return nil, fail(None, "no key was made yet", nil)
	}
	if err != nil {
		return nil, err
	}
	r, err := v.load(ctx, l)
	if err != nil {
		return nil, err
	}
	return newKeys(r.roots())
}

// Ensure is [Vault.Open] for whoever is about to seal: it makes the key where
// none was made yet. Sealed says that the database holds sealed values already;
// then the label has been lost, and the answer is [Gone]: a new key could not
// open them.
func (v *Vault) Ensure(ctx context.Context, sealed bool) (*Keys, error) {
	var made record
	err := v.alone(ctx, func() error {
		l, err := readLabel(v.Dir)
		switch {
		case err == nil:
			made, err = v.load(ctx, l)
			return err
		case !errors.Is(err, errNothing):
			return err
		case sealed:
			return fail(Gone, filepath.Join(v.Dir, labelName)+" is missing: put it back from a backup of the data directory", nil)
		}
		made, err = v.begin(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return newKeys(made.roots())
}

// begin makes the key of a new database. The label comes last: without it, what
// was made before it is nobody's.
func (v *Vault) begin(ctx context.Context) (record, error) {
	from, kind, err := v.choose(ctx)
	if err != nil {
		return record{}, err
	}
	l := newLabel(kind)
	if outside, ok := from.(keeper); ok {
		if err := (&Anchor{outside, l.ID}).begin(ctx); err != nil {
			return record{}, err
		}
	}
	r, err := from.begin(ctx, &l)
	if err != nil {
		return record{}, err
	}
	l.Keys = r.ids()
	return r, l.write(v.Dir)
}

// load gets the keys that the label is about.
func (v *Vault) load(ctx context.Context, l label) (record, error) {
	from, err := v.of(l)
	if err != nil {
		return record{}, err
	}
	r, err := from.load(ctx, l)
	if errors.Is(err, errNothing) {
		return r, fail(Gone, "key "+l.Keys[0]+" is not in "+from.what(), nil)
	}
	if err != nil {
		return r, err
	}
	return r, l.fits(r, from.what())
}

// Rotate makes a new key the current one. What is sealed stays readable, under
// its own key, until that is retired.
func (v *Vault) Rotate(ctx context.Context) (*Keys, error) {
	return v.change(ctx, func(l *label, r record) (record, error) {
		next, err := r.withNewKey(v.Now())
		if err == nil {
			l.Keys = next.ids()
		}
		return next, err
	})
}

// Retire removes a key that nothing is sealed with any more. The current key
// cannot be retired.
func (v *Vault) Retire(ctx context.Context, id string) (*Keys, error) {
	return v.change(ctx, func(l *label, r record) (record, error) {
		switch ids := r.ids(); {
		case ids[0] == id:
			return r, errors.New("the current key cannot be retired")
		case !slices.Contains(ids, id):
			return r, otherKey(id)
		}
		left := r.without(id)
		l.Keys = left.ids()
		return left, nil
	})
}

// change saves other keys. The source comes before the label: a kill between the
// two leaves a label that shares a key with the source, which is enough.
func (v *Vault) change(ctx context.Context, do func(*label, record) (record, error)) (*Keys, error) {
	var changed record
	err := v.alone(ctx, func() error {
		l, err := readLabel(v.Dir)
		if errors.Is(err, errNothing) {
			return fail(None, "no key was made yet", nil)
		}
		if err != nil {
			return err
		}
		r, err := v.load(ctx, l)
		if err != nil {
			return err
		}
		from, err := v.of(l)
		if err != nil {
			return err
		}
		to, ok := from.(keeper)
		if !ok {
			return ErrReadOnly
		}
		if changed, err = do(&l, r); err != nil {
			return err
		}
		if err := to.save(ctx, l, changed); err != nil {
			return err
		}
		return l.write(v.Dir)
	})
	if err != nil {
		return nil, err
	}
	return newKeys(changed.roots())
}

// alone runs something that changes keys while no other process does.
func (v *Vault) alone(ctx context.Context, do func() error) (err error) {
	if err := os.MkdirAll(v.Dir, 0o700); err != nil {
		return fileFailed(v.Dir, err)
	}
	turn := flock.New(filepath.Join(v.Dir, "key.lock"), flock.SetPermissions(0o600))
	if _, err := turn.TryLockContext(ctx, 10*time.Millisecond); err != nil {
		return fileFailed(turn.Path(), err)
	}
	defer func() { err = errors.Join(err, turn.Close()) }()
	return do()
}

// choose is the source for a new database.
func (v *Vault) choose(ctx context.Context) (source, Kind, error) {
	kind := v.Source.Kind
	if kind == Auto {
		var err error
		if kind, err = v.best(ctx); err != nil {
			return nil, "", err
		}
	}
	from, err := v.source(kind)
	return from, kind, err
}

// best is what Auto stands for on this machine, for a new database. A keychain
// that is locked is one.
func (v *Vault) best(ctx context.Context) (Kind, error) {
	if v.Chain != nil {
		_, err := v.Chain.read(ctx, "is there a keychain")
		if StateOf(err) != Unavailable {
			return InKeychain, nil
		}
	}
	if _, err := credential(v.Credentials, KeyCredential); !errors.Is(err, errNothing) {
		return Credential, nil
	}
	return "", fail(Unavailable, "there is no keychain here: name a file outside data_dir with key_source = \"file:/PATH\"", nil)
}

// of is the source of a database that has a label. What is set wins, so that a
// key can be moved; Auto is what the label says.
func (v *Vault) of(l label) (source, error) {
	if v.Source.Kind != Auto {
		return v.source(v.Source.Kind)
	}
	if l.Source == File {
		return nil, fail(Unavailable, "the key is in a file: name it with key_source", nil)
	}
	return v.source(l.Source)
}

func (v *Vault) source(kind Kind) (source, error) {
	switch kind {
	case InKeychain:
		if v.Chain == nil {
			return nil, fail(Unavailable, "keychain", nil)
		}
		return inKeychain{v.Chain, v.Now}, nil
	case Credential:
		return inCredential{v.Credentials}, nil
	case File:
		if beside(v.Dir, v.Source.Path) {
			return nil, fail(Unavailable, v.Source.Path+" is in the data directory, whose copies must not hold the key: move it", nil)
		}
		return inFile{keyFile{v.Source.Path}, v.Now}, nil
	case Passphrase:
		return inHead{v.Credentials, v.Ask}, nil
	}
	return nil, fail(Unavailable, "no such key source", nil)
}

// beside reports whether a file lies in a directory, by where links lead.
func beside(dir, file string) bool {
	for _, path := range []string{file, filepath.Join(real(filepath.Dir(file)), filepath.Base(file))} {
		for _, dir := range []string{dir, real(dir)} {
			rel, err := filepath.Rel(dir, path)
			if err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
				return true
			}
		}
	}
	return false
}

func real(path string) string {
	if to, err := filepath.EvalSymlinks(path); err == nil {
		return to
	}
	return path
}
