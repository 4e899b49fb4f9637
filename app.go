//go:build desktop

package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/mac"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
)

// hasWindow tells whether this build can open a window.
const hasWindow = true

//go:embed frontend/boot/index.html
var bootFiles embed.FS

// openWindow shows the window and blocks until it is gone; it must be called on
// the main goroutine. The error wraps errNoDisplay or errPageDied where that is
// the reason; nil means closed by the person, by the core, by a signal or by
// ctx.
//
// Wails is used for a native window and nothing else: nothing is bound to
// JavaScript, no origin may call it, no events are sent. The window goes to the
// core's page at once, by itself (app_linux.c) or by the page inside the binary
// (boot.go), so the top page is never of Wails'
// own origin while anything foreign is on screen; that matters because a
// foreign frame below wails://wails may call what is bound (wails.md 2.7).
func openWindow(ctx context.Context, w windowOptions) (err error) {
	// Before Wails': it reads one signal only, and asks OnBeforeClose.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, quit := context.WithCancel(ctx)
	defer quit()

	home, err := originOf(w.URL)
	if err != nil {
		return err
	}
	if err := prepareWindow(&w, home); err != nil {
		return err
	}
	defer func() {
		// Wails panics where GTK does not start (wails.md 3.6).
		if problem := recover(); problem != nil {
			err = fmt.Errorf("%w: %v", errNoDisplay, problem)
		}
	}()

	app := appOptions(w, &boot{link: w.URL, home: home, led: isLinkTaken})
	app.OnStartup = func(window context.Context) { // on a goroutine of its own
		context.AfterFunc(ctx, func() { quitWindow(window) })
		if w.Control != nil {
			obey(w.Control, func() { goHome(window) })
			quit()
		}
	}
	app.OnBeforeClose = func(context.Context) (prevent bool) { return w.Kiosk && ctx.Err() == nil }
	if err := wails.Run(app); err != nil {
		return fmt.Errorf("run window: %w", err)
	}
	return howWindowEnded()
}

// appOptions are the window's, with the reasons for those that are not plain.
func appOptions(w windowOptions, boot *boot) *options.App {
	page, _ := fs.Sub(bootFiles, "frontend/boot") // a constant that fs.ValidPath accepts: no other error
	app := &options.App{
		Title:     w.Title,
		Width:     windowWidth,
		Height:    windowHeight,
		MinWidth:  400,
		MinHeight: 480,

		BackgroundColour: options.NewRGB(0xf5, 0xf6, 0xf8), // the boot page's, so that nothing flashes
		AssetServer:      &assetserver.Options{Assets: page, Middleware: boot.wrap},

		Logger:             &quietLogger{},
		LogLevelProduction: logger.ERROR,
		DragAndDrop:        &options.DragAndDrop{DisableWebViewDrop: true}, // a dropped file would be opened

		Linux: &linux.Options{
			ProgramName:      "dingpass",
			WebviewGpuPolicy: linux.WebviewGpuPolicyNever, // blank windows on NVIDIA (wails #2977)
		},
		Windows: &windows.Options{
			WebviewUserDataPath:  w.Profile,
			IsZoomControlEnabled: false,
			DisablePinchZoom:     true,
		},
		Mac: &mac.Options{DisableEscapeExitsFullscreen: w.Kiosk},
	}
	width, height := screenSize()
	app.Width, app.Height = min(app.Width, width), min(app.Height, height)
	if w.Kiosk {
		app.WindowStartState = options.Fullscreen // Fullscreen: true does nothing on Linux
		app.Fullscreen = true
		app.Frameless = true
		app.AlwaysOnTop = true
		app.Width, app.Height = width, height // without a window manager nothing else fills the screen
	}
	return app
}

// The window's size on a desktop that is no smaller: room for the QR, the words
// and DingTalk's own page.
const (
	windowWidth  = 960
	windowHeight = 720
)
