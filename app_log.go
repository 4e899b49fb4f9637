//go:build desktop

package main

import (
	"fmt"
	"os"
	"sync/atomic"

	"github.com/wailsapp/wails/v2/pkg/logger"
)

// quietLogger passes the first errors of Wails to standard error and drops the
// rest: each message that a page posts to the web view's host is refused with a
// logged line (wails.md 2.7), so a page could fill a disk.
type quietLogger struct{ lines atomic.Int32 }

const quietLines = 20

var _ logger.Logger = (*quietLogger)(nil)

func (l *quietLogger) say(message string) {
	if l.lines.Add(1) <= quietLines {
		_, _ = fmt.Fprintln(os.Stderr, message) // nowhere else to say it
	}
}

func (l *quietLogger) Print(string)         {}
func (l *quietLogger) Trace(string)         {}
func (l *quietLogger) Debug(string)         {}
func (l *quietLogger) Info(string)          {}
func (l *quietLogger) Warning(string)       {}
func (l *quietLogger) Error(message string) { l.say(message) }
func (l *quietLogger) Fatal(message string) { l.say(message); os.Exit(1) } // as Wails expects of a logger
