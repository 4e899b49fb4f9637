package command

import (
	"context"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/store"
	"github.com/dingpass/dingpass/backend/vault"
)

// keys are a vault's for the database.
type keys struct{ *vault.Keys }

var _ store.Keys = keys{}

// Sealer seals with the current key, in one epoch of the database.
func (k keys) Sealer(epoch uint64) store.Sealer { return k.Keys.Sealer(epoch) }

// unlockToWrite gives the database its keys, and makes one where there never
// was any: for commands that sign people in.
func unlockToWrite(v *vault.Vault) store.Unlock {
	return func(ctx context.Context, sealed bool) (store.Keys, error) {
		found, err := v.Ensure(ctx, sealed)
		if err != nil {
			return nil, err
		}
		return keys{found}, nil
	}
}

// unlockToRead gives the database its keys and makes none: for commands that
// only tell.
func unlockToRead(v *vault.Vault) store.Unlock {
	return func(ctx context.Context, _ bool) (store.Keys, error) {
		found, err := v.Open(ctx)
		if err != nil {
			return nil, err
		}
		return keys{found}, nil
	}
}

// openToRead opens the database for a command that only tells.
func (p *Program) openToRead(ctx context.Context, settings config.Settings) (*store.Store, error) {
	v := p.vault(settings, p.askPassphrase(settings))
	return store.Open(ctx, store.Options{Dir: settings.DataDir, ReadOnly: true, Unlock: unlockToRead(v), Log: p.log()})
}

// openToWrite opens the database for a command that changes it.
func (p *Program) openToWrite(ctx context.Context, settings config.Settings) (*store.Store, error) {
	v := p.vault(settings, p.askPassphrase(settings))
	return store.Open(ctx, store.Options{Dir: settings.DataDir, Unlock: unlockToWrite(v), Log: p.log()})
}
