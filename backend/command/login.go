package command

import (
	"context"
	"errors"
	"fmt"
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
	settings, err := p.settings(line)
	if err != nil {
		return r.failed(err)
	}
	timeout := line.duration("timeout")
	if timeout <= 0 {
		return r.failed(usage("--timeout must be longer than nothing, such as 5m"))
	}
	c, err := p.startCore(ctx, settings, coreOptions{lifetime: timeout, until: time.Now().Add(timeout)})
	if err != nil {
		return r.failed(err)
	}
	return errors.Join(p.signIn(ctx, c, r), c.close())
}

// signIn runs one attempt before the person and reports its end.
func (p *Program) signIn(ctx context.Context, c *core, r *reporter) error {
	r.policy = c.policy
	if err := r.open(c.server.Link()); err != nil {
		return err
	}
	if err := c.service.Begin(ctx, login.BeginOptions{}); err != nil {
		return r.failed(err)
	}
	// A signal, or the window closed by hand, is a cancelled attempt: it ends
	// like any other, with its one last line.
	defer context.AfterFunc(ctx, c.service.Cancel)()
	if !r.json {
		p.say("%s", prompt(c.settings.Language))
	}
	stage := p.raise(ctx, c)
	defer stage.lower()
	go func() { // ends with the stage, which ends with this function
		<-stage.closed
		c.service.Cancel()
	}()

	snap, err := r.follow(c.service)
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
func (r *reporter) follow(service *login.Service) (login.Snapshot, error) {
	for snap := range service.Watch(context.Background()) { // ends with the attempt, and every attempt ends
		if snap.AttemptID == "" {
			continue // from before the attempt: somebody was signed in, or nobody
		}
		if err := r.phase(snap.Phase); err != nil {
			return snap, err
		}
		if snap.Phase.Over() {
			return snap, nil
		}
	}
	return login.Snapshot{}, login.Fail(login.Internal, errors.New("the sign-in service ended before the attempt"))
}

// tellSignedIn is the result for people.
func (p *Program) tellSignedIn(rec identity.Record) error {
	_, err := fmt.Fprintf(p.Stdout, "%s  %s\n", rec.Identity.DisplayName(), rec.Identity.Title)
	return err
}

// prompt says what to do, in the person's language.
func prompt(language string) string {
	if language == words.Chinese {
		return "请用钉钉扫描二维码登录。"
	}
	return "Please scan the QR code with the DingTalk app."
}
