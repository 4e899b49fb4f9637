package config_test

import (
	"runtime"
	"time"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/login"
)

const goos = runtime.GOOS

// root is where absolute paths begin.
var root = map[bool]string{true: "C:", false: ""}[goos == "windows"]

// sample is two good values of a key, what they become, and bad ones.
type sample struct {
	good [2]string
	want [2]any
	get  func(config.Settings) any
	bad  []string
}

var badURLs = []string{
	"", "login.dingtalk.com", "ftp://api.example", "http://api.example", "http://10.0.0.1", "http://localhost.evil.example",
	"http://127.0.0.1.evil.example", "https://user:password@api.example", "https://api.example?token=hidden",
	"https://api.example?", "https://api.example#fragment", "https://", "https:///path", "https:api.example",
	"https://api.example:0", "https://api.example:65536", "https://api.example:", "https://api.example/a b",
	"http://[::2]", "http://0.0.0.0", "http://2130706433", "http://127.1", "javascript:alert(1)", "https://api.example\\evil",
}

var badDurations = []string{"", "0", "-1", "72", "0h", "-72h", "72 h", "h", "1.5h", "1w", "500ms", "99999999999999999999h", "36501d", "100d36400d1d", "٧h"}

// samples has every key but those of the secret, which are in secret_test.go.
var samples = map[string]sample{
	"client_id": {
		good: [2]string{"dingkey1", " dingkey2 "}, want: [2]any{"dingkey1", "dingkey2"},
		get: func(s config.Settings) any { return s.ClientID },
		bad: []string{"", "  ", "two words", "line\nbreak", "dîng-key"},
	},
	"corp_id": {
		good: [2]string{"dingcorp1", "dingcorp2"}, want: [2]any{"dingcorp1", "dingcorp2"},
		get: func(s config.Settings) any { return s.CorpID },
		bad: []string{"", "two words"},
	},
	"redirect": {
		good: [2]string{"http://127.0.0.1:8765/callback", "http://localhost, http://[::1]:9000/ding/back"},
		want: [2]any{
			[]config.Redirect{{Host: "127.0.0.1", Port: 8765, Path: "/callback"}},
			[]config.Redirect{
				{Host: "localhost", Path: "/callback"},
				{Host: "::1", Port: 9000, Path: "/ding/back"},
			},
		},
		get: func(s config.Settings) any { return s.Redirects },
		bad: []string{
			"", "127.0.0.1", "https://127.0.0.1", "http://192.168.1.2:8765/callback", "http://evil.example/callback",
			"http://127.0.0.1:0/callback", "http://127.0.0.1:65536/callback", "http://127.0.0.1:/callback",
			"http://127.0.0.1/callback", "http://127.0.0.1:8765", "http://127.0.0.1:8765/", "http://127.0.0.1:8765/callback/",
			"http://127.0.0.1:8765/a/../callback", "http://127.0.0.1:8765//callback", "http://127.0.0.1:8765/callback?x=1",
			"http://127.0.0.1:8765/callback#x", "http://user@127.0.0.1:8765/callback",
			"http://127.0.0.1:8765/api", "http://127.0.0.1:8765/api/callback", "http://127.0.0.1:8765/assets/x",
			"http://127.0.0.1:8765/open/x", "http://127.0.0.1:8765/login/start", "http://0.0.0.0:8765/callback",
			"http://127.0.0.1:80/callback", "http://localhost:80/callback", "http://[::1]:080/callback",
			"http://127.0.0.1:8765/c, http://127.0.0.1:8765/c", "http://127.0.0.1,http://127.0.0.1/",
		},
	},
	"method": {
		good: [2]string{"sns", "oauth"}, want: [2]any{config.SNS, config.OAuth},
		get: func(s config.Settings) any { return s.Method },
		bad: []string{"", "SNS", "oauth2", "scan"},
	},
	"login_page": {
		good: [2]string{"challenge", "auth"}, want: [2]any{config.ChallengePage, config.AuthPage},
		get: func(s config.Settings) any { return s.LoginPage },
		bad: []string{"", "qr", "Challenge", "/oauth2/auth"},
	},
	"embed": {
		good: [2]string{"frame", "page"}, want: [2]any{login.Frame, login.Page},
		get: func(s config.Settings) any { return s.Embed },
		bad: []string{"", "Frame", "iframe", "auto frame"},
	},
	"ui": {
		good: [2]string{"none", "browser"}, want: [2]any{config.None, config.Browser},
		get: func(s config.Settings) any { return s.UI },
		bad: []string{"", "webview", "WINDOW"},
	},
	"language": {
		good: [2]string{"zh-CN", "en"}, want: [2]any{"zh-CN", "en"},
		get: func(s config.Settings) any { return s.Language },
		bad: []string{"", "zh", "de", "zh_CN.UTF-8"},
	},
	"login_url": {
		good: [2]string{"https://login.example", "http://127.0.0.1:7001/"}, want: [2]any{"https://login.example", "http://127.0.0.1:7001"},
		get: func(s config.Settings) any { return s.LoginURL }, bad: badURLs,
	},
	"api_url": {
		good: [2]string{"https://api.example:8443/base/", "http://localhost:7001"}, want: [2]any{"https://api.example:8443/base", "http://localhost:7001"},
		get: func(s config.Settings) any { return s.APIURL }, bad: badURLs,
	},
	"oapi_url": {
		good: [2]string{"HTTPS://oapi.example", "http://[::1]:7001"}, want: [2]any{"https://oapi.example", "http://[::1]:7001"},
		get: func(s config.Settings) any { return s.OAPIURL }, bad: badURLs,
	},
	"data_dir": {
		good: [2]string{root + "/srv/dingpass", root + "/srv/../srv/two"},
		want: [2]any{clean(root + "/srv/dingpass"), clean(root + "/srv/two")},
		get:  func(s config.Settings) any { return s.DataDir },
		bad:  []string{"", "data", "./data", "~/data", "$HOME/data"},
	},
	"key_source": {
		good: [2]string{"keychain", "file:" + root + "/etc/dingpass.key"},
		want: [2]any{config.KeySource{Kind: config.Keychain}, config.KeySource{Kind: config.KeyFile, Path: clean(root + "/etc/dingpass.key")}},
		get:  func(s config.Settings) any { return s.KeySource },
		bad:  []string{"", "file", "file:", "file:key", "tpm", "keychain:x"},
	},
	"offline": {
		good: [2]string{"deny", "allow"}, want: [2]any{false, true},
		get: func(s config.Settings) any { return s.OfflineAllowed },
		bad: []string{"", "true", "false", "yes", "0", "1", "Allow"},
	},
	"offline_for": {
		good: [2]string{"1d12h", "90m"}, want: [2]any{36 * time.Hour, 90 * time.Minute},
		get: func(s config.Settings) any { return s.OfflineFor }, bad: badDurations,
	},
	"offline_uses": {
		good: [2]string{"1", "1000"}, want: [2]any{1, 1000},
		get: func(s config.Settings) any { return s.OfflineUses },
		bad: []string{"", "0", "-1", "+5", "5.0", "many", "99999999999999999999", "0x10", "1_000"},
	},
	"offline_device_uses": {
		good: [2]string{"1", "100000"}, want: [2]any{1, 100000},
		get: func(s config.Settings) any { return s.DeviceUses },
		bad: []string{"", "0", "-1", "+5", "5.0", "many", "99999999999999999999", "0x10", "1_000"},
	},
	"refresh_every": {
		good: [2]string{"90m", "7d"}, want: [2]any{90 * time.Minute, 7 * 24 * time.Hour},
		get: func(s config.Settings) any { return s.RefreshEvery }, bad: badDurations,
	},
	"retain_for": {
		good: [2]string{"90d", "36500d"}, want: [2]any{90 * 24 * time.Hour, 36500 * 24 * time.Hour},
		get: func(s config.Settings) any { return s.RetainFor }, bad: badDurations,
	},
}
