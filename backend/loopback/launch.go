package loopback

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"sync"
)

// maxLinks is how many launch links may be open at once. Each window that is
// started asks for one; an older one that nobody opened is worth nothing.
const maxLinks = 16

// launcher hands out one-time links and knows the cookie that they set.
type launcher struct {
	cookieName string
	secret     string // the cookie's value; one for all windows of this process

	mu    sync.Mutex // guards links
	links []unused   // oldest first
}

// unused is a launch link that nobody has opened yet.
type unused struct {
	token  string
	opened *signal
}

// newLauncher names the cookie after the port: cookies do not tell ports apart,
// and two programs on 127.0.0.1 would overwrite each other's.
func newLauncher(port int) *launcher {
	return &launcher{cookieName: "dingpass_" + strconv.Itoa(port), secret: randomToken()}
}

func randomToken() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(raw)
}

// mint makes a token for one use.
func (l *launcher) mint() string {
	token := randomToken()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.links) == maxLinks {
		l.links = l.links[1:]
	}
	l.links = append(l.links, unused{token, newSignal()})
	return token
}

// redeem takes the token out and reports whether it was there.
func (l *launcher) redeem(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := l.find(token)
	if i < 0 {
		return false
	}
	l.links[i].opened.raise()
	l.links = append(l.links[:i:i], l.links[i+1:]...)
	return true
}

// find is the index of the unused link with this token, or -1. The lock is
// held.
func (l *launcher) find(token string) int {
	return slices.IndexFunc(l.links, func(link unused) bool {
		return subtle.ConstantTimeCompare([]byte(link.token), []byte(token)) == 1
	})
}

// opened is closed once the link with this token has been used; for a token
// that is unknown it is closed from the beginning.
func (l *launcher) opened(token string) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := l.find(token); i >= 0 {
		return l.links[i].opened.raised
	}
	used := newSignal()
	used.raise()
	return used.raised
}

// cookie is the launch cookie. It lives as long as the browser's session, and
// it is worth something as long as this process.
func (l *launcher) cookie() *http.Cookie {
	return &http.Cookie{ //nolint:gosec // no Secure: loopback is plain http (RFC 8252, 7.3), and a browser would drop it
		Name: l.cookieName, Value: l.secret, Path: "/",
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
}

// launched reports whether the request comes from a browser that opened one of
// our links. Any cookie of our name may be the one: a page on another port can
// set a second for a longer path, which the browser then sends first (RFC 6265,
// 5.4).
func (l *launcher) launched(r *http.Request) bool {
	for _, cookie := range r.CookiesNamed(l.cookieName) {
		if subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(l.secret)) == 1 {
			return true
		}
	}
	return false
}

// open answers GET /open/{token}. A used or unknown token sets no cookie and
// goes to the same place: a window that was reloaded already has the cookie,
// and anyone else learns nothing.
func (l *launcher) open(w http.ResponseWriter, r *http.Request) {
	if l.redeem(r.PathValue("token")) {
		http.SetCookie(w, l.cookie())
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
