package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/store"
)

func TestRelativeDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	_, err := store.Open(t.Context(), store.Options{Unlock: store.Plain, Dir: "data"})
	wantCode(t, err, login.StoreUnavailable)
}

func TestFileInPlaceOfTheDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), store.Options{Unlock: store.Plain, Dir: dir})
	wantCode(t, err, login.StoreUnavailable)
	_, err = store.LockApp(dir)
	wantCode(t, err, login.StoreUnavailable)
}

func TestDatabaseThatIsNoRegularFileIsRefused(t *testing.T) {
	t.Parallel()
	elsewhere := filepath.Join(t.TempDir(), "elsewhere.db")
	for name, plant := range map[string]func(path string) error{
		"a symbolic link":          func(path string) error { return os.Symlink(elsewhere, path) },
		"a symbolic link to a log": func(path string) error { return os.Symlink(elsewhere, path+"-wal") },
		"a directory":              func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := plant(filepath.Join(dir, "dingpass.db")); err != nil {
				t.Fatal(err)
			}
			_, err := store.Open(t.Context(), store.Options{Unlock: store.Plain, Dir: dir})
			wantCode(t, err, login.StoreUnavailable)
			if _, err := os.Stat(elsewhere); err == nil {
				t.Error("something was written through the link")
			}
		})
	}
}

// DevXDojo/MrRSS PR 261: a lock over the session bus did nothing.
func TestSecondAppIsToldThatOneIsRunning(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	cmd := command(t, "lock", dir, "")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close() }()
	other := start(t, cmd)
	if said := other.line(t); said != "locked" {
		t.Fatalf("the child said %q", said)
	}

	_, err = store.LockApp(dir)
	wantCode(t, err, login.StoreUnavailable)
	if !errors.Is(err, store.ErrRunning) || !strings.Contains(login.DetailOf(err), dir) {
		t.Errorf("error = %v, want ErrRunning with the directory", err)
	}
	mustKeep(t, mustOpen(t, dir), person()) // commands still work beside the app

	other.kill(t) // and its lock dies with it
	lock, err := store.LockApp(dir)
	if err != nil {
		t.Fatalf("lock after the other was killed: %v", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	lock, err = store.LockApp(dir)
	if err != nil {
		t.Fatalf("lock after close: %v", err)
	}
	_ = lock.Close()
}

func TestAllFilesAreThisUsersAlone(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // has no modes; a user's profile is closed to others by itself
	}
	dir := filepath.Join(t.TempDir(), "new", "data")
	mustKeep(t, mustOpen(t, dir), person())
	lock, err := store.LockApp(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	err = filepath.Walk(filepath.Dir(dir), func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
