package command

import (
	"context"
	"sync"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/vault"
)

// guard is the one guarded keychain of a program, so that one that hangs is
// known to everybody who would ask it.
type guard struct {
	once  sync.Once
	chain *vault.Chain
}

func (p *Program) keychain() *vault.Chain {
	p.chain.once.Do(func() {
		keychain := p.Keychain
		if keychain == nil {
			keychain = vault.SystemKeychain()
		}
		p.chain.chain = vault.NewChain(keychain)
	})
	return p.chain.chain
}

// settingsForSignIn are the settings for commands that sign in, with the
// keychain's client secret where there is no other.
func (p *Program) settingsForSignIn(ctx context.Context, line *line) (config.Settings, error) {
	src := p.sources(line)
	src.Kept = p.kept(ctx)
	return config.LoadForSignIn(src)
}

// kept looks client secrets up in the keychain. A machine without one has none
// in it.
func (p *Program) kept(ctx context.Context) func(clientID string) (secret.Text, error) {
	return func(clientID string) (secret.Text, error) {
		found, err := p.keptSecret(clientID).Get(ctx)
		if vault.StateOf(err) == vault.Unavailable {
			return secret.Text{}, nil
		}
		return found, err
	}
}

// keptSecret is where the keychain keeps an app's client secret.
func (p *Program) keptSecret(clientID string) vault.ClientSecret {
	return vault.ClientSecret{Chain: p.keychain(), ClientID: clientID}
}

// vault is where the key of the data folder is. Nobody is asked for a
// passphrase unless ask is given.
func (p *Program) vault(settings config.Settings, ask func(context.Context, bool) (secret.Text, error)) *vault.Vault {
	credentials, _ := p.Getenv("CREDENTIALS_DIRECTORY") // systemd.exec(5)
	return vault.New(vault.Options{
		Dir:         settings.DataDir,
		Source:      vault.Source{Kind: vault.Kind(settings.KeySource.Kind), Path: settings.KeySource.Path},
		Chain:       p.keychain(),
		Credentials: credentials,
		Ask:         ask,
	})
}
