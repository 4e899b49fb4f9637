package main

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// served is a handler that listens on a free loopback port.
type served struct {
	url     string
	server  *http.Server
	serving sync.WaitGroup
}

func serve(ctx context.Context, handler http.Handler) (*served, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &served{
		url:    "http://" + listener.Addr().String(),
		server: &http.Server{Handler: handler, ReadHeaderTimeout: answerWithin},
	}
	s.serving.Go(func() { _ = s.server.Serve(listener) }) // ends with close
	return s, nil
}

// close cuts whoever is still there.
func (s *served) close() {
	_ = s.server.Close()
	s.serving.Wait()
}
