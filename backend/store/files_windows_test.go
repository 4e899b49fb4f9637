package store_test

import (
	"context"
	"os"
)

var unixChildren map[string]func(ctx context.Context, dir, arg string) error

// peakOf is not told here.
func peakOf(*os.ProcessState) int64 { return 0 }
