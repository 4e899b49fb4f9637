package store

// Everything personal passes through a sealer on its way into the database and
// out of it, and nothing else does. The one of an open database is its
// [keyring].

// place is where a sealed value lives. Row is made of lookup keys, so a place
// itself says nothing personal.
type place struct{ table, row, column string }

// sealer hides personal values. Key id and epoch are its own affair. Without a
// key, sealing and opening fail with key_unavailable, and nothing is found.
type sealer interface {
	// seal hides a value that is to live at a place.
	seal(at place, plain []byte) ([]byte, error)

	// open is its reverse. A value that was not sealed for this place is an
	// error that wraps errDamaged.
	open(at place, sealed []byte) ([]byte, error)

	// lookup turns a value that rows are found by into what the column holds:
	// the same for the same column and value, and not to be turned back. An
	// empty value has none.
	lookup(column, value string) []byte

	// lookups are what lookup gives, and after it, while people are sealed anew,
	// what it gave under the keys that some are left under. See [Store.under].
	lookups(column, value string) [][]byte
}
