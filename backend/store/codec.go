package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// A body is sealed as its values one after the other, after a byte that no JSON
// begins with: reading JSON took longer than finding the row. What is there as
// JSON, from before, is still read.
const (
	compact byte = 1
	lengths byte = 2 // and a person's has the lengths of the sign-in log
	present      = lengths
)

// fields walks through the values of a body: it writes them, or reads them in
// the same order, so that the two cannot differ.
type fields struct {
	form    byte   // the first byte
	text    []byte // what is left to read, or was written
	whole   string // what is read: strings are parts of it, which is one allocation in place of a dozen
	reading bool
	short   bool // there was less to read than there should be
}

// write returns what walk writes.
func write(walk func(*fields)) []byte {
	f := &fields{form: present, text: []byte{present}}
	walk(f)
	return f.text
}

// read has walk read a body, or reads it into old where it is JSON.
func read(text []byte, old any, walk func(*fields)) error {
	if len(text) == 0 || text[0] < compact || text[0] > present {
		return json.Unmarshal(text, old)
	}
	f := &fields{form: text[0], text: text[1:], whole: string(text), reading: true}
	walk(f)
	if f.short || len(f.text) > 0 {
		return fmt.Errorf("%w: a body does not end where it should", errDamaged)
	}
	return nil
}

func (f *fields) int(v *int64) {
	if !f.reading {
		f.text = binary.AppendVarint(f.text, *v)
		return
	}
	read, n := binary.Varint(f.text)
	if f.short = f.short || n <= 0; !f.short {
		*v, f.text = read, f.text[n:]
	}
}

func (f *fields) string(v *string) {
	n := int64(len(*v))
	f.int(&n)
	if !f.reading {
		f.text = append(f.text, *v...)
		return
	}
	if f.short = f.short || n < 0 || n > int64(len(f.text)); !f.short {
		at := int64(len(f.whole) - len(f.text))
		*v, f.text = f.whole[at:at+n], f.text[n:]
	}
}

func (f *fields) bool(v *bool) {
	var n int64
	if *v {
		n = 1
	}
	f.int(&n)
	*v = n == 1
}

// ints tells none from an empty list, as JSON does.
func (f *fields) ints(v *[]int64) {
	n := int64(len(*v))
	if *v == nil {
		n = -1
	}
	f.int(&n)
	if f.reading {
		if f.short = f.short || n > int64(len(f.text)); f.short || n < 0 { // each has one byte at least
			return
		}
		*v = make([]int64, n)
	}
	for i := range *v {
		f.int(&(*v)[i])
	}
}

// fields are all values of a body. A new one comes last and under another first
// byte, as rows without it are there.
func (b *body) fields(f *fields) {
	id := &b.Identity
	for _, text := range []*string{
		&id.CorpID, &id.UserID, &id.UnionID, &id.OpenID, &id.Name, &id.Nick, &id.Avatar, &id.Mobile, &id.State,
		&id.Email, &id.OrgEmail, &id.JobNo, &id.Title,
	} {
		f.string(text)
	}
	f.ints(&id.Departments)
	f.bool(&id.Admin)
	f.bool(&id.Boss)
	f.bool(&id.Active)
	f.int(&b.VerifiedAt)
	f.string((*string)(&b.Refused))
	if f.form >= lengths {
		f.int(&b.Log.SignedIn)
		f.int(&b.Log.Answered)
	}
}

func (b *tallyBody) fields(f *fields) {
	f.string(&b.Of)
	f.int(&b.Failed)
	f.int(&b.Last)
	f.int(&b.Uses)
}
