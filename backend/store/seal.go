package store

// Everything personal passes through a sealer on its way into the database and
// out of it, and nothing else does. Today's sealer, plain, changes nothing: the
// file's mode is what protects it. One that encrypts replaces it without
// another change here, for it is told all it needs: where a value lives, so
// that a value moved to another row or column does not open there.

// place is where a sealed value lives. Row is made of lookup keys, so a place
// itself says nothing personal.
type place struct{ table, row, column string }

// sealer hides personal values. Key id and epoch are its own affair.
type sealer interface {
	// seal hides a value that is to live at a place.
	seal(at place, plain []byte) ([]byte, error)

	// open is its reverse. A value that was not sealed for this place is an
	// error that wraps errDamaged.
	open(at place, sealed []byte) ([]byte, error)

	// lookup turns a value that rows are found by into what the column holds:
	// the same for the same column and value, and, for a sealer that hides, not
	// to be turned back. An empty value has none.
	lookup(column, value string) []byte
}

// plain is the sealer that hides nothing.
type plain struct{}

var _ sealer = plain{}

func (plain) seal(_ place, plain []byte) ([]byte, error)  { return plain, nil }
func (plain) open(_ place, sealed []byte) ([]byte, error) { return sealed, nil }

func (plain) lookup(_, value string) []byte {
	if value == "" {
		return nil
	}
	return []byte(value)
}
