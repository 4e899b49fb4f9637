// The other SQLite driver, apart from the product so that nothing of it reaches
// its go.mod. Used by «make bench».
module github.com/dingpass/dingpass/build/bench/mattn

go 1.26.0

require (
	github.com/dingpass/dingpass v0.0.0
	github.com/mattn/go-sqlite3 v1.14.24
)

replace github.com/dingpass/dingpass => ../../..
