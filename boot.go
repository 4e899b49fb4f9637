package main

import (
	"encoding/json"
	"net/http"
	"sync/atomic"
)

// boot is the script by which the page inside the binary leaves for the core's
// page where the window does not do so by itself. The first reader gets the
// launch link; each later one gets only the front page of its origin. For the
// link works once, and coming home is what later readers want; and on Windows
// any page in the window can ask for the script,
// http://wails.localhost/boot.js (wails.md 5.4).
type boot struct {
	link, home string
	led        func() bool // whether the window went to the link by itself; nil is never
	taken      atomic.Bool
}

// wrap answers for the script and leaves all else to next, the folder with the
// page.
func (b *boot) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		if req.URL.Path != "/boot.js" {
			next.ServeHTTP(rw, req)
			return
		}
		rw.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		rw.Header().Set("Cache-Control", "no-store")
		if b.led != nil && b.led() {
			return // the page must not get in the way of the load that replaces it
		}
		target := b.home
		if b.taken.CompareAndSwap(false, true) {
			target = b.link
		}
		literal, err := json.Marshal(target) // escapes <, > and &, so it is a JavaScript literal too
		if err != nil {
			http.Error(rw, "", http.StatusInternalServerError)
			return
		}
		_, _ = rw.Write([]byte("location.replace(" + string(literal) + ")\n")) // a window that is gone cannot be told
	})
}
