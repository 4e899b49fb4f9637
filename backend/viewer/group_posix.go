//go:build unix && !linux

package viewer

import "syscall"

// ownGroup gives the window a process group, so that its helper processes die
// with it and Ctrl+C in a terminal reaches only the core, which then quits the
// window properly. There is no signal for a dead parent here: the end of
// standard input tells the window.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
