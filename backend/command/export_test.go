package command

import (
	"context"
	"time"

	"github.com/dingpass/dingpass/backend/store"
	"github.com/dingpass/dingpass/backend/vault"
)

// OpenSealed opens a database as a command does, with its key in a file.
func OpenSealed(ctx context.Context, dir, key string) (*store.Store, error) {
	v := vault.New(vault.Options{Dir: dir, Source: vault.Source{Kind: vault.File, Path: key}})
	return store.Open(ctx, store.Options{Dir: dir, Unlock: (&ring{vault: v}).unlockToWrite})
}

// ExitCodeOf lets the tests hold every code against the contract.
var ExitCodeOf = exitCodeOf

// TransportBy is how DingTalk is reached by trusted time.
var TransportBy = transportBy

// Pace is how long the stage waits for people and pages.
type Pace struct{ ReadName, ReadProblem, ShownWithin, DesertedAfter time.Duration }

// SetPace makes the program as patient as a test needs it: no test waits for a
// clock.
func (p *Program) SetPace(to Pace) {
	p.pace = pace{to.ReadName, to.ReadProblem, to.ShownWithin, to.DesertedAfter}
}
