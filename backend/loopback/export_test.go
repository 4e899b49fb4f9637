package loopback

import (
	"net"
	"net/http"
)

// ParseCallback is what the fuzz target feeds.
var ParseCallback = parseCallback

// MaxLinks is how many launch links may be open at once.
const MaxLinks = maxLinks

// Bound lists the socket addresses that the address holds.
func (a *Address) Bound() []net.Addr {
	var bound []net.Addr
	for _, ln := range a.listeners {
		bound = append(bound, ln.Addr())
	}
	return bound
}

// Events answers GET /api/events, for a clock that a test has made.
func (s *Server) Events(w http.ResponseWriter, r *http.Request) { s.events(w, r) }
