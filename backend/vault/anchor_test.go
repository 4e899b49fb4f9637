package vault_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/vault"
)

func (p *place) mustAnchor() *vault.Anchor {
	p.t.Helper()
	anchor, err := p.vault().Anchor()
	if err != nil {
		p.t.Fatal("anchor:", err)
	}
	return anchor
}

func TestMarksOnlyGrow(t *testing.T) {
	t.Parallel()
	for _, kind := range []vault.Kind{vault.InKeychain, vault.File} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, kind)
			_, err := p.vault().Anchor()
			wantState(t, "anchor before there is a key", err, vault.None)
			p.mustEnsure()
			a := p.mustAnchor()
			if m, err := a.Read(t.Context(), vault.LogHead); err != nil || m.Count != 0 || m.Head != nil {
				t.Errorf("at first: %+v, %v", m, err)
			}
			head := bytes.Repeat([]byte{0xff}, 32)
			to := vault.Mark{Count: 1 << 60, Head: head}
			for range 2 { // to where it stands is no error
				if err := a.Advance(t.Context(), vault.LogHead, to); err != nil {
					t.Fatal(err)
				}
			}
			for name, back := range map[string]vault.Mark{
				"back": {Count: 1<<60 - 1, Head: head}, "to nothing": {}, "elsewhere": {Count: 1 << 60, Head: head[1:]},
			} {
				if err := a.Advance(t.Context(), vault.LogHead, back); !errors.Is(err, vault.ErrBehind) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if err := a.Advance(t.Context(), vault.LogHead, vault.Mark{Count: 1 << 61, Head: make([]byte, 65)}); err == nil {
				t.Error("a head of 65 bytes was taken")
			}
			p.must(a.Advance(t.Context(), vault.Epoch, vault.Mark{Count: 3}))
			again := p.mustAnchor()
			if m, err := again.Read(t.Context(), vault.LogHead); err != nil || m.Count != 1<<60 || !bytes.Equal(m.Head, head) {
				t.Errorf("after a restart: %+v, %v", m, err)
			}
			if m, err := again.Read(t.Context(), vault.Epoch); err != nil || m.Count != 3 {
				t.Errorf("the epoch: %+v, %v", m, err)
			}
		})
	}
}

// What is copied with the database must not take the marks along, and what lies
// outside must not be shared by two databases.
func TestOlderCopyOfTheDataDirectoryDoesNotWindMarksBack(t *testing.T) {
	t.Parallel()
	for _, kind := range []vault.Kind{vault.InKeychain, vault.File} {
		p := newPlace(t, kind)
		p.mustEnsure()
		p.must(p.mustAnchor().Advance(t.Context(), vault.Epoch, vault.Mark{Count: 1}))
		copied := filepath.Join(t.TempDir(), "copy")
		p.must(os.CopyFS(copied, os.DirFS(p.Dir)))
		p.must(os.Chmod(filepath.Join(copied, vault.LabelName), 0o600))
		p.must(p.mustAnchor().Advance(t.Context(), vault.Epoch, vault.Mark{Count: 2}))
		back := *p
		back.Dir = copied
		if m, err := back.mustAnchor().Read(t.Context(), vault.Epoch); err != nil || m.Count != 2 {
			t.Errorf("%s: the copy reads %+v, %v", kind, m, err)
		}
		other := *p
		other.Dir = filepath.Join(t.TempDir(), "other")
		other.mustEnsure()
		if m, err := other.mustAnchor().Read(t.Context(), vault.Epoch); err != nil || m.Count != 0 {
			t.Errorf("%s: another database reads %+v, %v", kind, m, err)
		}
	}
}

func TestMarkThatIsMissingOrAnotherIsNoticed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(entries map[string]string, epoch, log string)
		want   vault.State
	}{
		"removed":                {func(e map[string]string, epoch, _ string) { delete(e, epoch) }, vault.Gone},
		"emptied":                {func(e map[string]string, epoch, _ string) { e[epoch] = "" }, vault.Wrong},
		"cut":                    {func(e map[string]string, epoch, _ string) { e[epoch] = e[epoch][:9] }, vault.Wrong},
		"another mark's content": {func(e map[string]string, epoch, log string) { e[epoch] = e[log] }, vault.Wrong},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, vault.InKeychain)
			p.mustEnsure()
			var epoch, log string
			for entry := range p.keychain.all() {
				switch {
				case strings.Contains(entry, "/epoch "):
					epoch = entry
				case strings.Contains(entry, "/log "):
					log = entry
				}
			}
			p.keychain.set(func(fake *chain) { c.change(fake.entries, epoch, log) })
			_, err := p.mustAnchor().Read(t.Context(), vault.Epoch)
			wantState(t, "read", err, c.want)
			wantState(t, "advance", p.mustAnchor().Advance(t.Context(), vault.Epoch, vault.Mark{Count: 9}), c.want)
		})
	}
}

func TestMarkThatWasNotStoredIsAnError(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.InKeychain)
	p.mustEnsure()
	p.keychain.set(func(c *chain) { c.drops = true })
	wantState(t, "advance", p.mustAnchor().Advance(t.Context(), vault.Epoch, vault.Mark{Count: 1}), vault.Unavailable)
}
