package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// attachConsole joins the console that dingpass was started from. The program
// is linked with -H windowsgui, so that no console flashes up beside the window;
// Windows then gives it none at all, and what it prints, the line of «login
// --json» included, goes nowhere.
//
// Streams that lead somewhere, to a file or a pipe, stay as they are. Standard
// input does too: the shell does not wait for a program of this kind, and reads
// the console itself. Where there is no console, as from the desktop, nothing
// happens.
//
// Nobody has run this: it is compiled and vetted on another system.
func attachConsole() {
	if leads(os.Stdout) && leads(os.Stderr) {
		return
	}
	const parent = ^uintptr(0) // ATTACH_PARENT_PROCESS
	attach := windows.NewLazySystemDLL("kernel32.dll").NewProc("AttachConsole")
	if joined, _, _ := attach.Call(parent); joined == 0 {
		return // no console there, or one of our own already
	}
	for _, stream := range []**os.File{&os.Stdout, &os.Stderr} {
		if leads(*stream) {
			continue
		}
		if console, err := os.OpenFile("CONOUT$", os.O_RDWR, 0); err == nil { // reading is for GetConsoleMode
			*stream = console
		}
	}
}

// leads reports whether a stream goes anywhere.
func leads(stream *os.File) bool {
	if stream == nil {
		return false
	}
	kind, err := windows.GetFileType(windows.Handle(stream.Fd()))
	return err == nil && kind != windows.FILE_TYPE_UNKNOWN
}
