package viewer

import "syscall"

// createNoWindow is CREATE_NO_WINDOW of CreateProcess: no console flashes up
// when the core itself has none. Package syscall lacks the constant.
const createNoWindow = 0x08000000

// ownGroup keeps Ctrl+C in a console away from the window: the core hears it
// and quits the window properly.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP | createNoWindow}
}

// killGroup does nothing: WebView2's processes end by themselves with the one
// that they serve.
func killGroup(int) {}
