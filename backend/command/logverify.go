package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
	"github.com/dingpass/dingpass/backend/vault"
)

func logVerifyCommand() command {
	return command{
		name:    "log verify",
		summary: "whether the sign-in log is as it was written",
		example: "dingpass log verify\ndingpass log verify --json",
		options: []option{jsonFlag("one JSON object"), settingsFlags},
		run:     runLogVerify,
	}
}

// verifyResult is the JSON of «log verify --json».
type verifyResult struct {
	Sound   bool   `json:"sound"`
	Message string `json:"message"`
	signlog.Report
}

// errLogUnsound makes the exit code. The words have been said.
var errLogUnsound = errors.New("the sign-in log is not as it was written")

func runLogVerify(ctx context.Context, p *Program, line *line) error {
	report, err := p.verifyLog(ctx, line)
	if err != nil {
		return p.failed(line, err)
	}
	words := verdictOnLog(p.language(line), report)
	if line.json() {
		err = p.result(verifyResult{report.Sound(), words[0], report})
	} else {
		_, err = fmt.Fprintln(p.Stdout, strings.Join(words, "\n"))
	}
	if err != nil || report.Sound() {
		return err
	}
	return told{login.Fail(login.StoreUnavailable, errLogUnsound)}
}

func (p *Program) verifyLog(ctx context.Context, line *line) (signlog.Report, error) {
	settings, err := p.settings(line)
	if err != nil {
		return signlog.Report{}, err
	}
	options, _ := p.databaseOf(settings, true)
	db, err := p.openToRead(ctx, settings)
	if login.CodeOf(err) == login.NotSignedIn {
		return noLog(ctx, options)
	}
	if err != nil {
		return signlog.Report{}, err
	}
	defer func() { _ = db.Close() }() // read only: nothing can be lost
	return db.VerifyLog(ctx)
}

// noLog is the report where there is no database: a log without entries, which
// is wrong where the head outside knows of some.
func noLog(ctx context.Context, options store.Options) (signlog.Report, error) {
	var keys []signlog.Key
	found, err := options.Unlock(ctx, false)
	if err == nil {
		options.Unlocked(found)
		keys, err = options.LogKeys()
	}
	if err != nil && vault.StateOf(err) != vault.None { // without a key there was no log
		return signlog.Report{}, err
	}
	head, err := store.HeadOf(ctx, options.Anchor)
	if err != nil {
		return signlog.Report{}, err
	}
	return signlog.NewVerifier(signlog.NewChain(keys...), head, nil).Report(), nil
}
