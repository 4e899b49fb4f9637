package command

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/loopback"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/store"
	"github.com/dingpass/dingpass/backend/vault"
	"github.com/dingpass/dingpass/backend/viewer"
	"github.com/dingpass/dingpass/backend/words"
)

// problemFound is a finding from an error with a code: its words are the
// table's.
func (d *doctor) problemFound(err error) finding {
	w := words.For(d.settings.Language, err)
	found := w.Title
	if detail := login.DetailOf(err); detail != "" {
		found += " [" + detail + "]"
	}
	return finding{Status: wrong, Found: found, Mend: w.Next, err: err}
}

var errSettings = errors.New("the settings are not complete")

func checkSettings(_ context.Context, d *doctor) finding {
	settings := d.settings
	if d.secretErr != nil {
		settings.ClientSecret = secret.New("any") // it may be there; told under secret
	}
	if err := settings.ForSignIn(d.problems); err != nil {
		return finding{Status: wrong, Found: err.Error(), Mend: "see «settings» in README.md", err: usage("%v", err)}
	}
	return finding{Status: fine, Found: fmt.Sprintf("company %s, app %s, data in %s", d.settings.CorpID, d.settings.ClientID, d.settings.DataDir)}
}

func checkSecret(_ context.Context, d *doctor) finding {
	switch {
	case d.secretErr != nil:
		return d.problemFound(d.secretErr)
	case d.settings.ClientSecret.Empty():
		return finding{Status: wrong, Found: "there is no client secret", Mend: mendMissing, err: usage("%v", errSettings)}
	}
	return finding{Status: fine, Found: "from " + d.settings.SecretSource() + "; whether DingTalk takes it is told under dingtalk"}
}

func checkKey(ctx context.Context, d *doctor) finding {
	if d.settings.DataDir == "" || d.settings.KeySource.Kind == "" {
		return finding{Status: unknown, Found: "the settings cannot be read"}
	}
	at := d.p.vault(d.settings, nil)
	report, err := at.Check(ctx)
	if err == nil && report.Anchored {
		_, err = logHead{at}.Read(ctx) // which may be gone where the key is not
	}
	state := vault.StateOf(err)
	switch {
	case state == vault.None:
		return finding{Status: notable, Found: report.Source + ": ready; the first sign-in makes the key"}
	case state == vault.Unavailable && d.settings.KeySource.Kind == config.KeyAuto && report.Source == "":
		f := d.problemFound(err) // sign-in works without
		f.Status, f.err = notable, nil
		return f
	case err != nil:
		return d.problemFound(err)
	}
	d.suspended = d.p.suspended(ctx, d.settings)
	found := report.Source + ": key " + report.Key
	if !report.Anchored {
		return finding{
			Status: notable, Found: found + "; an older copy of the database would not be noticed",
			Mend: "use the keychain or a file for that; this source can only be read",
		}
	}
	return finding{Status: fine, Found: found}
}

func checkDatabase(ctx context.Context, d *doctor) finding {
	if d.problems != nil {
		return finding{Status: unknown, Found: "the settings cannot be read"}
	}
	// Nothing is made here: doctor may run as another user than dingpass, who
	// would then be refused the folder.
	if !d.databaseExists(ctx) {
		return finding{Status: fine, Found: "not there yet; the first start makes it in " + d.settings.DataDir}
	}
	db, err := store.Open(ctx, store.Options{Dir: d.settings.DataDir, Log: d.p.log()})
	if err != nil {
		return d.problemFound(err)
	}
	err = errors.Join(db.Ready(ctx), db.Check(ctx), db.Close())
	if err != nil {
		return d.problemFound(err)
	}
	if f, ok := d.checkOlder(ctx); ok {
		return f
	}
	return finding{Status: fine, Found: "readable, writable and whole"}
}

// databaseExists asks without making anything.
func (d *doctor) databaseExists(ctx context.Context) bool {
	db, err := store.Open(ctx, store.Options{Dir: d.settings.DataDir, ReadOnly: true})
	if err == nil {
		_ = db.Close() // read only: nothing can be lost
	}
	return login.CodeOf(err) != login.NotSignedIn
}

