package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Server is a sandbox that listens. Its methods are the sandbox's, and URL and
// Close.
type Server struct {
	*Sandbox
	url     string
	http    *http.Server
	stop    context.CancelFunc
	forget  func() bool    // ends the watch over Listen's context
	serving sync.WaitGroup // the accept loop and every handler

	gate    sync.Mutex
	closing bool // guarded by gate: no handler may join serving any more
}

// Listen serves a new sandbox on a loopback address, "127.0.0.1:0" where addr
// is empty, until Close or until ctx ends. Any other address is an error: the
// sandbox lets everyone who reaches it be anyone.
func Listen(ctx context.Context, addr string, o Options) (*Server, error) {
	addr, err := loopback(addr)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for the sandbox: %w", err)
	}
	base, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &Server{Sandbox: New(o), url: "http://" + listener.Addr().String(), stop: stop}
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.handle),
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: 5 * time.Second,
	}
	s.serving.Go(func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.log.ErrorContext(base, "sandbox stopped serving", "error", err)
		}
	})
	s.forget = context.AfterFunc(ctx, s.end)
	return s, nil
}

// loopback makes sure that addr is one, without asking a resolver: what a name
// stands for is another machine's word.
func loopback(addr string) (string, error) {
	if addr == "" {
		return "127.0.0.1:0", nil
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("sandbox address %q: want 127.0.0.1:PORT", addr)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return "", fmt.Errorf("sandbox address %q: the sandbox listens on loopback addresses only, such as 127.0.0.1:%s", addr, port)
	}
	return net.JoinHostPort(host, port), nil
}

// handle counts the handlers, so that Close can wait for them: http.Server
// does not.
func (s *Server) handle(w http.ResponseWriter, r *http.Request) {
	s.gate.Lock()
	if s.closing {
		s.gate.Unlock()
		return
	}
	s.serving.Add(1)
	s.gate.Unlock()
	defer s.serving.Done()
	s.ServeHTTP(w, r)
}

// URL is the base of all three hosts: http://127.0.0.1:PORT, no slash at the
// end.
func (s *Server) URL() string { return s.url }

// Close stops listening, cuts every connection and waits for the handlers.
// Closing again does nothing.
func (s *Server) Close() error {
	s.forget()
	s.end()
	err := s.Sandbox.Close()
	s.serving.Wait()
	return err
}

func (s *Server) end() {
	s.gate.Lock()
	s.closing = true
	s.gate.Unlock()
	s.stop()           // wakes what waits: long polls, injected latency
	_ = s.http.Close() // its only errors are the listener's, which is gone either way
}
