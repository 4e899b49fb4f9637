//go:build !desktop

package main

import (
	"context"
	"errors"
)

// hasWindow tells whether this build can open a window. This one is the core
// alone: CGO-free, and it starts where no GUI library is installed.
const hasWindow = false

// openWindow says that there is no window in this build.
func openWindow(context.Context, windowOptions) error {
	return errors.New("this build has no window; dingpass-window does")
}
