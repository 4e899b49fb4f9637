//go:build desktop && !linux

package main

import (
	"context"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// prepareWindow has nothing to do: the web view is told by options.
func prepareWindow(*windowOptions) error { return nil }

// quitWindow ends wails.Run.
func quitWindow(window context.Context) { runtime.Quit(window) }

// howWindowEnded knows no other end than closing: WebView2 reloads or exits by
// itself when a process of its own dies, and WKWebView reloads.
func howWindowEnded() error { return nil }

// screenSize leaves the size to the system, which fills the screen.
func screenSize() (width, height int) { return windowWidth, windowHeight }
