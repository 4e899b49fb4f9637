package store

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/windows"
)

// checkOwner has nothing to check: modes do not exist here, and a directory in
// a user's profile is that user's by inherited access lists.
func checkOwner(string, fs.FileInfo, fs.FileMode) error { return nil }

// syncDir does nothing: NTFS journals names by itself and a directory cannot
// be flushed.
func syncDir(string) error { return nil }

func isReadOnlyMount(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }

func isFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}
