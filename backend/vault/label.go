package vault

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// label is what lies beside the database: no secret, but without it nobody can
// tell which key to look for. Who may write it can make the database unreadable,
// which they can anyway, and nothing else: a key is only taken if its id is here,
// and values are only opened by the key that has sealed them.
type label struct {
	Version    int         `json:"version"` // 1
	ID         string      `json:"id"`      // names this database among all that share a keychain
	Source     Kind        `json:"source"`  // where its key was made
	Keys       []string    `json:"keys"`    // ids that something may be sealed with
	Passphrase *passParams `json:"passphrase,omitempty"`
}

// labelName is the label's name in the data directory.
const labelName = "key.json"

func newLabel(kind Kind) label { return label{Version: 1, ID: rand.Text()[:16], Source: kind} }

// readLabel reads the label of a data directory; errNothing where there is none.
func readLabel(dir string) (label, error) {
	path := filepath.Join(dir, labelName)
	content, err := readPrivate(path)
	if errors.Is(err, fs.ErrNotExist) {
		return label{}, errNothing
	}
	if err != nil {
		return label{}, fileFailed(path, err)
	}
	return parseLabel(path, content)
}

// parseLabel reads a label; path is where it was.
func parseLabel(path string, content []byte) (label, error) {
	var l label
	if json.Unmarshal(content, &l) != nil || l.Version != 1 || l.ID == "" || len(l.Keys) == 0 || !l.Passphrase.bounded() {
		return label{}, fail(Wrong, path+" is damaged: put it back from a backup of the data directory", nil)
	}
	return l, nil
}

// write replaces the label.
func (l label) write(dir string) error {
	path := filepath.Join(dir, labelName)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fileFailed(path, err)
	}
	return l.writeTo(path)
}

func (l label) writeTo(path string) error {
	text, err := json.Marshal(l)
	if err == nil {
		err = replace(path, append(text, '\n'))
	}
	return fileFailed(path, err)
}

// fits checks that a record holds a key of this label, and gives the state if
// not.
func (l label) fits(r record, what string) error {
	for _, id := range r.ids() {
		if slices.Contains(l.Keys, id) {
			return nil
		}
	}
	return fail(Wrong, what+" has key "+r.keys[0].id+", and the database was sealed with "+l.Keys[0], nil)
}

// follow has the label name all keys that the source has. A rotation that was
// killed leaves it behind, and so does an administrator who gives a new
// credential beside the old one, and means to take the old one away.
func (l label) follow(r record, dir string) error {
	ids := r.ids()
	if !slices.ContainsFunc(ids, func(id string) bool { return !slices.Contains(l.Keys, id) }) {
		return nil
	}
	l.Keys = ids
	return l.write(dir)
}

// CopyLabel writes a copy of the label for a copy of the database, which is of
// no use without. Where no key was made yet there is none: [None].
func (v *Vault) CopyLabel(path string) error {
	l, err := readLabel(v.Dir)
	if errors.Is(err, errNothing) {
		return fail(None, "no key was made yet", nil)
	}
	if err != nil {
		return err
	}
	return l.writeTo(path)
}
