package vault

import "context"

// shelf is a place outside the data directory that keeps small texts by name.
// [Chain] is one, keyFile the other.
type shelf interface {
	// read returns a text; errNothing where there is none.
	read(ctx context.Context, name string) (string, error)

	// write stores a text. When it returns nil, the text was read back and is
	// there after a power cut.
	write(ctx context.Context, name, text string) error

	// erase removes a text; that there is none is no error.
	erase(ctx context.Context, name string) error
}

var (
	_ shelf = (*Chain)(nil)
	_ shelf = keyFile{}
)
