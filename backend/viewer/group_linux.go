package viewer

import "syscall"

// ownGroup gives the window a process group, so that WebKit's helper processes
// die with it and Ctrl+C in a terminal reaches only the core, which then quits
// the window properly. A core killed with -9 takes the window with it even
// where the window is too wedged to see the end of its standard input.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
