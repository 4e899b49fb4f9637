package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// screen is an Xvfb whose frame buffer can be read.
type screen struct {
	display string // such as ":99"
	buffer  *os.File
	offset  int64 // of the first pixel
	stride  int   // bytes of a line
	height  int

	cmd  *exec.Cmd
	stop context.CancelFunc
}

// newScreen starts an Xvfb on a display that is free.
func newScreen(ctx context.Context, dir string) (_ *screen, err error) {
	ctx, stop := context.WithCancel(ctx)
	told, tells, err := os.Pipe()
	if err != nil {
		stop()
		return nil, err
	}
	s := &screen{stop: stop}
	s.cmd = command(ctx, environ(dir), "Xvfb", "-displayfd", "3", "-fbdir", dir,
		"-screen", "0", "1280x1024x24", "-nolisten", "tcp", "-noreset")
	s.cmd.ExtraFiles = []*os.File{tells}
	err = s.cmd.Start()
	_ = tells.Close() // the child has its own
	defer func() { _ = told.Close() }()
	if err != nil {
		stop()
		return nil, fmt.Errorf("start Xvfb: %w", err)
	}
	number, err := bufio.NewReader(told).ReadString('\n') // or the end, if it dies
	if err == nil {
		s.display = ":" + strings.TrimSpace(number)
		err = s.open(filepath.Join(dir, "Xvfb_screen0"))
	}
	if err != nil {
		s.close()
		return nil, fmt.Errorf("start Xvfb: %w", err)
	}
	return s, nil
}

// open reads the header of the frame buffer, which is a picture in the format
// of xwd(1): words of 32 bits, big-endian (X11/XWDFile.h).
func (s *screen) open(name string) error {
	file, err := os.Open(name) //nolint:gosec // made by our own Xvfb
	if err != nil {
		return err
	}
	s.buffer = file
	header := make([]byte, 100)
	if _, err := io.ReadFull(file, header); err != nil {
		return err
	}
	word := func(i int) int { return int(binary.BigEndian.Uint32(header[4*i:])) }
	const size, height, byteOrder, bitsPerPixel, bytesPerLine, colours, colourSize = 0, 5, 7, 11, 12, 19, 12
	if word(bitsPerPixel) != 32 || word(byteOrder) != 0 {
		return errors.New("the frame buffer has another form than expected")
	}
	s.offset, s.stride, s.height = int64(word(size)+word(colours)*colourSize), word(bytesPerLine), word(height)
	return nil
}

func (s *screen) close() {
	s.stop()
	_ = s.cmd.Wait() // a signal ended it, as we wanted
	if s.buffer != nil {
		_ = s.buffer.Close() // it was only read
	}
}

// The ink of the sandbox's QR, as it lies in memory (blue first), and how much
// of it must be seen in the lines that are looked at. No word on any of our
// pages has this colour.
var ink = []byte{0x18, 0x14, 0x10}

const (
	everyLine = 8    // look at every eighth line
	enoughInk = 1200 // pixels in these lines; a QR has some 3000 and the empty page 5000
	lookEvery = 2 * time.Millisecond
)

// waitInk returns when the ink is on the screen, or is gone from it.
func (s *screen) waitInk(ctx context.Context, there bool) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	line := make([]byte, s.stride)
	for {
		seen, err := s.inked(line)
		if err != nil || (seen >= enoughInk) == there {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("%w with %d pixels of ink on the screen, of %d that are waited for", ctx.Err(), seen, enoughInk)
		}
	}
}

// inked counts pixels.
func (s *screen) inked(line []byte) (int, error) {
	seen := 0
	for y := 0; y < s.height; y += everyLine {
		if _, err := s.buffer.ReadAt(line, s.offset+int64(y*s.stride)); err != nil {
			return 0, err
		}
		for x := 0; x+4 <= len(line); x += 4 {
			if bytes.Equal(line[x:x+3], ink) {
				seen++
			}
		}
	}
	return seen, nil
}
