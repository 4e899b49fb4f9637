// Package config reads the settings: flags over DINGPASS_… environment over
// the file config.toml over defaults.
//
// [Load] is the entry point. It reports everything that is wrong at once, as a
// [Problems], each with the key, the place it came from and the mend, so that
// an installer mends a machine in one go. What it cannot use it leaves at its
// zero value, and it returns the rest beside the error: doctor goes on.
//
// [Keys] is the one table of settings; parsing, help texts and the README's
// table ([Table]) all come from it.
//
// Promises:
//
//   - The client secret is never read from config.toml or from the command
//     line, where backups and process lists show it. Found there, it is
//     refused with the way to move it.
//   - No text of this package holds a value that somebody set: it names the
//     place. A secret in the wrong place is thus never printed.
//   - Of several values of one key, only the one that wins is checked.
//   - No value means two things: 0, -1 and empty are refused wherever they
//     could be taken for «off» or «without limit».
//
// What is needed to sign in is a separate question, asked with [LoadForSignIn]
// or [Settings.ForSignIn]: whoami and logout work without. Nothing here opens a socket, and nothing
// reads the environment but by Sources.Env, nor the system's language but by
// Sources.Locale.
package config

import (
	"time"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// Settings are all settings, checked. Print them freely: the secret does not
// show.
type Settings struct {
	ClientID     string      // the app's AppKey; may be empty
	ClientSecret secret.Text // may be empty
	CorpID       string      // the company; may be empty

	Redirects []Redirect // in the order to try; never empty

	Method    string // OAuth or SNS
	LoginPage string // AuthPage or ChallengePage; of OAuth only

	Embed    login.Embed // how DingTalk is shown
	UI       string      // what shows our page: Window, Browser or None
	Language string      // "zh-CN" or "en"

	LoginURL, APIURL, OAPIURL string // without a slash at the end

	DataDir   string // absolute
	KeySource KeySource

	OfflineAllowed bool
	OfflineFor     time.Duration // how long after DingTalk's last answer; whole seconds
	OfflineUses    int           // how many offline sign-ins in that time
	DeviceUses     int           // how many of all people together before DingTalk has to answer once
	RefreshEvery   time.Duration // how old DingTalk's answer may become before it is asked again; ends nobody's time offline
	RetainFor      time.Duration // how long a person is kept at all; not shorter than OfflineFor

	// from tells where the value of a key came from, for people: a flag, a
	// variable, a line of the file or «default»; "" for a key without a value.
	from map[string]string
}

// What shows our page to the person.
const (
	Window  = "window"  // a window of our own, or the browser where there is none
	Browser = "browser" // the system's browser
	None    = "none"    // nobody: the caller shows it
)

// How DingTalk signs people in.
const (
	OAuth = "oauth"
	SNS   = "sns" // the older scan, which has no QR for a frame
)

// DingTalk's pages for OAuth.
const (
	AuthPage      = "auth"
	ChallengePage = "challenge" // straight to the QR
)

// Sources are where settings come from.
type Sources struct {
	// Flags has the flags that were given: key → value.
	Flags map[string]string

	// Env looks a variable up, as os.LookupEnv does. nil is an empty
	// environment. An empty variable counts as not set, as service managers
	// and containers have it.
	Env func(name string) (value string, ok bool)

	// Locale is the language that the operating system is set to, as zh-CN or
	// zh_CN.UTF-8; asked only where no variable tells. nil asks the operating
	// system, of which Windows alone answers.
	Locale func() string

	// Kept looks an app's client secret up where the operating system keeps it;
	// empty where it does not. LoadForSignIn alone asks, and only where neither
	// the environment nor a file has the secret: it may take its time, and a
	// person. nil: it keeps none.
	Kept func(clientID string) (secret.Text, error)

	// Path names the settings file; a file that is named must be there. Empty:
	// the file that DINGPASS_CONFIG names, else the usual one, which may be
	// missing.
	Path string
}

// Load reads and checks all settings. The error is a *Problems.
func Load(src Sources) (Settings, error) {
	l := &loader{env: environment(src.Env), locale: src.Locale, settings: Settings{from: make(map[string]string)}}
	file := l.readFile(src.Path)
	l.checkFlags(src.Flags)
	for _, k := range keys() {
		l.load(k, src.Flags, file)
	}
	l.checkTogether()
	return l.settings, l.problems.orNil()
}

// environment is a look-up of variables that are set and not empty.
type environment func(name string) (string, bool)

func (env environment) get(name string) string {
	if env == nil {
		return ""
	}
	value, _ := env(name)
	return value
}

// loader is one run of Load.
type loader struct {
	env      environment
	locale   func() string
	settings Settings
	problems Problems
}

// load finds the value of a key in the source that wins, and sets it.
func (l *loader) load(k key, flags map[string]string, file file) {
	in, ok := l.find(k, flags, file)
	if !ok {
		return
	}
	if in.value == "" && k.fallback != nil && in.source == byDefault {
		l.problems.add(k.Name, in.source, &fault{Missing, "is not set, and this system has no place for it, for want of a home directory", "set " + k.Env})
		return
	}
	f := in.read(k)
	if f == nil {
		f = k.set(&l.settings, in)
	}
	if f != nil {
		l.problems.add(k.Name, in.source, f)
		return
	}
	l.settings.from[k.Name] = in.source
}

// byDefault is the source of a value that nobody gave.
const byDefault = "default"

func (l *loader) find(k key, flags map[string]string, file file) (in input, ok bool) {
	in = input{env: l.env, locale: l.locale}
	if text, ok := flags[k.Name]; ok && k.Flag != "" {
		in.value, in.source = text, "flag --"+k.Flag
		return in, true
	}
	if text := l.env.get(k.Env); text != "" {
		in.value, in.source = text, "environment "+k.Env
		return in, true
	}
	if value, ok := file.values[k.Name]; ok && !k.Secret {
		in.value, in.source, in.dir = value, file.source(k.Name), file.dir
		return in, true
	}
	text := k.Default
	if k.fallback != nil {
		text = k.fallback(l.env)
	}
	in.value, in.source = text, byDefault
	return in, text != "" || k.fallback != nil
}

// checkFlags refuses flags that no key has; a secret above all.
func (l *loader) checkFlags(flags map[string]string) {
	for _, k := range keys() {
		if _, given := flags[k.Name]; given && k.Flag == "" {
			l.problems.add(k.Name, "command line", &fault{Misplaced, "is a secret, and a command line is shown in process lists",
				"set " + k.Env + ", or name a private file with client_secret_file"})
		}
	}
}

// checkTogether checks what no setting can tell alone.
func (l *loader) checkTogether() {
	s := &l.settings
	if s.OfflineAllowed && s.RetainFor != 0 && s.RetainFor < s.OfflineFor {
		l.problems.add("retain_for", s.from["retain_for"], &fault{Conflict, "is shorter than offline_for: people would be gone before their time offline is over",
			"make it at least as long as offline_for"})
	}
	if s.Method == SNS && s.Embed == login.Frame {
		l.problems.add("embed", s.from["embed"], &fault{Conflict, "is frame, and the older scan (method = sns) has no QR for a frame",
			"set it to auto, page or browser"})
	}
	if s.KeySource.Path != "" && inside(s.DataDir, s.KeySource.Path) {
		l.problems.add("key_source", s.from["key_source"], &fault{Conflict, "names a file inside data_dir: whoever copies the data would have the key",
			"move the file out of data_dir"})
	}
}
