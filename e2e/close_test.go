//go:build e2e

package e2e_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// close closes the window as its person does, by the button that a window
// manager draws: a WM_DELETE_WINDOW message (ICCCM 4.2.8.1). There is no window
// manager here to draw it, and no tool of Debian 12 sends it without one.
func (s *stage) close() {
	s.t.Helper()
	ids, err := s.screen.command("xdotool", "search", "--onlyvisible", "--name", "dingpass").Output()
	if err != nil {
		s.t.Fatalf("find the window: %v", err)
	}
	id, err := strconv.ParseUint(strings.Fields(string(ids))[0], 10, 32)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := deleteWindow(s.screen.display, uint32(id)); err != nil {
		s.t.Fatalf("close the window: %v", err)
	}
}

// deleteWindow speaks as much of the X11 protocol as the message takes.
func deleteWindow(display string, window uint32) error {
	conn, err := net.Dial("unix", "/tmp/.X11-unix/X"+strings.TrimPrefix(display, ":"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // the last answer says that all was heard
	x := &xClient{conn: conn}
	x.hello()
	protocols, deletion := x.atom("WM_PROTOCOLS"), x.atom("WM_DELETE_WINDOW")

	const sendEvent, clientMessage, longs = 25, 33, 32
	message := []byte{sendEvent, 0, 11, 0}
	message = binary.LittleEndian.AppendUint32(message, window)
	message = binary.LittleEndian.AppendUint32(message, 0) // to whoever made the window
	message = append(message, clientMessage, longs, 0, 0)
	message = binary.LittleEndian.AppendUint32(message, window)
	message = binary.LittleEndian.AppendUint32(message, protocols)
	message = binary.LittleEndian.AppendUint32(message, deletion)
	x.send(append(message, make([]byte, 16)...))

	const getInputFocus = 43 // anything with an answer
	x.send([]byte{getInputFocus, 0, 1, 0})
	x.answer()
	return x.err
}

// xClient is a connection to an X server; err is the first thing that went
// wrong.
type xClient struct {
	conn net.Conn
	err  error
}

func (x *xClient) hello() {
	x.send([]byte{'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0}) // little-endian, version 11.0, no key
	head := x.receive(8)
	if x.err == nil && head[0] != 1 {
		x.err = errors.New("the X server refuses us")
	}
	x.receive(4 * int(binary.LittleEndian.Uint16(head[6:])))
}

func (x *xClient) atom(name string) uint32 {
	const internAtom = 16
	padded := append([]byte(name), make([]byte, (4-len(name)%4)%4)...)
	message := []byte{internAtom, 0, byte(2 + len(padded)/4), 0, byte(len(name)), 0, 0, 0}
	x.send(append(message, padded...))
	return binary.LittleEndian.Uint32(x.answer()[8:])
}

// answer reads a short answer: those that are asked for have 32 bytes.
func (x *xClient) answer() []byte {
	got := x.receive(32)
	if x.err == nil && got[0] != 1 {
		x.err = fmt.Errorf("the X server answers error %d", got[1])
	}
	return got
}

func (x *xClient) send(message []byte) {
	if x.err == nil {
		_, x.err = x.conn.Write(message)
	}
}

func (x *xClient) receive(n int) []byte {
	got := make([]byte, n)
	if x.err == nil {
		_, x.err = io.ReadFull(x.conn, got)
	}
	return got
}
