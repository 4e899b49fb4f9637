package loopback

import "net"

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
