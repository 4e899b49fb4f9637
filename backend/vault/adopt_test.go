package vault_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dingpass/dingpass/backend/vault"
)

// in is the same vault for another data directory.
func (p *place) in(dir string) *place {
	other := *p
	other.Dir = dir
	return &other
}

func (p *place) emptyDir() *place {
	p.t.Helper()
	return p.in(filepath.Join(p.t.TempDir(), "data"))
}

// The label of a copy is of the moment of the copy; keys have come and gone since.
func TestALabelThatIsHereKnowsMoreThanTheCopys(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.File)
	first := p.mustEnsure()
	copied := filepath.Join(t.TempDir(), "copy.key.json")
	p.must(p.vault().CopyLabel(copied))
	second, err := p.vault().Rotate(t.Context())
	p.must(err)
	_, err = p.vault().Retire(t.Context(), first.Current())
	p.must(err)

	room := p.emptyDir()
	p.must(room.vault().TakeLabel(p.vault(), copied))
	if got := room.mustOpen().Current(); got != second.Current() {
		t.Errorf("key %s, want %s", got, second.Current())
	}
	elsewhere := p.emptyDir()
	p.must(elsewhere.vault().TakeLabel(p.emptyDir().vault(), copied))
	_, err = elsewhere.vault().Open(t.Context())
	wantState(t, "open by the copy's label alone", err, vault.Wrong)
}

func TestTakingALabel(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.File)
	p.mustEnsure()
	good := filepath.Join(t.TempDir(), "good")
	p.must(p.vault().CopyLabel(good))
	bad := filepath.Join(t.TempDir(), "bad")
	p.must(os.WriteFile(bad, []byte("{}"), 0o600))
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	damaged := p.emptyDir()
	p.must(os.Mkdir(damaged.Dir, 0o700))
	p.must(os.WriteFile(filepath.Join(damaged.Dir, vault.LabelName), []byte("{}"), 0o600))
	for name, c := range map[string]struct {
		here *place
		path string
		want vault.State
	}{
		"the copy's, where there is none here": {p.emptyDir(), good, ""},
		"the copy's, where ours is damaged":    {damaged, good, ""},
		"ours, where the copy has none":        {p, nowhere, ""},
		"ours, where the copy's is damaged":    {p, bad, ""},
		"neither":                              {p.emptyDir(), nowhere, vault.None},
		"a damaged one and none":               {p.emptyDir(), bad, vault.Wrong},
		"none and a damaged one":               {damaged, nowhere, vault.Wrong},
	} {
		err := p.emptyDir().vault().TakeLabel(c.here.vault(), c.path)
		if vault.StateOf(err) != c.want || (err == nil) != (c.want == "") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnAdoptedLabelLeavesTheOneOfBeforeWithItsDatabase(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.InKeychain)
	mine, theirs := p, p.emptyDir()
	was, next := mine.mustEnsure().Current(), theirs.mustEnsure().Current()
	kept := filepath.Join(t.TempDir(), "kept")
	p.must(mine.vault().AdoptLabel(t.Context(), theirs.vault(), kept))
	if got := mine.mustOpen().Current(); got != next {
		t.Errorf("key %s, want %s", got, next)
	}
	back := p.emptyDir()
	p.must(back.vault().TakeLabel(p.emptyDir().vault(), kept))
	if got := back.mustOpen().Current(); got != was {
		t.Errorf("the kept label opens %s, want %s", got, was)
	}
	p.must(mine.vault().AdoptLabel(t.Context(), p.emptyDir().vault(), "")) // nothing was ever sealed there
	if got := mine.mustOpen().Current(); got != next {
		t.Errorf("key %s, want %s still", got, next)
	}
}

// On another machine there is the key, and no mark.
func TestMarksAreMadeAnewWhereTheyAreMissing(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.File)
	p.mustEnsure()
	a := p.mustAnchor()
	p.must(a.Advance(t.Context(), vault.LogHead, vault.Mark{Count: 7}))
	p.must(a.Advance(t.Context(), vault.Epoch, vault.Mark{Count: 2}))
	mended := func(want bool) {
		t.Helper()
		if made, err := a.Mend(t.Context()); made != want || err != nil {
			t.Errorf("made %v, %v", made, err)
		}
	}
	mended(false)
	heads, err := filepath.Glob(p.Source.Path + ".log.*")
	if err != nil || len(heads) != 1 {
		t.Fatalf("%v, %v", heads, err)
	}
	for name, harm := range map[string]func() error{
		"gone": func() error { return os.Remove(heads[0]) },
		"none": func() error { return os.WriteFile(heads[0], []byte("{}"), 0o600) },
	} {
		if err := harm(); err != nil {
			t.Fatal(name, err)
		}
		mended(true)
		if m, err := a.Read(t.Context(), vault.LogHead); err != nil || m.Count != 0 {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
	if m, err := a.Read(t.Context(), vault.Epoch); err != nil || m.Count != 2 {
		t.Errorf("the other mark: %+v, %v", m, err)
	}
	mended(false)
}
