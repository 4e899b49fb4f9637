package viewer

import (
	"path/filepath"
	"runtime"
	"strings"
)

// environ is the window's environment: ours without what is only for the core,
// and with every place where a web view keeps something led into its profile.
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
		// nothing there follows these variables.
		return env
	}
	env = append(env, keepDisplayKey(ours)...)
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
var profileFolders = map[string]string{
	"HOME":            "home",
	"XDG_DATA_HOME":   "data",
	"XDG_CACHE_HOME":  "cache",
	"XDG_CONFIG_HOME": "config",
	"TMPDIR":          "tmp",
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
