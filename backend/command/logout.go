package command

import (
	"context"
	"errors"

	"github.com/dingpass/dingpass/backend/login"
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
	db, err := store.Open(ctx, p.databaseOf(settings))
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
func forgetCurrent(ctx context.Context, db *store.Store) error {
	rec, err := db.Current(ctx)
	switch login.CodeOf(err) {
	case "":
		return db.Forget(ctx, rec.Identity)
	case login.NotSignedIn:
		return nil
	}
	return err
}
