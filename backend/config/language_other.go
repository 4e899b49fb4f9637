//go:build !windows

package config

// systemLocale tells nothing: the variables are all there is. What Finder or
// launchd starts on macOS has none of them, and what the person chose is in
// Cocoa's defaults, which nothing but cgo or another program reads; there the
// setting has to be made.
func systemLocale() string { return "" }
