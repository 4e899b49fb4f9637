package command

import (
	"context"
	"errors"

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
	settings, err := p.settings(line)
	if err != nil {
		return err
	}
	lock, err := store.LockApp(settings.DataDir)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }() // the lock dies with the process anyway
	c, err := p.startCore(ctx, settings, coreOptions{canRetry: true})
	if err != nil {
		return err
	}
	return errors.Join(p.open(ctx, c), c.close())
}

// open shows the app until the person closes it. Where nobody is signed in the
// QR comes at once: that is what the app was opened for.
func (p *Program) open(ctx context.Context, c *core) error {
	if c.service.Snapshot().Record == nil {
		if err := c.service.Begin(ctx, login.BeginOptions{}); err != nil {
			return err
		}
	}
	stage := p.raise(ctx, c, false)
	defer stage.lower()
	<-stage.closed
	return stage.failure(ctx)
}

// failure is why the stage closed, where that was not the person's doing.
func (s *stage) failure(ctx context.Context) error {
	if s.err == nil || ctx.Err() != nil {
		return nil
	}
	return login.Fail(login.Internal, s.err)
}
