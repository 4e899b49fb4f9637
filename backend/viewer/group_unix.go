//go:build unix

package viewer

import "syscall"

// killGroup kills what is left of a window whose first process has ended. The
// group's number cannot have become another's: it stays taken while a member
// lives, and with none the call finds nothing, which is why its error means
// nothing.
func killGroup(leader int) { _ = syscall.Kill(-leader, syscall.SIGKILL) }
