package vault

import (
	"context"
	"errors"
	"os"
	"path/filepath"
)

// The names of systemd credentials (systemd.exec(5), LoadCredentialEncrypted=).
const (
	KeyCredential        = "dingpass-key"        // 32 random bytes, or more
	OldKeyCredential     = "dingpass-key-old"    // the one before, until everything is sealed anew
	PassphraseCredential = "dingpass-passphrase" // instead of a terminal
)

// inCredential takes the keys that systemd gives the service.
type inCredential struct{ dir string }

func (s inCredential) what() string { return "credential " + KeyCredential }

func (s inCredential) load(context.Context, label) (record, error) {
	all := record{}
	for _, name := range []string{KeyCredential, OldKeyCredential} {
		content, err := credential(s.dir, name)
		if errors.Is(err, errNothing) && len(all.keys) > 0 {
			continue
		}
		if err != nil {
			return record{}, err
		}
		r, err := parseRecord(content)
		if err != nil {
			return record{}, fail(Wrong, "credential "+name, err)
		}
		all.keys = append(all.keys, r.keys...)
	}
	return all, nil
}

func (s inCredential) begin(ctx context.Context, l *label) (record, error) {
	r, err := s.load(ctx, *l)
	if errors.Is(err, errNothing) {
		return r, fail(Unavailable, "the service has no credential "+KeyCredential, nil)
	}
	return r, err
}

// credential reads one of the service's credentials; errNothing where there is
// none. systemd has seen to it that nobody else can.
func credential(dir, name string) ([]byte, error) {
	if dir == "" {
		return nil, errNothing
	}
	file, err := os.Open(filepath.Join(dir, name)) //nolint:gosec // systemd names the directory
	if errors.Is(err, os.ErrNotExist) {
		return nil, errNothing
	}
	if err != nil {
		return nil, fail(Unavailable, "credential "+name, err)
	}
	defer func() { _ = file.Close() }() // only read
	content, err := readSmall(file)
	if err != nil {
		return nil, fail(Unavailable, "credential "+name, err)
	}
	return content, nil
}
