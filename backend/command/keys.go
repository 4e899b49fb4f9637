package command

import (
	"context"

	"github.com/dingpass/dingpass/backend/clock"
	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/store"
	"github.com/dingpass/dingpass/backend/vault"
	"github.com/dingpass/dingpass/backend/words"
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

// askPassphrase asks whoever sits at the terminal for the passphrase of the
// database. Where nobody does, nobody is asked.
func (p *Program) askPassphrase(settings config.Settings) func(context.Context, bool) (secret.Text, error) {
	if !p.atTerminal() {
		return nil
	}
	prompts := []string{"Passphrase of the identity cache: ", "The same passphrase once more: "}
	if settings.Language == words.Chinese {
		prompts = []string{"身份缓存的口令：", "再输入一次口令："}
	}
	return func(ctx context.Context, fresh bool) (secret.Text, error) {
		text, err := p.typed(ctx, prompts[0])
		if err != nil || !fresh {
			return secret.New(text), err
		}
		again, err := p.typed(ctx, prompts[1])
		if err == nil && again != text {
			err = usage("the two passphrases are not the same")
		}
		return secret.New(text), err
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

// trusted is the time by which verdicts are made.
func (p *Program) trusted(ctx context.Context, db *store.Store) (identity.Moment, error) {
	trusted, err := clock.New(ctx, db, clock.Read, p.log())
	if err != nil {
		return identity.Moment{}, err
	}
	return trusted.Now(), nil
}
