package command

import (
	"context"
	"errors"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
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
	db, err := p.openToWrite(ctx, settings)
	if err != nil {
		return p.failed(line, err)
	}
	if err := errors.Join(forgetCurrent(ctx, db), db.Close()); err != nil {
		return p.failed(line, err)
	}
	if line.json() {
		return p.result(map[string]string{"event": "signed_out"})
	}
	p.say("signed out")
	return nil
}

// forgetCurrent forgets who is signed in; that nobody is, is no error.
func forgetCurrent(ctx context.Context, db *database) error {
	rec, err := db.Current(ctx)
	switch login.CodeOf(err) {
	case "":
		return db.Forget(ctx, rec.Identity)
	case login.NotSignedIn:
		return nil
	case login.KeyUnavailable: // nobody can tell who it is, and they are signed out all the same
		return db.Forget(ctx, identity.Identity{})
	}
	return err
}
