// Mattn is package plain through github.com/mattn/go-sqlite3, which is SQLite's
// own C code. It is a module of its own, so that nothing of it reaches the
// product's go.mod; it needs a C compiler.
//
//	mattn FILE ROWS SIZE
package main

import (
	"os"

	_ "github.com/mattn/go-sqlite3"

	"github.com/dingpass/dingpass/build/bench/plain"
)

func main() {
	os.Exit(plain.Main("sqlite3", "?_journal_mode=WAL&_synchronous=2&_secure_delete=1&_txlock=immediate")) //nolint:forbidigo // this is main
}
