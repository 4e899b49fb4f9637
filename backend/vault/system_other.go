//go:build !linux && !darwin

package vault

// look has nothing to ask: Credential Manager is open while its user is logged
// on.
func look() (locked bool, err error) { return false, nil }

func meansLocked(error) bool { return false }
