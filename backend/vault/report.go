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
		from, _, err := quiet.choose(ctx)
		if err != nil {
			return Report{}, err
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

func reportOf(from source) Report {
	_, keeps := from.(keeper)
	return Report{Source: from.what(), Anchored: keeps}
}
