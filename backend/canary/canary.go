// Package canary finds private values where none may be: in pages, in what a
// program says, and in every file that it leaves. It is for tests only, and
// imports nothing of the product, so that it does not share its mistakes.
//
// A value counts as found in any form that a reader could turn back without a
// key (see Forms): as text of any width, reversed, in another case, in hex,
// base64, percent or JSON escapes, as a number, as its plain digest, and any of
// these inside of a gzip or zlib stream. What takes a key to read, and what is
// scattered bit by bit, it does not find.
//
//	search, err := canary.For(map[string]string{"mobile": "13987654321"})
//	found, err := search.Files(dataDir) // such as "dingpass.db-wal: mobile as hex"
package canary

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// shortest is how many bytes a form has at least. A shorter one turns up in
// sealed data by chance: six bytes do so once in 256⁶ places.
const shortest = 6

// Search looks for some values. It may be used by several goroutines.
type Search struct{ forms []sought }

type sought struct {
	what string // the value's name and that of the form
	text []byte
}

// For makes a search for values by their names. A value of less than six bytes
// is an error: it would be found everywhere.
func For(values map[string]string) (*Search, error) {
	s := &Search{}
	for name, value := range values {
		if len(value) < shortest {
			return nil, fmt.Errorf("the %s is too short to be looked for", name)
		}
		for form, text := range Forms(value) {
			if len(text) >= shortest {
				s.forms = append(s.forms, sought{name + " as " + form, text})
			}
		}
	}
	return s, nil
}

// In names what is in a text: each value once for each of its forms, in order.
func (s *Search) In(text []byte) []string {
	var found []string
	look := func(text []byte, where string) {
		for _, f := range s.forms {
			if bytes.Contains(text, f.text) {
				found = append(found, f.what+where)
			}
		}
	}
	look(text, "")
	for _, inside := range inflated(text) {
		look(inside, ", compressed")
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// Files names what is in the files under a folder, and in their names. A file
// that goes meanwhile is not there.
func (s *Search) Files(root string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return unlessGone(err, path != root)
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		for _, what := range s.In([]byte(name)) {
			found = append(found, "the name of "+name+": "+what)
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(path) //nolint:gosec // the test names the folder
		if err != nil {
			return unlessGone(err, true)
		}
		for _, what := range s.In(content) {
			found = append(found, name+": "+what)
		}
		return nil
	})
	return found, err
}

func unlessGone(err error, mayGo bool) error {
	if mayGo && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
