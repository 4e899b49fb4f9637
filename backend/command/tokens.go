package command

import (
	"context"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/store"
)

// sharedTokens are shared with other processes through the database, from the
// moment on at which it has a key: somebody may unlock the keychain after the
// start. Until then nothing is shared, which is no failure, and each process
// fetches its own.
type sharedTokens struct {
	*store.Tokens
	locked func() error
}

var _ dingtalk.Keeper = sharedTokens{}

// Load is what the slot holds; nothing without a key.
func (t sharedTokens) Load(ctx context.Context, slot string) (secret.Text, error) {
	if t.locked() != nil {
		return secret.Text{}, nil
	}
	return t.Tokens.Load(ctx, slot)
}

// Save keeps a token. Without a key it keeps none: whoever fetched it has it.
func (t sharedTokens) Save(ctx context.Context, slot string, token secret.Text) error {
	if t.locked() != nil {
		return nil
	}
	return t.Tokens.Save(ctx, slot, token)
}
