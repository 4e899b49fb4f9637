package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
	"github.com/dingpass/dingpass/backend/vault"
)

// logHead keeps the head of the sign-in log where the key is.
type logHead struct{ vault *vault.Vault }

var _ store.Anchor = logHead{}

// Read is the head that was kept last. Before the first key there is no log.
func (h logHead) Read(ctx context.Context) (signlog.Head, error) {
	anchor, err := h.anchor()
	if vault.StateOf(err) == vault.None {
		return signlog.Head{}, nil
	}
	if err != nil {
		return signlog.Head{}, err
	}
	mark, err := anchor.Read(ctx, vault.LogHead)
	if state := vault.StateOf(err); state == vault.Gone || state == vault.Wrong {
		err = fmt.Errorf("%w: %w", store.ErrHeadGone, err)
	}
	return signlog.Head{Length: int64(mark.Count), Link: mark.Head}, err //nolint:gosec // we have counted it ourselves
}

// Advance keeps a head.
func (h logHead) Advance(ctx context.Context, to signlog.Head) error {
	anchor, err := h.anchor()
	if err != nil {
		return err
	}
	return anchor.Advance(ctx, vault.LogHead, vault.Mark{Count: uint64(to.Length), Head: to.Link}) //nolint:gosec // a length
}

func (h logHead) anchor() (*vault.Anchor, error) {
	anchor, err := h.vault.Anchor()
	if errors.Is(err, vault.ErrNoAnchor) {
		return nil, store.ErrNoAnchor
	}
	return anchor, err
}
