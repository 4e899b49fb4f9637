package vault_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/dingpass/dingpass/backend/vault"
)

// Who finds the file of a key finds all of it, however early, and nothing is
// left beside it.
func TestAKeyFileIsNeverSeenHalf(t *testing.T) {
	t.Parallel()
	for range 50 {
		home := t.TempDir()
		path := filepath.Join(home, "key")
		made := make(chan error, 1)
		go func() {
			_, err := vault.New(vault.Options{Dir: t.TempDir(), Source: vault.Source{Kind: vault.File, Path: path}}).Ensure(t.Context(), false)
			made <- err
		}()
		var early []byte
		for len(early) == 0 {
			text, err := os.ReadFile(path)
			if errors.Is(err, fs.ErrNotExist) && len(made) == 0 {
				continue
			}
			if errors.Is(err, fs.ErrNotExist) { // it may have come between the two
				text, err = os.ReadFile(path)
			}
			if err != nil {
				t.Fatal(err)
			}
			if early = text; len(early) == 0 {
				t.Fatal("there is a key file without a key")
			}
		}
		if err := <-made; err != nil {
			t.Fatal(err)
		}
		whole, err := os.ReadFile(path)
		if err != nil || string(early) != string(whole) {
			t.Fatalf("seen %d bytes of %d, %v", len(early), len(whole), err)
		}
		if left, _ := filepath.Glob(filepath.Join(home, "*.new")); len(left) > 0 {
			t.Fatalf("left behind: %q", left)
		}
	}
}