func checkWindow(ctx context.Context, d *doctor) finding {
	window, found := viewer.Find(d.p.Executable, d.p.Window != nil)
	_, x11 := d.p.Getenv("DISPLAY")
	_, wayland := d.p.Getenv("WAYLAND_DISPLAY")
	switch {
	case !found:
		return finding{
			Status: notable, Found: "no window program; the system's browser is used",
			Mend: "put dingpass-window beside dingpass",
		}
	case needsDisplay && !x11 && !wayland:
		return finding{
			Status: notable, Found: "a window program, but no display in this session",
			Mend: "run it in the desktop session, or use --ui none",
		}
	}
	if err := starts(ctx, window); err != nil {
		return finding{
			Status: wrong, Found: "the window program does not start: " + err.Error(),
			Mend: "install WebKitGTK 4.1 (on Debian and Ubuntu: apt install libwebkit2gtk-4.1-0), or use --ui browser",
			err:  usage("the window program does not start"),
		}
	}
	return finding{Status: fine, Found: "the window program starts"}
}

// startsWithin is how long a program may take to say how it is used.
const startsWithin = 10 * time.Second

// starts reports whether a window program can be loaded at all: one whose
// libraries are missing ends before its first line.
func starts(ctx context.Context, window []string) error {
	ctx, cancel := context.WithTimeout(ctx, startsWithin)
	defer cancel()
	output, err := exec.CommandContext(ctx, window[0], append(window[1:], "--help")...).CombinedOutput() //nolint:gosec // our own program
	if err == nil {
		return nil
	}
	said := strings.TrimSpace(string(output))
	return fmt.Errorf("%w %s", err, said[strings.LastIndexByte(said, '\n')+1:])
}

func checkRedirect(ctx context.Context, d *doctor) finding {
	if d.problems != nil {
		return finding{Status: unknown, Found: "the settings cannot be read"}
	}
	address, err := loopback.Listen(ctx, redirectsOf(d.settings))
	if err != nil && d.appRuns(ctx) {
		return finding{Status: fine, Found: "in use by dingpass, which is running"}
	}
	if err != nil {
		return d.problemFound(err)
	}
	defer address.Close()
	return finding{
		Status: fine, Found: "can listen; DingTalk will be told " + address.RedirectURI(),
		Mend: "register http://127.0.0.1 (or exactly the address you set) in the app's console under 安全设置 → 重定向URL",
	}
}

// appRuns reports whether an app of this data folder is running.
func (d *doctor) appRuns(ctx context.Context) bool {
	if !d.databaseExists(ctx) {
		return false // and no folder is made for the question
	}
	lock, err := store.LockApp(d.settings.DataDir)
	if err == nil {
		_ = lock.Close() // it was only a question
	}
	return errors.Is(err, store.ErrRunning)
}

func checkDingTalk(ctx context.Context, d *doctor) finding {
	if d.settings.ForSignIn(d.problems) != nil {
		return finding{Status: unknown, Found: "the settings are not complete"}
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	client := clientOf(d.settings, d.p.log())
	health, err := client.Check(ctx)
	d.health = health
	if err != nil {
		return d.problemFound(err)
	}
	return finding{Status: fine, Found: "reachable; it takes the client id and secret"}
}

// clockTolerance is how far this clock may be from DingTalk's. The strictest
// of its calls wants one minute.
const clockTolerance = time.Minute

func checkClock(_ context.Context, d *doctor) finding {
	skew := d.health.ClockSkew.Abs()
	switch {
	case d.health.ClockKnown && skew > clockTolerance:
		return d.problemFound(&login.Error{Code: login.ClockWrong, Detail: "off by " + skew.Round(time.Second).String()})
	case d.suspended != "":
		return finding{Status: notable, Found: d.suspended, Mend: "start dingpass once while there is network"}
	case !d.health.ClockKnown:
		return finding{Status: unknown, Found: "DingTalk's time is not known"}
	}
	return finding{Status: fine, Found: "agrees with DingTalk's"}
}

// suspended asks the database why nobody is let in without DingTalk. What is
// wrong with the database itself is told under its own name.
func (p *Program) suspended(ctx context.Context, settings config.Settings) string {
	db, err := p.openToRead(ctx, settings)
	if err != nil {
		return ""
	}
	defer func() { _ = db.Close() }() // read only: nothing can be lost
	return suspension(db.clock.Now())
}
