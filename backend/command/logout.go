package command

import (
	"context"
	"errors"

	"github.com/dingpass/dingpass/backend/store"
)

func logoutCommand() command {
	return command{
		name:    "logout",
		summary: "forget the current identity",
		example: "dingpass logout",
		options: []option{jsonFlag("one JSON object"), settingsFlags},
		run:     runLogout,
	}
}

func runLogout(ctx context.Context, p *Program, line *line) error {
	settings, err := p.settings(line)
	if err != nil {
		return p.failed(line, err)
	}
	db, err := store.Open(ctx, store.Options{Dir: settings.DataDir, Log: p.log(settings)})
	if err != nil {
		return p.failed(line, err)
	}
	if err := errors.Join(db.Forget(ctx), db.Close()); err != nil {
		return p.failed(line, err)
	}
	if line.json() {
		return p.result(map[string]string{"event": "signed_out"})
	}
	p.say("signed out")
	return nil
}
