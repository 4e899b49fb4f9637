package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dingpass/dingpass/backend/login"
)

// Name names a value of an [Anchor].
type Name string

// The names.
const (
	Epoch   Name = "epoch" // of the database: how often it became another one
	LogHead Name = "log"   // how long the sign-in log is, and its last hash
)

// Mark is a value that only grows.
type Mark struct {
	Count uint64
	Head  []byte // what the count stands for, up to 64 bytes; may be nil
}

// Anchor keeps marks where the root key is, outside the database: whoever puts
// an older copy of the database back does not put the marks back with it.
//
// There is none where the source can only be read — a credential, a passphrase.
// Then an older copy of the database is not noticed as such, and a sign-in log
// whose end was cut verifies: who relies on either must say so to the
// administrator, and treat the local PIN's lock-outs as what they are, counts
// that a copy can wind back.
//
// Two processes that advance the same mark at the same time are the caller's to
// keep apart, as they share the database's lock.
type Anchor struct {
	shelf shelf
	label string
}

// ErrBehind is an attempt to take a mark back.
var ErrBehind = errors.New("a mark outside the database cannot go back")

// ErrNoAnchor is a source that can only be read.
var ErrNoAnchor = errors.New("there is no place for marks outside the database")

// Anchor is the anchor of the database, or ErrNoAnchor. Other errors are those
// of [Vault.Open].
func (v *Vault) Anchor() (*Anchor, error) {
	l, err := readLabel(v.Dir)
	if errors.Is(err, errNothing) {
		return nil, fail(None, "no key was made yet", nil)
	}
	if err != nil {
		return nil, err
	}
	from, err := v.of(l)
	if err != nil {
		return nil, err
	}
	if outside, ok := from.(keeper); ok {
		return &Anchor{outside, l.ID}, nil
	}
	return nil, ErrNoAnchor
}

// markText is a mark as it is kept. It has its name in it, so that one cannot be
// put in the place of another.
type markText struct {
	Version int    `json:"version"` // 1
	Name    Name   `json:"name"`
	Count   uint64 `json:"count"`
	Head    []byte `json:"head,omitempty"`
}

const longestHead = 64

// Read returns a mark; zero where it was never advanced. A mark that is missing
// is [Gone], one that makes no sense is [Wrong].
func (a *Anchor) Read(ctx context.Context, name Name) (Mark, error) {
	text, err := a.shelf.read(ctx, a.entry(name))
	if errors.Is(err, errNothing) {
		return Mark{}, badMark(Gone, name, "is missing")
	}
	if err != nil {
		return Mark{}, err
	}
	var m markText
	if json.Unmarshal([]byte(text), &m) != nil || m.Version != 1 || m.Name != name || len(m.Head) > longestHead {
		return Mark{}, badMark(Wrong, name, "is none")
	}
	return Mark{m.Count, m.Head}, nil
}

// badMark is the error for a mark that is not there, or is none. Its case of
// key_unavailable is «mark», and has a next step of its own: the key is fine.
func badMark(state State, name Name, what string) error {
	return &login.Error{Code: login.KeyUnavailable, Err: state,
		Detail: "mark: the " + string(name) + " mark beside the key " + what + "; «dingpass cache restore» makes it anew"}
}

// Advance moves a mark on, and returns when it has been read back. To where it
// stands already is no error; back, or elsewhere with the same count, is
// ErrBehind.
func (a *Anchor) Advance(ctx context.Context, name Name, to Mark) error {
	if len(to.Head) > longestHead {
		return fmt.Errorf("the head of the %s mark has %d bytes, and %d are the most", name, len(to.Head), longestHead)
	}
	now, err := a.Read(ctx, name)
	switch {
	case err != nil:
		return err
	case to.Count == now.Count && bytes.Equal(to.Head, now.Head):
		return nil
	case to.Count <= now.Count:
		return fmt.Errorf("%w: %s from %d to %d", ErrBehind, name, now.Count, to.Count)
	}
	return a.put(ctx, name, to)
}

func (a *Anchor) put(ctx context.Context, name Name, to Mark) error {
	text, err := json.Marshal(markText{1, name, to.Count, to.Head})
	if err != nil {
		return err
	}
	return a.shelf.write(ctx, a.entry(name), string(text))
}

// begin makes all marks, so that one that is missing later was removed.
func (a *Anchor) begin(ctx context.Context) error {
	for _, name := range []Name{Epoch, LogHead} {
		if err := a.put(ctx, name, Mark{}); err != nil {
			return err
		}
	}
	return nil
}

// entry is an entry of its own for each mark, apart from the key's: marks are
// written often, and a write that is cut short must cost no key.
func (a *Anchor) entry(name Name) string { return string(name) + " " + a.label }
