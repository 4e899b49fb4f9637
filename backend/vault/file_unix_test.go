//go:build unix

package vault_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/vault"
)

func TestKeyFileThatIsNotOursAloneIsRefused(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("k1", 32)
	for name, c := range map[string]struct {
		spoil func(*place)
		want  string // in the detail
	}{
		"the group may read it": {func(p *place) { p.must(os.Chmod(p.Source.Path, 0o640)) }, "chmod 600 "},
		"others may write it":   {func(p *place) { p.must(os.Chmod(p.Source.Path, 0o602)) }, "chmod 600 "},
		"another user's":        {func(p *place) { p.must(os.Chown(p.Source.Path, os.Getuid()+1, -1)) }, "chown "},
		"a symbolic link":       {func(p *place) { p.replaceKey(func(path string) error { return os.Symlink(p.file("real", key), path) }) }, "symbolic link"},
		"a named pipe":          {func(p *place) { p.replaceKey(func(path string) error { return syscall.Mkfifo(path, 0o600) }) }, "regular file"},
		"a directory":           {func(p *place) { p.replaceKey(func(path string) error { return os.Mkdir(path, 0o700) }) }, "regular file"},
		"far too long":          {func(p *place) { p.put("key", strings.Repeat(key, 1000)) }, "cannot be used"},
		"in the data directory": {func(p *place) { p.Source.Path = filepath.Join(p.Dir, "key") }, "data directory"},
		"in it by another way": {func(p *place) {
			p.must(os.Symlink(p.Dir, p.Credentials+"/way"))
			p.Source.Path = p.Credentials + "/way/key"
		}, "data directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "another user's" && os.Getuid() != 0 {
				return // only root can give a file away
			}
			p := newPlace(t, vault.File)
			p.put("key", key)
			p.mustEnsure()
			c.spoil(p)
			for doing, do := range map[string]func() (*vault.Keys, error){
				"open":   func() (*vault.Keys, error) { return p.vault().Open(t.Context()) },
				"ensure": func() (*vault.Keys, error) { return p.vault().Ensure(t.Context(), true) },
			} {
				_, err := do()
				wantState(t, doing, err, vault.Unavailable)
				if detail := login.DetailOf(err); !strings.Contains(detail, c.want) {
					t.Errorf("%s: detail = %q, want %q", doing, detail, c.want)
				}
			}
		})
	}
}

func (p *place) replaceKey(with func(path string) error) {
	p.t.Helper()
	p.must(os.Remove(p.Source.Path))
	p.must(with(p.Source.Path))
}

func TestEveryFileIsForThisUserAlone(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.File)
	p.mustEnsure()
	if _, err := p.vault().Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.must(p.mustAnchor().Advance(t.Context(), vault.Epoch, vault.Mark{Count: 1}))
	for _, dir := range []string{p.Dir, p.Credentials} {
		for _, name := range names(t, dir) {
			if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
			}
		}
	}
}

// A disk that cannot be written keeps who is known, and says so to who would
// make a key (canonical/authd #1182).
func TestKeyFileInADirectoryThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.File)
	p.Source.Path = filepath.Join(p.Credentials, "none", "key")
	_, err := p.vault().Ensure(t.Context(), false)
	wantState(t, "ensure", err, vault.Unavailable)
	if detail := login.DetailOf(err); !strings.Contains(detail, p.Source.Path) {
		t.Errorf("detail = %q", detail)
	}
	_, err = p.vault().Open(t.Context())
	wantState(t, "open", err, vault.None)
}
