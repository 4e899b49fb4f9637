// Bare is package plain through the store's own driver, modernc.org/sqlite.
//
//	bare FILE ROWS SIZE
package main

import (
	"os"

	_ "modernc.org/sqlite"

	"github.com/dingpass/dingpass/build/bench/plain"
)

func main() {
	os.Exit(plain.Main("sqlite", "?_pragma=journal_mode(wal)&_pragma=synchronous(2)&_pragma=secure_delete(1)&_txlock=immediate")) //nolint:forbidigo // this is main
}
