package command

import (
	"context"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/dingpass/dingpass/backend/login"
)

// longestTyped is far above any secret and any passphrase.
const longestTyped = 16 << 10

// typed reads a secret: a line from the terminal, which does not show it, or all
// of another standard input. The prompt is for the terminal.
func (p *Program) typed(ctx context.Context, prompt string) (string, error) {
	file, ok := p.terminal()
	if !ok {
		content, err := io.ReadAll(io.LimitReader(p.Stdin, longestTyped))
		if err != nil {
			return "", login.Fail(login.Internal, err)
		}
		return string(content), nil
	}
	return p.typedAt(ctx, int(file.Fd()), prompt)
}

// terminal is standard input where somebody types.
func (p *Program) terminal() (*os.File, bool) {
	file, ok := p.Stdin.(*os.File)
	return file, ok && term.IsTerminal(int(file.Fd()))
}

func (p *Program) atTerminal() bool {
	_, ok := p.terminal()
	return ok
}

// typedAt reads from a terminal. Ctrl-C there is a signal, and ends the context:
// the terminal shows what is typed again before the program ends. The read
// itself cannot be ended but by the process.
func (p *Program) typedAt(ctx context.Context, terminal int, prompt string) (string, error) {
	before, err := term.GetState(terminal)
	if err != nil {
		return "", login.Fail(login.Internal, err)
	}
	p.prompt(prompt)
	type line struct {
		text []byte
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := term.ReadPassword(terminal)
		read <- line{text, err}
	}()
	defer p.prompt("\n") // the person's own was not shown
	select {
	case l := <-read:
		if l.err != nil { // the end of the input
			return "", login.Fail(login.Cancelled, l.err)
		}
		return string(l.text), nil
	case <-ctx.Done():
		_ = term.Restore(terminal, before) // nobody is left to tell
		return "", login.Fail(login.Cancelled, ctx.Err())
	}
}

// prompt writes words for people without ending the line.
func (p *Program) prompt(text string) { _, _ = io.WriteString(p.Stderr, text) }
