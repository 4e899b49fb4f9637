//go:build !linux

package command

// needsDisplay says whether a window needs DISPLAY or WAYLAND_DISPLAY.
const needsDisplay = false
