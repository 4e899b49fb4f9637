package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
)

func (k *keys) wantEpoch(want uint64) {
	k.t.Helper()
	if got, err := (outside{k.vault}).Epoch(k.t.Context()); err != nil || got != want {
		k.t.Errorf("the epoch outside = %d, %v, want %d", got, err, want)
	}
}

// putAside copies a closed database, and back puts it in its place again.
func putAside(t *testing.T, dir string) (back func()) {
	t.Helper()
	path := filepath.Join(dir, "dingpass.db")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheEpochOutsideFollowsEachKey(t *testing.T) {
	t.Parallel()
	k := newKeys(t, dataDir(t))
	for n := range 3 {
		s := openAs(t, k.options())
		if n > 0 {
			k.rotate(s)
		}
		mustClose(t, s)
		k.wantEpoch(uint64(n + 1))
	}
	s := openAs(t, k.options())
	if got := s.Standing(t.Context()); got.State != store.Sound {
		t.Errorf("standing = %+v", got)
	}
}

// A copy from before a rotation, with a log as long as now: the head of the log
// says nothing of it.
func TestAnOlderCopyIsStaleWhereItsLogSaysNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		events  int
		retired bool // the vault has given the key of the copy up
		gone    bool // there is no copy: the file was removed
	}{
		"an empty log":                  {},
		"a log as long as now":          {events: 3},
		"its key was given up":          {retired: true},
		"the file was removed":          {gone: true},
		"so, with a key that was first": {gone: true, retired: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKeys(t, dataDir(t))
			s := openAs(t, k.options())
			note(t, s, 1, c.events)
			mustClose(t, s)
			back := putAside(t, k.dir)
			s = openAs(t, k.options())
			k.rotate(s)
			if c.retired {
				mustRetire(t, k, s)
			}
			mustClose(t, s)
			k.wantEpoch(2)
			if back(); c.gone {
				if err := os.Remove(filepath.Join(k.dir, "dingpass.db")); err != nil {
					t.Fatal(err)
				}
			} else {
				o := k.options()
				o.ReadOnly = true
				if got := openAs(t, o).Standing(t.Context()); got.State != store.Stale {
					t.Errorf("standing of who only reads = %+v", got)
				}
			}

			s = openAs(t, k.options())
			if got := s.Standing(t.Context()); got.State != store.Stale || !got.Distrusts(identity.Record{}) {
				t.Errorf("standing = %+v", got)
			}
			mustClose(t, s)
			k.wantEpoch(3)

			s = openAs(t, k.options()) // a restart does not wash it off
			got := s.Standing(t.Context())
			if !got.Distrusts(identity.Record{}) || got.Distrusts(identity.Record{Log: identity.LogLengths{SignedIn: got.Cut}}) {
				t.Errorf("standing after a restart = %+v", got)
			}
			if all := entries(t, s); len(all) != c.events+1 || all[c.events].Event != signlog.LogCut {
				t.Errorf("entries = %+v", all)
			}
		})
	}
}

// The vault's keys were put back with the file: there is no later key to begin.
func TestAnOlderCopyIsToldOnceWhereItsKeyIsThePresentOne(t *testing.T) {
	t.Parallel()
	k := newKeys(t, dataDir(t))
	mustClose(t, openAs(t, k.options()))
	if err := (outside{k.vault}).AdvanceEpoch(t.Context(), 5); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		s := openAs(t, k.options())
		if got := s.Standing(t.Context()); (got.State == store.Stale) != (n == 0) || !got.Distrusts(identity.Record{}) {
			t.Errorf("standing of start %d = %+v", n, got)
		}
		mustClose(t, s)
	}
	s := openAs(t, k.options())
	if all := entries(t, s); len(all) != 1 || all[0].Event != signlog.LogCut {
		t.Errorf("entries = %+v", all)
	}
	k.rotate(s)
	mustClose(t, s)
	k.wantEpoch(6)
}

// Killed when the older copy had begun its key and nothing was said of it yet.
func TestAnOlderCopyIsStaleAfterACrash(t *testing.T) {
	t.Parallel()
	k := newKeys(t, dataDir(t))
	mustClose(t, openAs(t, k.options()))
	back := putAside(t, k.dir)
	s := openAs(t, k.options())
	k.rotate(s)
	mustClose(t, s)
	back()
	o := k.options()
	o.Anchor = readsEpoch{outside{k.vault}}
	mustClose(t, openAs(t, o))
	if got := openAs(t, k.options()).Standing(t.Context()); got.State != store.Stale {
		t.Errorf("standing = %+v", got)
	}
}

// readsEpoch is an anchor as of a process that is killed before it looks.
type readsEpoch struct{ outside }

func (readsEpoch) Read(context.Context) (signlog.Head, error) {
	return signlog.Head{}, errors.New("killed before this")
}

// Killed between the begin of a key and the epoch outside: nothing is older.
func TestAKeyThatIsAheadOfTheEpochOutsideIsSound(t *testing.T) {
	t.Parallel()
	o, outside := anchored(t)
	mustClose(t, openAs(t, o))
	if outside.epoch != 1 {
		t.Fatalf("epoch outside = %d", outside.epoch)
	}
	outside.epoch = 0
	s := openAs(t, o)
	if got := s.Standing(t.Context()); got.State != store.Sound {
		t.Errorf("standing = %+v", got)
	}
	mustClose(t, s)
	if outside.epoch != 1 {
		t.Errorf("epoch outside = %d, want it to be brought up", outside.epoch)
	}
}
