package command

import (
	"context"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/store"
)

func appCommand() command {
	return command{
		name:    "",
		summary: "sign in with DingTalk's QR code; without a command, open the app",
		example: "dingpass\ndingpass demo",
		options: []option{settingsFlags},
		run:     runApp,
	}
}

func runApp(ctx context.Context, p *Program, line *line) error {
	settings, err := p.settingsForSignIn(ctx, line)
	if err != nil {
		return err
	}
	return p.app(ctx, settings, coreOptions{canRetry: true})
}

// app runs the app with these settings until the person closes it.
func (p *Program) app(ctx context.Context, settings config.Settings, opts coreOptions) error {
	lock, err := store.LockApp(settings.DataDir)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }() // the lock dies with the process anyway
	c, err := p.startCore(ctx, settings, opts)
	if err != nil {
		return err
	}
	defer c.close()
	if opts.demo { // each demonstration shows the sign-in
		if err := c.service.Forget(ctx); err != nil {
			return err
		}
	}
	return p.open(ctx, c)
}

// open shows the app until the person closes it. Where nobody is signed in, or
// the cache may not speak for them any more, the QR comes at once: that is what
// the app was opened for.
func (p *Program) open(ctx context.Context, c *core) error {
	rec, at := c.service.Snapshot().Record, c.clock.Now()
	if rec != nil && identity.Decide(*rec, c.policy, at).Answer == identity.Allow {
		c.clock.Relied(ctx, at)
	} else if err := c.service.Begin(ctx, login.BeginOptions{}); err != nil {
		return err
	}
	stage := p.raise(ctx, c, false)
	defer stage.lower()
	<-stage.closed
	return nil
}
