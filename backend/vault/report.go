package vault

import (
	"context"
	"errors"
)

// Report is what can be told of a vault without asking anybody.
type Report struct {
	Source   string // in words: keychain, a path, credential NAME, passphrase; "" where none can be used
	Key      string // the current key's id; "" where there is none
	Anchored bool   // marks have a place outside the database
}

// Check looks without making anything: for «dingpass doctor». The error is that
// of [Vault.Open]; where no key was made yet and one can be, it is [None].
func (v *Vault) Check(ctx context.Context) (Report, error) {
	quiet := *v
	quiet.Ask = nil
	l, err := readLabel(v.Dir)
	if errors.Is(err, errNothing) {
		from, kind, err := quiet.choose(ctx)
		if err != nil {
			return Report{}, err
		}
		if kind != Passphrase { // which is wherever somebody knows it
			err = ready(ctx, from)
		}
		if err != nil {
			return reportOf(from), err
		}
		return reportOf(from), fail(None, "no key was made yet", nil)
	}
	if err != nil {
		return Report{}, err
	}
	from, err := quiet.of(l)
	if err != nil {
		return Report{}, err
	}
	report := reportOf(from)
	r, err := quiet.load(ctx, l)
	if err != nil {
		return report, err
	}
	report.Key = r.keys[0].id
	return report, nil
}

// ready reports whether a source could give a new database its key.
func ready(ctx context.Context, from source) error {
	_, err := from.load(ctx, label{})
	if _, keeps := from.(keeper); keeps && errors.Is(err, errNothing) {
		return nil // it will be made
	}
	if errors.Is(err, errNothing) {
		return fail(Unavailable, "there is no "+from.what(), nil)
	}
	return err
}

func reportOf(from source) Report {
	_, keeps := from.(keeper)
	return Report{Source: from.what(), Anchored: keeps}
}
