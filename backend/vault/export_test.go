package vault

import "time"

// What a test of the keychain's treatment has to know.
const (
	Patience = usualPatience
	Pause    = usualPause
	MostLost = mostLost
)

// LabelName is the label's name in the data directory.
const LabelName = labelName

// Impatient is a guard that gives up at once, for real keychains that hang.
func Impatient(k Keychain, patience time.Duration) *Chain {
	c := NewChain(k)
	c.patience = patience
	return c
}

// KeysOf are keys of a test, the current one first.
func KeysOf(plain ...[]byte) (*Keys, error) {
	var roots []rootKey
	for _, bytes := range plain {
		root, err := newRootKey(bytes)
		if err != nil {
			return nil, err
		}
		roots = append(roots, root)
	}
	return newKeys(roots)
}

// ParseRecord reports whether a text holds keys, and the current one's id.
func ParseRecord(content []byte) (string, error) {
	r, err := parseRecord(content)
	if err != nil {
		return "", err
	}
	return r.keys[0].id, nil
}
