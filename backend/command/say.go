package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/store"
	"github.com/dingpass/dingpass/backend/words"
)

// say writes a line for people.
func (p *Program) say(format string, args ...any) {
	_, _ = fmt.Fprintf(p.Stderr, format+"\n", args...) // nobody is left to tell
}

// result writes one JSON object on a line of its own.
func (p *Program) result(value any) error {
	return json.NewEncoder(p.Stdout).Encode(value)
}

// told marks an error whose words the person has had already.
type told struct{ error }

// Unwrap returns the error itself.
func (t told) Unwrap() error { return t.error }

// report tells the person what went wrong and returns the exit code.
func (p *Program) report(line *line, err error) int {
	var done told
	if !errors.As(err, &done) {
		p.say("dingpass: %s", p.explain(line, err))
	}
	p.logCause(err)
	return exitCode(err)
}

// logCause writes down what the words leave out. Where they can only say that
// something went wrong, the cause is all that there is.
func (p *Program) logCause(err error) {
	level, cause := slog.LevelDebug, err
	var coded *login.Error
	switch {
	case errors.As(err, &coded):
		cause = coded.Err
	case exitCode(err) == exitUsage: // speaks for itself
		return
	}
	if cause == nil {
		return
	}
	code := login.CodeOf(err)
	if code == login.Internal {
		level = slog.LevelError
	}
	p.log().Log(context.Background(), level, "failed", "code", code, "error", cause)
}

// explain is the error in the person's words. Mistakes in arguments and
// settings speak for themselves; everything else has a code.
func (p *Program) explain(line *line, err error) string {
	var mistake *usageError
	var problems *config.Problems
	if errors.As(err, &mistake) || errors.As(err, &problems) {
		return err.Error()
	}
	if errors.Is(err, store.ErrRunning) {
		return alreadyRunning(p.language(line))
	}
	return sentence(p.language(line), err)
}

// alreadyRunning is not about the disk, as the code's words are.
func alreadyRunning(language string) string {
	if language == words.Chinese {
		return "dingpass 已在运行。请使用已打开的窗口，或先关闭它。"
	}
	return "dingpass is already running. Please use the window that is open, or close it first."
}

// sentence is what an error's code says in a language, with the detail.
func sentence(language string, err error) string {
	text := words.For(language, err).String()
	if detail := login.DetailOf(err); detail != "" {
		text += " [" + detail + "]"
	}
	return text
}

// language is the one that the settings name, as far as they can be read: an
// error must find words even when they cannot.
func (p *Program) language(line *line) string {
	if settings, _ := p.settings(line); settings.Language != "" {
		return settings.Language
	}
	return words.English
}

// localTime is a moment as people read it.
func localTime(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// counted is a number of things: «1 entry», «2 entries».
func counted(n int64, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}
