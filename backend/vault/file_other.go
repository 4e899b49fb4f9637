//go:build !unix

package vault

import (
	"io/fs"
	"os"
)

func openPrivate(path string) (*os.File, error) { return os.Open(path) }

// checkOwner has nothing to check: there are no modes, and access lists are
// inherited from the directory that the administrator has chosen.
func checkOwner(string, fs.FileInfo) error { return nil }

// syncDir does nothing: NTFS journals names by itself, and a directory cannot be
// flushed.
func syncDir(string) error { return nil }
