package config

import (
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Redirect is an address of ours that is registered with DingTalk.
type Redirect struct {
	Host string // "127.0.0.1", "localhost" or "::1"
	Port int    // 0: any free one
	Path string // begins with a slash
}

// address takes the base URL of a server: https, or http where nobody can
// listen in between.
func (in input) address(to *string) *fault {
	mend := "write https://HOST; http is for loopback hosts only"
	u, ok := parseURL(in.text())
	switch {
	case !ok:
		return &fault{Malformed, "is no URL of a server", mend}
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return &fault{Unsafe, "would send secrets unencrypted", mend}
	case u.Scheme != "http" && u.Scheme != "https":
		return &fault{Malformed, "is no web address", mend}
	}
	*to = strings.TrimRight(u.String(), "/")
	return nil
}

// parseURL takes an absolute URL without user, query and fragment. Those would
// be sent along, and shown, with every request.
func parseURL(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(text, "?#\\") || !printable(text) {
		return nil, false
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		if n, ok := number(port); !ok || n < 1 || n > 65535 {
			return nil, false
		}
	}
	return u, true
}

// loopback reports whether traffic to a host stays on this machine.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip.Is4() && ip.IsLoopback() || ip == netip.IPv6Loopback())
}

// redirects takes one redirect address or several.
func (in input) redirects(to *[]Redirect) *fault {
	var list []Redirect
	for _, text := range in.texts {
		r, f := parseRedirect(text)
		if f != nil {
			return f
		}
		if slices.Contains(list, r) {
			return &fault{Malformed, "has an address twice", "remove one"}
		}
		list = append(list, r)
	}
	*to = list
	return nil
}

// parseRedirect takes http://127.0.0.1 (any free port and /callback), or a URL
// with port and path. Nothing between the two: DingTalk compares what is
// registered to the letter, so that a guess would only fail there.
func parseRedirect(text string) (Redirect, *fault) {
	u, ok := parseURL(text)
	if !ok || u.Scheme != "http" || !listenable(u.Hostname()) {
		return Redirect{}, &fault{Malformed, "is no redirect address of this machine",
			"write http://127.0.0.1, or one in full as http://127.0.0.1:8765/callback; hosts are 127.0.0.1, localhost and [::1]"}
	}
	r := Redirect{Host: strings.ToLower(u.Hostname()), Path: u.EscapedPath()}
	if u.Port() == "" {
		if r.Path != "" && r.Path != "/" {
			return Redirect{}, &fault{Malformed, "has a path but no port", "add the port, or leave the path away for any free port and /callback"}
		}
		r.Path = "/callback"
		return r, nil
	}
	r.Port, _ = strconv.Atoi(u.Port()) // parseURL has seen that it is one
	if r.Port == 80 {
		return Redirect{}, &fault{Malformed, "has port 80, which browsers leave out of a request: it would be refused as one to another address",
			"choose a port above 1024, as in http://127.0.0.1:8765/callback"}
	}
	return r, checkPath(r.Path)
}

// listenable are the loopback hosts that package loopback binds.
func listenable(host string) bool {
	return host == "127.0.0.1" || strings.EqualFold(host, "localhost") || host == "::1"
}

// ours are the first segments of the interface's own routes (design 3.6).
var ours = []string{"api", "assets", "open", "login"}

func checkPath(p string) *fault {
	if p == "" || p == "/" {
		return &fault{Malformed, "has a port but no path", "give the path too, as http://127.0.0.1:8765/callback"}
	}
	if path.Clean(p) != p {
		return &fault{Malformed, "has a path that browsers would change", "write it without dots, double slashes and a slash at its end"}
	}
	first, _, _ := strings.Cut(p[1:], "/")
	if slices.Contains(ours, first) {
		return &fault{Conflict, "has a path that the interface itself uses", "choose another path, as /callback; /" + strings.Join(ours, ", /") + " are taken"}
	}
	return nil
}
