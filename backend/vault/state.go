package vault

import (
	"errors"
	"fmt"

	"github.com/dingpass/dingpass/backend/login"
)

// State says why there is no key. It is an error for errors.Is, and the first
// word of the detail of what this package returns, where package words finds
// it.
type State string

// The states.
const (
	Locked      State = "locked"      // it is there, and somebody has to unlock it
	Gone        State = "gone"        // there was one, and it is there no more
	Wrong       State = "wrong"       // there is another one
	Unavailable State = "unavailable" // this machine has no such source, or it does not work
	None        State = "none"        // none was made yet, and none is missing
)

// Error is the state in a few words, for logs.
func (s State) Error() string { return "key is " + string(s) }

// StateOf is the state that err carries, or "".
func StateOf(err error) State {
	var state State
	_ = errors.As(err, &state) // "" where there is none
	return state
}

// fail makes the error that callers see. What is a fact for the administrator:
// the source, and the mend where the words of the state do not tell it.
func fail(state State, what string, cause error) error {
	err := error(state)
	if cause != nil {
		err = fmt.Errorf("%w: %w", state, cause)
	}
	return &login.Error{Code: login.KeyUnavailable, Detail: string(state) + ": " + what, Err: err}
}

// ErrShared is what [Vault.Retire] answers where another database has its key in
// the same file.
var ErrShared = errors.New("another database uses this key file: its keys stay")

// ErrReadOnly is what [Vault.Rotate] and [Vault.Retire] answer where the
// administrator alone can change the key.
var ErrReadOnly = errors.New("this key source is changed by the administrator alone")
