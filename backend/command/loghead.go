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
	return signlog.Head{Length: int64(mark.Count), Link: mark.Head}, ofMark(err) //nolint:gosec // we have counted it ourselves
}

// ofMark is the error of a mark, as the store tells it apart: one that is gone, or
// none, was taken away; any other may be there again in a moment.
func ofMark(err error) error {
	if state := vault.StateOf(err); state == vault.Gone || state == vault.Wrong {
		return fmt.Errorf("%w: %w", store.ErrHeadGone, err)
	}
	return err
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
