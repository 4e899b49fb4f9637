package main

import (
	"context"
	"net"
	"sync"

	"github.com/gorilla/websocket"
)

// socket knows whether its connection is being read. The SDK hands a frame from
// the reading goroutine to another, and while the first is on its way back to
// conn.ReadMessage, OnDisconnect in the other may set conn to nil: reading from
// nil would end the process. A read that has begun is proof that the way back is
// over.
type socket struct {
	mu      sync.Mutex
	changed *sync.Cond
	reads   int // under way
}

// listenToReads has the SDK's dialer, which is gorilla's default one, give
// connections that tell of their reads.
func listenToReads() *socket {
	s := &socket{}
	s.changed = sync.NewCond(&s.mu)
	websocket.DefaultDialer = &websocket.Dialer{
		NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			return heard{conn, s}, err
		},
	}
	return s
}

// waits returns once a read is under way. It is asked while a frame is being
// handled, so that the read in which that frame came is over.
func (s *socket) waits() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.reads == 0 {
		s.changed.Wait()
	}
}

func (s *socket) reading(change int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads += change
	s.changed.Broadcast()
}

// heard is a connection that says when it is read.
type heard struct {
	net.Conn
	socket *socket
}

func (h heard) Read(p []byte) (int, error) {
	h.socket.reading(1)
	defer h.socket.reading(-1)
	return h.Conn.Read(p)
}
