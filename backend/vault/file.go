package vault

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dingpass/dingpass/backend/login"
)

// keyFile is the file of key_source = "file:PATH", and the files beside it that
// have its name and another ending. The name "" is the file itself.
type keyFile struct{ path string }

// longestFile is far above any record.
const longestFile = 16 << 10

func (f keyFile) named(name string) string {
	if name == "" {
		return f.path
	}
	return f.path + "." + strings.ReplaceAll(name, " ", ".")
}

func (f keyFile) read(_ context.Context, name string) (string, error) {
	content, err := readPrivate(f.named(name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", errNothing
	}
	if err != nil {
		return "", fileFailed(f.named(name), err)
	}
	return string(content), nil
}

// write replaces a file as a whole, or makes it.
func (f keyFile) write(ctx context.Context, name, text string) error {
	path := f.named(name)
	if err := replace(path, []byte(text)); err != nil {
		return fileFailed(path, err)
	}
	if back, err := f.read(ctx, name); err != nil || back != text {
		return fail(Unavailable, path+" is not what was just written", err)
	}
	return nil
}

func (f keyFile) erase(_ context.Context, name string) error {
	path := f.named(name)
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fileFailed(path, err)
	}
	return fileFailed(path, syncDir(filepath.Dir(path)))
}

// create makes the file itself where there is none, so that two databases that
// name one file share one key.
func (f keyFile) create(ctx context.Context, text string) error {
	err := makeWhole(f.path, []byte(text))
	if err == nil {
		err = syncDir(filepath.Dir(f.path))
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fileFailed(f.path, err)
	}
	if back, readErr := f.read(ctx, ""); readErr != nil || err == nil && back != text {
		return fail(Unavailable, f.path+" is not what was just written", readErr)
	}
	return nil
}

// unsafe is a file that is not ours to trust; its text is the detail.
type unsafe struct{ text string }

// Error is the detail.
func (u unsafe) Error() string { return u.text }

// fileFailed is an error about a file, for callers.
func fileFailed(path string, err error) error {
	var bad unsafe
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return login.Fail(login.Cancelled, err)
	case errors.As(err, &bad):
		return fail(Unavailable, bad.text, nil)
	case errors.Is(err, fs.ErrPermission):
		return fail(Unavailable, path+" or its directory cannot be used by this user: check owner and mode", err)
	}
	return fail(Unavailable, path+" cannot be used", err)
}

// readPrivate reads a small file that is this user's alone. What is checked is
// what was opened.
func readPrivate(path string) (content []byte, err error) {
	file, err := openPrivate(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, unsafe{path + " is not a regular file"}
	}
	if err := checkOwner(path, info); err != nil {
		return nil, err
	}
	return readSmall(file)
}

func readSmall(file io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(file, longestFile+1))
	if err == nil && len(content) > longestFile {
		err = errors.New("it is too long")
	}
	return content, err
}

// makeFile makes a file that is there after a power cut, once its directory is
// synced. What is there already is left alone.
func makeFile(path string, content []byte) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the administrator names it
	if err != nil {
		return err
	}
	_, err = io.Copy(file, bytes.NewReader(content))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(path)) // half a file would be taken for a broken one
	}
	return nil
}

// makeWhole is makeFile for a file that others look for, who must never see half
// of it, also after a kill: it gets its name when it is whole. A file system
// without links has to do with less.
func makeWhole(path string, content []byte) error {
	next := path + "." + rand.Text()[:8] + ".new" // of each process, as several may be about it
	if err := makeFile(next, content); err != nil {
		return err
	}
	err := os.Link(next, path)
	if gone := os.Remove(next); err == nil || errors.Is(err, fs.ErrExist) {
		return errors.Join(err, gone)
	}
	return makeFile(path, content)
}

// replace puts a new file in the place of an old one, so that a power cut
// leaves one of the two.
func replace(path string, content []byte) error {
	next := path + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a process that was killed
		return err
	}
	if err := makeFile(next, content); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return errors.Join(fmt.Errorf("replace: %w", err), os.Remove(next))
	}
	return syncDir(filepath.Dir(path))
}
