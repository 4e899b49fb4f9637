package command

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dingpass/dingpass/backend/clock"
	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
	"github.com/dingpass/dingpass/backend/vault"
	"github.com/dingpass/dingpass/backend/words"
)

// keys are a vault's for the database.
type keys struct{ *vault.Keys }

var _ store.Keys = keys{}

// Sealer seals with the current key, in one epoch of the database.
func (k keys) Sealer(epoch uint64) store.Sealer { return k.Keys.Sealer(epoch) }

// With are these keys and one that the vault has given up.
func (k keys) With(id string, former secret.Text) (store.Keys, error) {
	with, err := k.Keys.With(id, former)
	return keys{with}, err
}

// ring finds the keys of a database, and has them for all who need them.
type ring struct {
	vault *vault.Vault

	mu   sync.Mutex
	keys *vault.Keys // nil until they are found
}

// unlockToWrite gives the database its keys, and makes one where there never
// was any: for commands that sign people in.
func (r *ring) unlockToWrite(ctx context.Context, sealed bool) (store.Keys, error) {
	return found(r.vault.Ensure(ctx, sealed))
}

// unlockToRead gives the database its keys and makes none: for commands that
// only tell.
func (r *ring) unlockToRead(ctx context.Context, _ bool) (store.Keys, error) {
	return found(r.vault.Open(ctx))
}

func found(found *vault.Keys, err error) (store.Keys, error) {
	if err != nil {
		return nil, err
	}
	return keys{found}, nil
}

// unlocked takes the keys over once they are complete: the database has what is
// left of those that the vault has given up.
func (r *ring) unlocked(found store.Keys) {
	all, ok := found.(keys)
	if !ok {
		return // they are nobody else's
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = all.Keys
}

// errNoKeysYet is what is asked of a ring before it has keys.
var errNoKeysYet = login.Fail(login.KeyUnavailable, errors.New("no key was found"))

// present are the keys; an error where there are none.
func (r *ring) present() (*vault.Keys, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys == nil {
		return nil, errNoKeysYet
	}
	return r.keys, nil
}

// logKeys are the keys that link the sign-in log.
func (r *ring) logKeys() (links []signlog.Key, err error) {
	keys, err := r.present()
	if err != nil {
		return nil, err
	}
	for _, id := range keys.IDs() {
		link, err := keys.Key(id, vault.LogChain)
		if err != nil {
			return nil, err
		}
		links = append(links, signlog.Key{ID: id, Secret: link})
	}
	return links, nil
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

// database is an open database with what stands on the same key.
type database struct {
	*store.Store
	ring     *ring
	clock    *clock.Clock
	log      *slog.Logger
	patience time.Duration // of the program
}

// databaseOf is how the database of these settings is opened: with the keys of
// its vault, and the head of its sign-in log beside them. Nothing is made where
// it is only to be read.
func (p *Program) databaseOf(settings config.Settings, readOnly bool) (store.Options, *ring) {
	r := &ring{vault: p.vault(settings, p.askPassphrase(settings))}
	o := store.Options{
		Dir: settings.DataDir, ReadOnly: readOnly, Unlock: r.unlockToWrite, Unlocked: r.unlocked,
		LogKeys: r.logKeys, Anchor: logHead{r.vault}, Log: p.log(),
	}
	if readOnly {
		o.Unlock = r.unlockToRead
	}
	return o, r
}

// openToRead opens the database for a command that only tells.
func (p *Program) openToRead(ctx context.Context, settings config.Settings) (*database, error) {
	return p.openDatabase(ctx, settings, true)
}

// openToWrite opens the database for a command that changes it.
func (p *Program) openToWrite(ctx context.Context, settings config.Settings) (*database, error) {
	return p.openDatabase(ctx, settings, false)
}

func (p *Program) openDatabase(ctx context.Context, settings config.Settings, readOnly bool) (*database, error) {
	o, r := p.databaseOf(settings, readOnly)
	return p.openAs(ctx, o, r)
}

// openAs opens a database as it was made out, with its clock.
func (p *Program) openAs(ctx context.Context, o store.Options, r *ring) (*database, error) {
	var told atomic.Pointer[clock.Clock] // which needs the database itself
	o.Moment = func() identity.Moment {
		if trusted := told.Load(); trusted != nil {
			return trusted.Now()
		}
		return identity.Moment{Now: time.Now().UTC()}
	}
	db, err := store.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	trusted, err := clock.New(ctx, db, clock.Read, p.log())
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	told.Store(trusted)
	return &database{db, r, trusted, o.Log, p.patience}, nil
}
