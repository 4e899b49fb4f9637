package config

import (
	"strings"

	"github.com/dingpass/dingpass/backend/login"
)

// Key describes one setting. An empty string means that there is none.
type Key struct {
	Name    string // in config.toml
	Env     string // the environment variable
	Flag    string // the flag, without its dashes
	Default string // as it would be written
	Values  string // what may be written, in short
	Help    string // half a sentence, for «--help» and the README
	Secret  bool   // from the environment only
}

// Keys lists the settings in the order in which they are explained.
func Keys() []Key {
	var list []Key
	for _, k := range keys() {
		list = append(list, k.Key)
	}
	return list
}

// Usage is what «--help» shows of the key: the help, what may be written, and
// the default. A word in backquotes stands for the value, as in package flag.
func (k Key) Usage() string {
	usage := k.Help
	if k.Values != "" && !strings.Contains(k.Help, "`") {
		usage += ": " + k.Values
	}
	if k.Default != "" {
		usage += " (default " + k.Default + ")"
	}
	return usage
}

// key is a setting with what its parser needs.
type key struct {
	Key
	oneOf    []string                 // the only values
	list     bool                     // may be several
	number   bool                     // may be a number in the file
	fallback func(environment) string // the default where it depends on the machine
	set      func(*Settings, input) *fault
}

// keys is the one truth about settings. The names of variables and flags
// follow from the name of the key.
func keys() []key {
	all := []key{
		{
			Key: Key{Name: "client_id", Values: "AppKey", Help: "the app's AppKey in DingTalk's console"},
			set: func(s *Settings, in input) *fault { return in.word(&s.ClientID) },
		}, {
			Key: Key{Name: "client_secret", Values: "AppSecret", Secret: true,
				Help: "the app's AppSecret: in the environment, in client_secret_file, or in the keychain (dingpass secret set)"},
			set: func(s *Settings, in input) *fault { return in.secret(&s.ClientSecret) },
		}, {
			Key: Key{Name: "client_secret_file", Values: "path", Help: "a private `file` with the AppSecret and nothing else"},
			set: func(s *Settings, in input) *fault { return in.secretFile(&s.ClientSecret) },
		}, {
			Key: Key{Name: "corp_id", Values: "CorpId", Help: "the company; people of another are refused"},
			set: func(s *Settings, in input) *fault { return in.word(&s.CorpID) },
		}, {
			Key: Key{Name: "redirect", Values: "URL or list of URLs", Default: "http://127.0.0.1",
				Help: "the redirect `URL` registered with DingTalk: without a port any free port and /callback, " +
					"in full exactly that; of a list the first whose port is free"},
			list: true,
			set:  func(s *Settings, in input) *fault { return in.redirects(&s.Redirects) },
		}, {
			Key:   Key{Name: "method", Default: OAuth, Help: "how DingTalk signs people in: by OAuth 2, or by the older scan that it has deprecated"},
			oneOf: []string{OAuth, SNS},
			set:   func(s *Settings, in input) *fault { s.Method = in.text(); return nil },
		}, {
			Key:   Key{Name: "login_page", Default: AuthPage, Help: "which of DingTalk's pages is shown; challenge goes straight to the QR and is not documented"},
			oneOf: []string{AuthPage, ChallengePage},
			set:   func(s *Settings, in input) *fault { s.LoginPage = in.text(); return nil },
		}, {
			Key:   Key{Name: "embed", Default: string(login.Auto), Help: "how DingTalk is shown"},
			oneOf: []string{string(login.Auto), string(login.Frame), string(login.Page), string(login.Browser)},
			set:   func(s *Settings, in input) *fault { s.Embed = login.Embed(in.text()); return nil },
		}, {
			Key:   Key{Name: "ui", Default: Window, Help: "what shows the page"},
			oneOf: []string{Window, Browser, None},
			set:   func(s *Settings, in input) *fault { s.UI = in.text(); return nil },
		}, {
			Key:   Key{Name: "language", Default: system, Help: "the language of all texts"},
			oneOf: []string{chinese, english, system},
			set:   func(s *Settings, in input) *fault { in.language(&s.Language); return nil },
		}, {
			Key: Key{Name: "login_url", Values: "URL", Default: "https://login.dingtalk.com", Help: "where DingTalk shows its QR"},
			set: func(s *Settings, in input) *fault { return in.address(&s.LoginURL) },
		}, {
			Key: Key{Name: "api_url", Values: "URL", Default: "https://api.dingtalk.com", Help: "DingTalk's new API"},
			set: func(s *Settings, in input) *fault { return in.address(&s.APIURL) },
		}, {
			Key: Key{Name: "oapi_url", Values: "URL", Default: "https://oapi.dingtalk.com", Help: "DingTalk's old API"},
			set: func(s *Settings, in input) *fault { return in.address(&s.OAPIURL) },
		}, {
			Key:      Key{Name: "data_dir", Values: "absolute path", Help: "the private `directory` of the database"},
			fallback: func(env environment) string { return usualDataDir(here, env) },
			set:      func(s *Settings, in input) *fault { return in.dataDir(&s.DataDir) },
		}, {
			Key: Key{Name: "key_source", Values: "auto, keychain, credential, file:PATH, passphrase", Default: string(KeyAuto),
				Help: "where the key that seals the database comes from"},
			set: func(s *Settings, in input) *fault { return in.keySource(&s.KeySource) },
		}, {
			Key:   Key{Name: "offline", Default: allow, Help: "whether people who are known may sign in without DingTalk"},
			oneOf: []string{allow, deny},
			set:   func(s *Settings, in input) *fault { s.OfflineAllowed = in.text() == allow; return nil },
		}, {
			Key: Key{Name: "offline_for", Values: "duration", Default: "72h",
				Help: "how long after DingTalk's last answer a person may sign in offline"},
			set: func(s *Settings, in input) *fault { return in.duration(&s.OfflineFor) },
		}, {
			Key: Key{Name: "offline_uses", Values: "number", Default: "20",
				Help: "how often a person may sign in offline in that time"},
			number: true,
			set:    func(s *Settings, in input) *fault { return in.count(&s.OfflineUses) },
		}, {
			Key: Key{Name: "offline_device_uses", Values: "number", Default: "1000",
				Help: "how often all people together may sign in offline before DingTalk has to answer once"},
			number: true,
			set:    func(s *Settings, in input) *fault { return in.count(&s.DeviceUses) },
		}, {
			Key: Key{Name: "refresh_every", Values: "duration", Default: "12h",
				Help: "how often DingTalk is asked again about who is signed in, while it can be reached; it ends nobody's time offline"},
			set: func(s *Settings, in input) *fault { return in.duration(&s.RefreshEvery) },
		}, {
			Key: Key{Name: "retain_for", Values: "duration", Default: "30d",
				Help: "how long a person is kept at all"},
			set: func(s *Settings, in input) *fault { return in.duration(&s.RetainFor) },
		},
	}
	for i := range all {
		all[i].complete()
	}
	return all
}

// complete fills in what follows from the rest.
func (k *key) complete() {
	k.Env = "DINGPASS_" + strings.ToUpper(k.Name)
	if !k.Secret {
		k.Flag = strings.ReplaceAll(k.Name, "_", "-")
	}
	if k.oneOf != nil {
		k.Values = strings.Join(k.oneOf, ", ")
	}
}

// The words of offline.
const (
	allow = "allow"
	deny  = "deny"
)
