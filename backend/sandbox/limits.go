package sandbox

import (
	"fmt"
	"math"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The limits that DingTalk documents, to be put into Settings.
const (
	DocumentedRateLimit = 20     // calls a second, per app and API, in the standard edition
	DocumentedIPLimit   = 10_000 // calls in 20 seconds, per address
)

// How the guard before the APIs counts and punishes.
const (
	guardWindow = 20 * time.Second
	guardBan    = 5 * time.Minute
)

// limits counts the calls of each API and of each address (contract 7.9).
type limits struct {
	mu     sync.Mutex
	apis   map[string]window
	ips    map[string]window
	banned map[string]time.Time // until when
}

// window counts from its start on; a call after its end starts another.
type window struct {
	start time.Time
	count int
}

// add counts one call in the key's window, and reports how many there are.
func add(windows *map[string]window, key string, now time.Time, length time.Duration) int {
	if *windows == nil {
		*windows = map[string]window{}
	}
	w := (*windows)[key]
	if age := now.Sub(w.start); age >= length || age < 0 {
		w = window{start: now}
	}
	w.count++
	(*windows)[key] = w
	return w.count
}

// ban is for how long an address is still shut out after this call.
func (l *limits) ban(ip string, limit int, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if limit == 0 {
		return 0
	}
	if add(&l.ips, ip, now, guardWindow) > limit && !now.Before(l.banned[ip]) {
		if l.banned == nil {
			l.banned = map[string]time.Time{}
		}
		l.banned[ip] = now.Add(guardBan)
	}
	return l.banned[ip].Sub(now)
}

func (l *limits) tooMany(api string, limit int, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return limit > 0 && add(&l.apis, api, now, time.Second) > limit
}

// limited answers a call that is one too many.
func (s *Sandbox) limited(w http.ResponseWriter, r *http.Request, api string) bool {
	if !strings.HasPrefix(r.URL.Path, "/v1.0/") && !old(r.URL.Path) {
		return false
	}
	settings, now := s.Settings(), s.Now()
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		ip = r.RemoteAddr
	}
	if left := s.limits.ban(ip, settings.IPLimit, now); left > 0 {
		sendGuard(w, settings.GuardBody, left)
		return true
	}
	if s.limits.tooMany(api, settings.RateLimit, now) {
		sendTooMany(w, r.URL.Path)
		return true
	}
	return false
}

// old says that a path is of the old API.
func old(path string) bool {
	for _, prefix := range []string{"/topapi/", "/gettoken", "/user/", "/department/", "/auth/", "/sns/", "/call_back/", "/service/"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// sendTooMany has both envelopes.
func sendTooMany(w http.ResponseWriter, path string) {
	const message = "您的服务器调用当前接口过于频繁，请稍后再试"
	if strings.HasPrefix(path, "/v1.0/") {
		writeRestError(w, &restError{http.StatusForbidden, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", message, nil})
		return
	}
	writeTopError(w, &topError{90018, message, strings.HasPrefix(path, "/topapi/")})
}

// GuardBody says what the guard before the APIs sends in place of an answer.
type GuardBody string

// The guard's bodies. Neither is one of the APIs' envelopes.
const (
	GuardJSON GuardBody = "json" // {"status":1111,…}
	GuardHTML GuardBody = "html"
)

// sendGuard tells how long in minutes: what unit DingTalk means is not
// documented, but the one answer that was seen says 5.
func sendGuard(w http.ResponseWriter, body GuardBody, left time.Duration) {
	if body == GuardHTML {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!doctype html><title>Blocked</title><p>SANDBOX: too many calls from this address.</p>\n"))
		return
	}
	sendRaw(w, http.StatusOK, fmt.Sprintf(`{"status":1111,"wait":%d,"source":"x5","punish":"deny","uuid":"0a1b2c3d"}`, int(math.Ceil(left.Minutes()))))
}
