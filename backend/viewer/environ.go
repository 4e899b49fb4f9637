package viewer

import (
	"cmp"
	"path/filepath"
	"runtime"
	"strings"
)

// environ is the window's environment: ours without what is only for the core,
// with every place where a web view keeps something led into its profile, and
// with our own page kept from any proxy.
//
// Not passed on: DINGPASS_… (settings, and a client secret among them), and the
// variables by which systemd hands out credentials, sockets and readiness.
func environ(ours []string, profile string) []string {
	env := make([]string, 0, len(ours)+6)
	for _, entry := range ours {
		if !private(entry) {
			env = append(env, entry)
		}
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		// WebView2 is told by an option, and WKWebView has no such place:
		// nothing there follows these variables. Both take their proxy from
		// the system's settings and ask none for loopback addresses.
		return env
	}
	env = append(env, keepDisplayKey(ours)...)
	env = append(env, keepFromProxy(ours)...)
	for name, folder := range profileFolders {
		env = append(env, name+"="+filepath.Join(profile, folder))
	}
	return env
}

func private(entry string) bool {
	for _, prefix := range []string{"DINGPASS_", "CREDENTIALS_DIRECTORY=", "NOTIFY_SOCKET=", "LISTEN_"} {
		if strings.HasPrefix(entry, prefix) {
			return true
		}
	}
	return false
}

// profileFolders are the variables that WebKitGTK, GTK and GLib follow for
// what they keep, and the profile's folder for each (wails.md 2.10: local
// storage and caches of one person's session would otherwise stay for the
// next).
//
// XDG_CONFIG_HOME hides dconf, and with it a proxy that stands in GNOME's
// settings: the window does not ask it. That is the price of a profile that
// holds everything; whoever needs a proxy names it in the environment, which
// the core follows too.
var profileFolders = map[string]string{
	"HOME":            "home",
	"XDG_DATA_HOME":   "data",
	"XDG_CACHE_HOME":  "cache",
	"XDG_CONFIG_HOME": "config",
	"TMPDIR":          "tmp",
}

// withoutProxy are the hosts that our own page can be of. A proxy cannot reach
// them, and the launch link would go to it in clear: unlike Go, GLib asks the
// proxy for loopback addresses as well.
const withoutProxy = "127.0.0.1,localhost,::1"

// keepFromProxy adds our hosts to what the environment keeps from a proxy. A
// reader takes the first of the two names that is set, and readers differ in
// which that is; so the one that is missing has what stands in the other.
func keepFromProxy(ours []string) []string {
	var lower, upper string
	for _, entry := range ours {
		name, value, _ := strings.Cut(entry, "=")
		switch name {
		case "no_proxy":
			lower = value
		case "NO_PROXY":
			upper = value
		}
	}
	return []string{
		"no_proxy=" + addOurs(cmp.Or(lower, upper)),
		"NO_PROXY=" + addOurs(cmp.Or(upper, lower)),
	}
}

// addOurs adds to a list of hosts without proxy. «*» is every host, and only
// when it stands alone.
func addOurs(hosts string) string {
	switch strings.TrimSpace(hosts) {
	case "*":
		return hosts
	case "":
		return withoutProxy
	}
	return hosts + "," + withoutProxy
}

// keepDisplayKey names the X11 key file where only HOME leads to it, since
// HOME changes: without it the X server refuses the window.
func keepDisplayKey(ours []string) []string {
	var home string
	for _, entry := range ours {
		name, value, _ := strings.Cut(entry, "=")
		switch name {
		case "XAUTHORITY":
			return nil
		case "HOME":
			home = value
		}
	}
	if home == "" {
		return nil
	}
	return []string{"XAUTHORITY=" + filepath.Join(home, ".Xauthority")}
}
