//go:build unix

package viewer

import (
	"os"
	"strconv"
	"syscall"
)

// ours reports whether a file is this user's.
func ours(info os.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && int64(owner.Uid) == int64(os.Geteuid())
}

// spareName is the folder for profiles in the temporary directory, which users
// share.
func spareName() string { return "dingpass-windows-" + strconv.Itoa(os.Geteuid()) }
