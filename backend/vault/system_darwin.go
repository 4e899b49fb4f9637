package vault

import (
	"errors"
	"os/exec"
	"slices"
)

// look has nothing to ask: security(1), which go-keyring runs, tells by its exit
// status.
func look() (locked bool, err error) { return false, nil }

// lockedStatuses are exit statuses of security(1): the low byte of
// errSecInteractionNotAllowed (-25308; a locked keychain in a session that
// cannot ask), errSecAuthFailed (-25293) and errSecUserCanceled (-128).
var lockedStatuses = []int{36, 51, 128}

func meansLocked(err error) bool {
	var ended *exec.ExitError
	return errors.As(err, &ended) && slices.Contains(lockedStatuses, ended.ExitCode())
}
