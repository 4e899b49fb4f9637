//go:build desktop

package main

/*
#cgo pkg-config: gtk+-3.0
#cgo webkit2_41 pkg-config: webkit2gtk-4.1
#cgo !webkit2_41 pkg-config: webkit2gtk-4.0
#include <stdlib.h>
#include "app_linux.h"
*/
import "C"

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"unsafe"
)

// prepareWindow starts GTK and sets what Wails v2 has no option for, through
// WebKit's default context, which Wails uses (wails.md 2.5):
//
//   - Cookies of frames are accepted. WebKitGTK gives a frame of another site
//     none, and DingTalk's QR is such a frame.
//   - Downloads are cancelled. New windows are not opened by default, and
//     permissions are refused.
//   - The window is called what its page is called, as a browser's is: the task
//     bar and a screen reader say which view is up.
//   - A dead web process ends the window, which otherwise goes blank and stays;
//     the core then opens a new one.
//   - The link is loaded by us and not by the page inside the binary, which
//     saves a load (load_link in app_linux.c).
//   - There is a way home from a foreign page: keys, and a load that fails.
func prepareWindow(w *windowOptions, home string) error {
	if err := chooseDisplay(); err != nil {
		return err
	}
	// Blank windows on NVIDIA and in virtual machines (wails #4985, PR #5295).
	// WebKit's processes inherit it.
	if err := setUnlessSet("WEBKIT_DISABLE_DMABUF_RENDERER", "1"); err != nil {
		return err
	}
	if !hasSessionBus() {
		// Left alone, GTK starts a bus of its own for screen readers: four
		// processes that outlive the window.
		if err := setUnlessSet("DBUS_SESSION_BUS_ADDRESS", "disabled:"); err != nil {
			return err
		}
	}

	runtime.LockOSThread() // GTK wants one thread, here and in wails.Run
	if C.start_gtk() == 0 {
		return fmt.Errorf("%w: GTK cannot open the display", errNoDisplay)
	}
	var language *C.char
	if w.Language != "" {
		language = C.CString(w.Language)
		defer C.free(unsafe.Pointer(language))
	}
	link, front := C.CString(w.URL), C.CString(home)
	defer C.free(unsafe.Pointer(link))
	defer C.free(unsafe.Pointer(front))
	C.prepare_view(language, link, front)
	return nil
}

// chooseDisplay sees to it that there is a display before GTK is asked, which
// talks at length about one that is missing, and that GDK takes the right one:
// left alone, Wails chooses X11 for every session whose type is not known,
// also for a Wayland kiosk without any X server.
func chooseDisplay() error {
	x11, wayland := os.Getenv("DISPLAY") != "", os.Getenv("WAYLAND_DISPLAY") != ""
	if !x11 && !wayland {
		return fmt.Errorf("%w: neither DISPLAY nor WAYLAND_DISPLAY is set", errNoDisplay)
	}
	switch {
	case x11 && wayland:
		return nil // GDK and Wails know the session
	case wayland:
		return setUnlessSet("GDK_BACKEND", "wayland")
	}
	return setUnlessSet("GDK_BACKEND", "x11")
}

// hasSessionBus reports whether there is a D-Bus session bus, at the address in
// the environment or in systemd's place for it.
func hasSessionBus() bool {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	runtimeDir := os.Getenv("XDG_RUNTIME_DIR")
	if runtimeDir == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(runtimeDir, "bus"))
	return err == nil
}

// setUnlessSet sets an environment variable; whoever has set it otherwise knows
// why.
func setUnlessSet(name, value string) error {
	if os.Getenv(name) != "" {
		return nil
	}
	if err := os.Setenv(name, value); err != nil {
		return fmt.Errorf("set %s for the window: %w", name, err)
	}
	return nil
}

// isLinkTaken reports whether the view was sent to the link without the page
// inside the binary.
func isLinkTaken() bool { return C.is_link_taken() != 0 }

// goHome brings the window to our page.
func goHome(context.Context) { C.go_home() }

// quitWindow ends wails.Run. Not by runtime.Quit: that calls gtk_main_quit from
// this thread, which does nothing while the main loop has not begun, so that a
// window whose core died at once would stay.
func quitWindow(context.Context) { C.quit_soon() }

// howWindowEnded tells a dead page from a closed window.
func howWindowEnded() error {
	if C.did_page_die() != 0 {
		return errPageDied
	}
	return nil
}

// screenSize is the size of the first screen, in the units of a window's size.
func screenSize() (width, height int) {
	w, h := C.int(windowWidth), C.int(windowHeight)
	C.screen_size(&w, &h)
	return int(w), int(h)
}
