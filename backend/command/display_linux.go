package command

// needsDisplay says whether a window needs DISPLAY or WAYLAND_DISPLAY.
const needsDisplay = true
