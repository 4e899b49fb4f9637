package vault

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
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
	if l, err := readLabel(v.Dir); err == nil && l.Source == Passphrase {
		return v.Open(ctx) // its key never changes, and nobody else is to wait while somebody types
	}
	var made record
	err := v.alone(ctx, func() error {
		l, err := readLabel(v.Dir)
		switch {
		case err == nil:
			if made, err = v.load(ctx, l); err == nil {
				_ = l.follow(made, v.Dir) // a disk that takes no writes loses nothing: the next one does it
			}
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

// Retire removes a key that nobody needs from here any more: see [Keys.Former].
// The current key cannot be retired; nor, with [ErrShared], any key of a file
// that other databases have named too.
func (v *Vault) Retire(ctx context.Context, id string) (*Keys, error) {
	return v.change(ctx, func(l *label, r record) (record, error) {
		switch ids := r.ids(); {
		case ids[0] == id:
			return r, errors.New("the current key cannot be retired")
		case !slices.Contains(ids, id):
			return r, otherKey(id)
		}
		if shared, err := v.shared(*l); err != nil || shared {
			return r, errors.Join(err, ErrShared)
		}
		left := r.without(id)
		l.Keys = left.ids()
		return left, nil
	})
}

// shared reports whether another database may be sealed with the keys of this
// one.
func (v *Vault) shared(l label) (bool, error) {
	if from, err := v.of(l); err != nil {
		return false, err
	} else if file, ok := from.(inFile); ok {
		return file.others(l)
	}
	return false, nil // an entry of a keychain is one database's
}

// change saves other keys. The label names those there are, then the source has
// the others, and then the label: a kill in between leaves a label that shares a
// key with the source, which is enough.
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
		if err := l.follow(r, v.Dir); err != nil {
			return err
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
