package loopback

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// guarded wraps all routes: ours is the Host, and every answer carries the
// headers.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.setHeaders(w.Header())
		if r.ContentLength != 0 {
			// net/http waits for the rest of a body before it answers, even for
			// one that nobody asked for.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyWithin))
		}
		switch {
		case r.Host != s.address.host():
			// DNS rebinding: the browser thinks that we are another site.
			s.page(w, r, http.StatusMisdirectedRequest, pageNotOurs)
		case isPrefetch(r):
			// A page nobody has looked at must not open a link or spend a code
			// (streamlit PR #15589). The real request comes later.
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// setHeaders gives every answer the same protection. Handlers may replace one,
// and say why.
func (s *Server) setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", s.csp)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
}

// contentSecurityPolicy lets the interface load its own files and frame
// DingTalk; nothing else. Inline styles are those of the small pages.
func contentSecurityPolicy(providerOrigin string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self' '" + pageStyleHash + "'",
		"img-src 'self' data:",
		"connect-src 'self'",
		"frame-src 'self' " + strings.Join(frameSources(providerOrigin), " "),
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; ")
}

// frameSources are the origins that may stand in the frame. DingTalk's login
// page may move within its own domain, and a frame that is stopped there shows
// nothing at all.
func frameSources(providerOrigin string) []string {
	sources := []string{providerOrigin}
	u, err := url.Parse(providerOrigin)
	if err != nil {
		return sources
	}
	for _, domain := range []string{"dingtalk.com", "dingtalk.io"} {
		if strings.HasSuffix(u.Hostname(), "."+domain) {
			sources = append(sources, "https://*."+domain)
		}
	}
	return sources
}

// isPrefetch reports whether the browser only guesses that the person will go
// there.
func isPrefetch(r *http.Request) bool {
	for _, header := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		value := strings.ToLower(strings.Join(r.Header.Values(header), ","))
		if strings.Contains(value, "prefetch") || strings.Contains(value, "prerender") || strings.Contains(value, "preview") {
			return true
		}
	}
	return false
}

// ours wraps what only our own page may ask for: the launch cookie, and no
// other page's doing. Fetch metadata is checked where a browser sends it.
func (s *Server) ours(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		site := r.Header.Get("Sec-Fetch-Site")
		switch {
		case !s.launch.launched(r):
			s.page(w, r, http.StatusForbidden, pageNotOurs)
		case site != "" && site != "same-origin" && site != "none":
			s.page(w, r, http.StatusForbidden, pageNotOurs)
		default:
			next(w, r)
		}
	}
}

// changing wraps what changes something: our own page must say so with its
// Origin.
func (s *Server) changing(next http.HandlerFunc) http.HandlerFunc {
	return s.ours(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") != s.address.Origin() {
			s.page(w, r, http.StatusForbidden, pageNotOurs)
			return
		}
		next(w, r)
	})
}
