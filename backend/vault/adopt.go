package vault

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

// TakeLabel puts the label that opens a copy of a database into this vault's
// directory: that of the directory it is to go to, where it is of the same
// database, because it knows the keys of later rotations; else the copy's own,
// which [Vault.CopyLabel] wrote to path. Where there is neither, it is [None].
func (v *Vault) TakeLabel(to *Vault, path string) error {
	theirs, err := readCopiedLabel(path)
	ours, oursErr := readLabel(to.Dir)
	switch none := errors.Is(err, errNothing); {
	case oursErr == nil && (err != nil || theirs.ID == ours.ID):
		theirs, err = ours, nil
	case none && !errors.Is(oursErr, errNothing):
		return oursErr
	case none:
		return fail(None, path+" is missing", nil)
	}
	if err != nil {
		return err
	}
	return theirs.write(v.Dir)
}

// readCopiedLabel reads a label that is kept with a copy, whoever may read it
// there: it holds no secret, and a stick has no owners.
func readCopiedLabel(path string) (label, error) {
	file, err := os.Open(path) //nolint:gosec // the administrator names it
	if errors.Is(err, fs.ErrNotExist) {
		return label{}, errNothing
	}
	if err != nil {
		return label{}, fileFailed(path, err)
	}
	defer func() { _ = file.Close() }() // only read
	content, err := readSmall(file)
	if err != nil {
		return label{}, fileFailed(path, err)
	}
	return parseLabel(path, content)
}

// AdoptLabel puts another directory's label in the place of this one's. What was
// there is written to kept first, for the database that it belongs to; "" writes
// it nowhere. One that is the same stays, and one that is damaged is not kept.
func (v *Vault) AdoptLabel(ctx context.Context, from *Vault, kept string) error {
	return v.alone(ctx, func() error {
		next, err := readLabel(from.Dir)
		if errors.Is(err, errNothing) {
			return nil // nothing was ever sealed
		}
		if err != nil {
			return err
		}
		was, err := readLabel(v.Dir)
		if err == nil && kept != "" {
			if err := was.writeTo(kept); err != nil {
				return err
			}
		}
		if err == nil && was.ID == next.ID {
			return nil
		}
		return next.write(v.Dir)
	})
}

// Mend makes the marks anew that are missing, or are none, and leaves the others.
// It reports whether there were any. It is for an administrator who brings a
// database and its key from another machine, where the marks stay; whoever calls
// it writes that into the sign-in log, for what the marks knew is lost.
func (a *Anchor) Mend(ctx context.Context) (made bool, err error) {
	for _, name := range []Name{Epoch, LogHead} {
		_, err := a.Read(ctx, name)
		if state := StateOf(err); err != nil && state != Gone && state != Wrong {
			return made, err
		}
		if err == nil {
			continue
		}
		if err := a.put(ctx, name, Mark{}); err != nil {
			return made, err
		}
		made = true
	}
	return made, nil
}
