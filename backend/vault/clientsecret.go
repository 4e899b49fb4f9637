package vault

import (
	"context"
	"errors"

	"github.com/dingpass/dingpass/backend/secret"
)

// ClientSecret is an app's secret in the keychain.
type ClientSecret struct {
	Chain    *Chain
	ClientID string // the app's; each has an entry of its own
}

// Get returns the secret; an empty one where there is none.
func (c ClientSecret) Get(ctx context.Context) (secret.Text, error) {
	text, err := c.Chain.read(ctx, c.entry())
	if errors.Is(err, errNothing) {
		return secret.Text{}, nil
	}
	return secret.New(text), err
}

// Set stores the secret. Once it returns nil the secret has been read back.
func (c ClientSecret) Set(ctx context.Context, text secret.Text) error {
	return c.Chain.write(ctx, c.entry(), text.Reveal())
}

// Clear removes the secret; that there is none is no error.
func (c ClientSecret) Clear(ctx context.Context) error {
	return c.Chain.erase(ctx, c.entry())
}

func (c ClientSecret) entry() string { return "client secret " + c.ClientID }
