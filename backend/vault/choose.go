package vault

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
)

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
	return "", fail(Unavailable, "there is no keychain here: set key_source to file:/PATH, outside data_dir", nil)
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
