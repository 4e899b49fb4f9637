package viewer

import "os"

// ours needs no look: the temporary directory is each user's own.
func ours(os.FileInfo) bool { return true }

// spareName is the folder for profiles in the temporary directory.
func spareName() string { return "dingpass-windows" }
