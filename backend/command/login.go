package command

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/words"
)

func loginCommand() command {
	return command{
		name:    "login",
		summary: "one sign-in; the result is on standard output",
		example: "dingpass login\ndingpass login --json --ui none --timeout 2m",
		options: []option{
			jsonFlag("one JSON object a line: open, phase, signed_in or failed"),
			{name: "timeout", value: login.DefaultLifetime, help: "give up after this `duration`"},
			settingsFlags,
		},
		run: runLogin,
	}
}

func runLogin(ctx context.Context, p *Program, line *line) error {
	r := &reporter{p: p, line: line, json: line.json()}
	settings, err := p.settingsForSignIn(ctx, line)
	timeout := line.duration("timeout")
	if timeout <= 0 {
		err = errors.Join(usage("--timeout must be longer than nothing, such as 5m"), err)
	}
	if err != nil {
		return r.failed(err)
	}
	c, err := p.startCore(ctx, settings, coreOptions{lifetime: timeout, until: time.Now().Add(timeout)})
	if err != nil {
		return r.failed(err)
	}
	defer c.close()
	return p.signIn(ctx, c, r)
}

// signIn runs one attempt before the person and reports its end.
func (p *Program) signIn(ctx context.Context, c *core, r *reporter) error {
	r.policy = c.policy
	// Followed from before the beginning: an attempt that is over at once has
	// waited all the same.
	next, stop := iter.Pull(c.service.Watch(context.Background())) // ends with the attempt, and every attempt ends
	defer stop()
	next()
	// Begun before the link is told: a program that opens it at once finds the
	// attempt waiting.
	if err := c.service.Begin(ctx, login.BeginOptions{}); err != nil {
		return r.failed(err)
	}
	if err := r.open(c.server.Link()); err != nil {
		return err
	}
	// A signal, or the window closed by hand, is a cancelled attempt: it ends
	// like any other, with its one last line.
	defer context.AfterFunc(ctx, c.service.Cancel)()
	if !r.json {
		p.say("%s", prompt(c.settings.Language))
	}
	stage := p.raise(ctx, c, r.json)
	defer stage.lower()
	stage.onClose(c.service.Cancel)

	snap, err := r.follow(next)
	if err != nil {
		return err
	}
	if snap.Phase == login.SignedIn {
		err = r.signedIn(*snap.Record, snap.Source)
	} else {
		err = r.failed(snap.Err)
	}
	stage.linger(ctx, snap)
	return err
}

// follow reports the phases of the attempt until it is over.
func (r *reporter) follow(next func() (login.Snapshot, bool)) (login.Snapshot, error) {
	for {
		snap, ok := next()
		if !ok {
			return snap, login.Fail(login.Internal, errors.New("the sign-in service ended before the attempt"))
		}
		if err := r.phase(snap.Phase); err != nil || snap.Phase.Over() {
			return snap, err
		}
	}
}

// tellSignedIn is the result for people.
func (p *Program) tellSignedIn(rec identity.Record) error {
	_, err := fmt.Fprintf(p.Stdout, "%s  %s\n", rec.Identity.DisplayName(), rec.Identity.Title)
	return err
}

// httpsHint says what to do about a browser that only speaks https.
func httpsHint(language string) string {
	if language == words.Chinese {
		return "浏览器改用了 https，打不开本机的页面。请把地址开头的 https:// 改成 http:// 再打开。"
	}
	return "A browser tried https and cannot show our page. Please open the same address with http:// in place of https://."
}

// prompt says what to do, in the person's language.
func prompt(language string) string {
	if language == words.Chinese {
		return "请用钉钉扫描二维码登录。"
	}
	return "Please scan the QR code with the DingTalk app."
}
