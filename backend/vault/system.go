package vault

import (
	"errors"

	"github.com/zalando/go-keyring"
)

// SystemKeychain is the operating system's: the Secret Service of the session on
// Linux, Credential Manager on Windows, the login keychain on macOS.
func SystemKeychain() Keychain { return system{} }

type system struct{}

var _ Keychain = system{}

func (system) Get(service, account string) (text string, err error) {
	err = attempt(func() (err error) { text, err = keyring.Get(service, account); return err })
	return text, err
}

func (system) Set(service, account, text string) error {
	return attempt(func() error { return keyring.Set(service, account, text) })
}

func (system) Delete(service, account string) error {
	return attempt(func() error { return keyring.Delete(service, account) })
}

// attempt asks the system what go-keyring's errors cannot tell, and then
// go-keyring.
func attempt(do func() error) error {
	locked, err := look()
	if err != nil {
		return err
	}
	err = do()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNoEntry
	case locked || meansLocked(err):
		return errors.Join(Locked, err)
	}
	return err
}
