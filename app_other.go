//go:build desktop && !linux

package main

import (
	"context"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// prepareWindow has nothing to do: the web view is told by options.
func prepareWindow(*windowOptions, string) error { return nil }

// isLinkTaken leaves the link to the page inside the binary.
func isLinkTaken() bool { return false }

// goHome brings the window to our page, by way of the page inside the binary.
//
// What Linux has and is missing here, because Wails v2 shows neither WebView2
// nor WKWebView to us: keys by which the person goes home from a foreign page
// (Esc, Alt+Left), and going home where that page cannot be loaded. The core
// brings the window home when the attempt is over, after five minutes at most.
func goHome(window context.Context) { runtime.WindowReloadApp(window) }

// quitWindow ends wails.Run.
func quitWindow(window context.Context) { runtime.Quit(window) }

// howWindowEnded knows no other end than closing: WebView2 reloads or exits by
// itself when a process of its own dies, and WKWebView reloads.
func howWindowEnded() error { return nil }

// screenSize leaves the size to the system, which fills the screen.
func screenSize() (width, height int) { return windowWidth, windowHeight }
