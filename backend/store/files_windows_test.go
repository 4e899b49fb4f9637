package store_test

import "context"

var unixChildren map[string]func(ctx context.Context, dir, arg string) error
