package viewer

import (
	"bufio"
	"io"
	"time"
	"unicode/utf8"
)

// What a window writes to its standard error goes to the debug log: GTK talks
// about themes and accessibility buses there, which is no result of ours and
// nothing for the person. The amount is limited, since a page can make Wails
// log a line for each message that it posts (wails.md 2.7).
const (
	noiseLines = 100 // logged for each process; the rest is read and dropped
	noiseWidth = 300 // bytes kept of a line
)

// hear logs the lines from r until its end and then sends the last one.
func (w *Window) hear(r io.Reader) <-chan string {
	last := make(chan string, 1)
	log := quietly(w.Log)
	go func() {
		var line string
		lines := bufio.NewReaderSize(r, 4096)
		for n := 0; ; {
			text, more, err := lines.ReadLine()
			if err != nil {
				last <- line
				return
			}
			if len(text) > 0 {
				line = shorten(string(text))
				if n++; n <= noiseLines {
					log.Debug("window says", "line", line)
				}
			}
			for more && err == nil {
				_, more, err = lines.ReadLine()
			}
		}
	}()
	return last
}

// lastOf waits for the last line. The pipe ends when every process that
// inherited it has gone, the web view's children too, so this is also the wait
// that makes the profile safe to remove. One that escaped its group may hold
// the pipe open: then the grace ends the wait.
func (w *Window) lastOf(heard <-chan string, noise io.Closer) string {
	timer := time.NewTimer(w.grace())
	defer timer.Stop()
	select {
	case last := <-heard:
		_ = noise.Close() // read to its end
		return last
	case <-timer.C:
		_ = noise.Close() // ends the reader
		return <-heard
	}
}

// shorten cuts a line at noiseWidth bytes, between characters.
func shorten(line string) string {
	if len(line) <= noiseWidth {
		return line
	}
	cut := noiseWidth
	for cut > 0 && !utf8.RuneStart(line[cut]) {
		cut--
	}
	return line[:cut] + "…"
}
