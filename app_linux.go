//go:build desktop

package main

/*
#cgo pkg-config: gtk+-3.0
#cgo webkit2_41 pkg-config: webkit2gtk-4.1
#cgo !webkit2_41 pkg-config: webkit2gtk-4.0
#include <stdlib.h>
#include <gtk/gtk.h>
#include <webkit2/webkit2.h>

static gboolean page_died;

static gboolean quit(gpointer unused) {
	gtk_main_quit();
	return G_SOURCE_REMOVE;
}

// quit_soon may be called from any thread, and before the main loop runs.
static void quit_soon(void) {
	g_idle_add_full(G_PRIORITY_HIGH, quit, NULL, NULL);
}

static gboolean on_page_died(GSignalInvocationHint *hint, guint n, const GValue *values, gpointer unused) {
	page_died = TRUE;
	quit_soon();
	return TRUE;
}

static void on_download(WebKitWebContext *context, WebKitDownload *download, gpointer unused) {
	webkit_download_cancel(download);
}

static gboolean did_page_die(void) {
	return page_died;
}

static void on_title(GObject *view, GParamSpec *spec, gpointer unused) {
	const gchar *title = webkit_web_view_get_title(WEBKIT_WEB_VIEW(view));
	GtkWidget *window = gtk_widget_get_toplevel(GTK_WIDGET(view));
	if (title != NULL && *title != '\0' && GTK_IS_WINDOW(window)) gtk_window_set_title(GTK_WINDOW(window), title);
}

static gboolean redraw(gpointer view) {
	gtk_widget_queue_draw(GTK_WIDGET(view));
	return G_SOURCE_REMOVE;
}

// on_load draws all of the view at each step of a load, and once the first
// picture of the page must have come. Where a page of another site comes with
// a process of its own, WebKitGTK 2.50 draws only what the old page had last
// changed, or nothing: every fourth time the window stood on our page and not
// on DingTalk's.
static void on_load(GtkWidget *view, WebKitLoadEvent event, gpointer unused) {
	redraw(view);
	g_timeout_add_full(G_PRIORITY_DEFAULT, 500, redraw, g_object_ref(view), g_object_unref);
}

// on_first_load comes to know the web view and has heard enough: notify itself
// allows no emission hooks.
static gboolean on_first_load(GSignalInvocationHint *hint, guint n, const GValue *values, gpointer unused) {
	GObject *view = g_value_get_object(&values[0]);
	g_signal_connect(view, "notify::title", G_CALLBACK(on_title), NULL);
	g_signal_connect(view, "load-changed", G_CALLBACK(on_load), NULL);
	return FALSE;
}

// prepare sets up what Wails has no option for. Wails' web view lives in the
// default context, so what is set there holds for it; and an emission hook on
// the class hears its signal without knowing the object.
static void prepare(const char *language) {
	WebKitWebContext *context = webkit_web_context_get_default();
	webkit_cookie_manager_set_accept_policy(webkit_web_context_get_cookie_manager(context),
		WEBKIT_COOKIE_POLICY_ACCEPT_ALWAYS);
	if (language != NULL) {
		const gchar *const languages[] = {language, NULL};
		webkit_web_context_set_preferred_languages(context, languages);
	}
	g_signal_connect(context, "download-started", G_CALLBACK(on_download), NULL);

	g_type_class_ref(WEBKIT_TYPE_WEB_VIEW);
	g_signal_add_emission_hook(g_signal_lookup("web-process-terminated", WEBKIT_TYPE_WEB_VIEW), 0,
		on_page_died, NULL, NULL);
	g_signal_add_emission_hook(g_signal_lookup("load-changed", WEBKIT_TYPE_WEB_VIEW), 0,
		on_first_load, NULL, NULL);
}

static void screen_size(int *width, int *height) {
	GdkDisplay *display = gdk_display_get_default();
	GdkMonitor *monitor = gdk_display_get_primary_monitor(display);
	GdkRectangle area;
	if (monitor == NULL) monitor = gdk_display_get_monitor(display, 0);
	if (monitor == NULL) return;
	gdk_monitor_get_geometry(monitor, &area);
	*width = area.width;
	*height = area.height;
}
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
func prepareWindow(w *windowOptions) error {
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
	if C.gtk_init_check(nil, nil) == 0 {
		return fmt.Errorf("%w: GTK cannot open the display", errNoDisplay)
	}
	var language *C.char
	if w.Language != "" {
		language = C.CString(w.Language)
		defer C.free(unsafe.Pointer(language))
	}
	C.prepare(language)
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
