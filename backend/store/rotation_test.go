package store_test

import (
	"context"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
	"github.com/dingpass/dingpass/backend/vault"
)

// rotate makes a new key and has a store seal everybody with it. It returns the
// id of the old one.
func (k *keys) rotate(s *store.Store) (old string) {
	k.t.Helper()
	before, err := k.vault.Open(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	if _, err := k.vault.Rotate(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
	if err := s.Unlock(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
	return before.Current()
}

// logged are options of a process with the vault's keys for log and database.
func (k *keys) logged(dir string) store.Options {
	var mu sync.Mutex
	var present *vault.Keys
	return store.Options{
		Dir: dir,
		Unlock: func(ctx context.Context, sealed bool) (store.Keys, error) {
			found, err := k.vault.Ensure(ctx, sealed)
			mu.Lock()
			defer mu.Unlock()
			present = found
			return forStore{found}, err
		},
		LogKeys: func() (links []signlog.Key, err error) {
			mu.Lock()
			defer mu.Unlock()
			for _, id := range present.IDs() {
				key, err := present.Key(id, vault.LogChain)
				if err != nil {
					return nil, err
				}
				links = append(links, signlog.Key{ID: id, Secret: key})
			}
			return links, nil
		},
	}
}

// Another process rotates, and this one finds the new key, between the moment
// at which somebody signs in here and the commit: the old key may be given up a
// moment later, and must not have sealed them.
func TestASignInIsSealedWithTheKeyOfItsCommit(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	elsewhere := mustOpenWith(t, dir, k.unlock)
	var s *store.Store
	meanwhile := func() {}
	s = openAs(t, store.Options{Dir: dir, Unlock: k.unlock, Now: func() time.Time { meanwhile(); return moment }})
	old := k.rotate(elsewhere)
	var once sync.Once
	meanwhile = func() { // is called in the transaction
		once.Do(func() {
			if err := s.Unlock(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	mustKeep(t, s, person())
	if _, err := k.vault.Retire(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	wantCurrent(t, mustOpenWith(t, dir, k.unlock), person())
}

// A PIN's hash and a badge's tag are not made anew in a rotation: their keys
// must stay.
func TestKeysThatPINsAndBadgesWereMadeWithAreInUse(t *testing.T) {
	t.Parallel()
	for name, give := range map[string]func(*testing.T, *store.Store){
		"a PIN": enrolled,
		"a badge": func(t *testing.T, s *store.Store) {
			t.Helper()
			mustKeep(t, s, person())
			if _, _, err := door(s).Badges.Issue(t.Context(), zhang, time.Hour); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			k := newKeys(t, dir)
			s := mustOpenWith(t, dir, k.unlock) // whose log has no keys
			give(t, s)
			k.rotate(s)
			inUse, err := s.KeysInUse(t.Context())
			if err != nil || !slices.Contains(inUse, oneKey{}.Current()) {
				t.Errorf("keys in use %q, %v, without %q", inUse, err, oneKey{}.Current())
			}
		})
	}
}

// A kiosk runs for weeks, and a command rotates beside it.
func TestARotationElsewhereIsNoCutOfTheLog(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	outside := &memory{}
	open := func() *store.Store {
		o := k.logged(dir)
		o.Anchor = outside
		return openAs(t, o)
	}
	kiosk := open()
	mustKeep(t, kiosk, person())
	if got := kiosk.Standing(t.Context()); got.State != store.Sound {
		t.Fatalf("standing = %+v", got)
	}
	command := open()
	k.rotate(command)
	mustKeep(t, command, person())
	mustClose(t, command)

	note(t, kiosk, 1, 1)
	if n := kiosk.Waiting(); n != 0 {
		t.Errorf("%d entries wait", n)
	}
	if report := verified(t, kiosk); !report.Sound() {
		t.Errorf("findings: %+v", report.Findings)
	}
	mustClose(t, kiosk)
	reader := open()
	if got := reader.Standing(t.Context()); got.State != store.Sound || got.Distrusts(identity.Record{}) {
		t.Errorf("standing = %+v", got)
	}
}

// The same, where the log is only looked at.
func TestALogUnderAKeyThatIsNotHereYetIsReadWithIt(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	outside := &memory{}
	o := k.logged(dir)
	o.Anchor = outside
	mustKeep(t, openAs(t, o), person())
	ro := k.logged(dir)
	ro.Anchor, ro.ReadOnly = outside, true
	reader := openAs(t, ro)
	command := openAs(t, k.logged(dir))
	k.rotate(command)
	mustKeep(t, command, person())
	if report := verified(t, reader); !report.Sound() {
		t.Errorf("findings: %+v", report.Findings)
	}
	if got := reader.Standing(t.Context()); got.State != store.Sound {
		t.Errorf("standing = %+v", got)
	}
}

// A page that is closed while the keys are looked for is no word of theirs.
func TestWhoGoesAwayDoesNotLock(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := mustOpenWith(t, dir, func(ctx context.Context, sealed bool) (store.Keys, error) {
		if ctx.Err() != nil {
			return nil, login.Fail(login.Cancelled, ctx.Err())
		}
		return k.unlock(ctx, sealed)
	})
	mustKeep(t, s, person())
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Unlock(gone); err == nil {
		t.Error("unlocked for nobody")
	}
	if err := s.Locked(); err != nil {
		t.Errorf("locked: %v", err)
	}
	wantCurrent(t, s, person())
}

// A refusal is written down for those who are known; who they are has to be
// known after a rotation elsewhere, too.
func TestSomebodyIsKnownAfterARotationElsewhere(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s, elsewhere := mustOpenWith(t, dir, k.unlock), mustOpenWith(t, dir, k.unlock)
	mustKeep(t, s, person())
	k.rotate(elsewhere)
	if got, ok := s.UserID(t.Context(), "dingcorp1", "union-zhang"); !ok || got != "user-zhang" {
		t.Errorf("user id = %q, %v", got, ok)
	}
}

// Another process has rotated, and the keychain is locked here: signing in with
// DingTalk goes on all the same.
func TestASignInIsHeldWhereTheNewKeyCannotBeHad(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	unlock := k.unlock
	s := mustOpenWith(t, dir, func(ctx context.Context, sealed bool) (store.Keys, error) { return unlock(ctx, sealed) })
	mustKeep(t, s, colleague(1))
	k.rotate(mustOpenWith(t, dir, k.unlock))
	unlock = noKey
	mustKeep(t, s, person())
	wantCurrent(t, s, person())
}

// A rotation that a full disk stopped leaves people under the old key. Who
// signs in meanwhile keeps their PIN and badge, also under another user id.
func TestASignInBeforeTheirTurnTakesPINAndBadgeAlong(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := mustOpenWith(t, dir, k.unlock)
	enrolled(t, s)
	d := door(s)
	_, text, err := d.Badges.Issue(t.Context(), zhang, 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	mustKeep(t, s, colleague(1))
	stop(t, s)
	k.rotate(s)
	mustExec(t, s, "DROP TRIGGER stop")
	mustKeep(t, s, person())
	wantPIN(t, d, "job-007", goodPIN, "")
	if r, err := d.ByBadge(t.Context(), text); err != nil || !r.Allowed() {
		t.Errorf("badge: %+v, %v", r, err)
	}
	moved := colleague(1)
	moved.Identity.UserID = "user-moved"
	mustKeep(t, s, moved)
	if got := rowCount(t, dir); got != 2 {
		t.Errorf("%d people, want 2", got)
	}
	if err := s.Unlock(t.Context()); err != nil {
		t.Fatal(err)
	}
	keys, err := k.vault.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := sealedBy(t, dir, keys.SealedBy); !slices.Equal(got, []string{keys.Current()}) {
		t.Errorf("people are sealed with %v, want %s", got, keys.Current())
	}
}

// stop lets nobody be sealed anew.
func stop(t *testing.T, s *store.Store) {
	t.Helper()
	mustExec(t, s, "CREATE TRIGGER stop BEFORE INSERT ON identities BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
}

func mustExec(t *testing.T, s *store.Store, statement string) {
	t.Helper()
	if err := s.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// The door of a kiosk beside which a command has rotated.
func TestPINAndBadgeWorkAfterARotationElsewhere(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"PIN", "badge"} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			k := newKeys(t, dir)
			s := mustOpenWith(t, dir, k.unlock)
			enrolled(t, s)
			d := door(s)
			_, text, err := d.Badges.Issue(t.Context(), zhang, 24*time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			k.rotate(mustOpenWith(t, dir, k.unlock))
			if by == "PIN" {
				wantPIN(t, d, "job-007", goodPIN, "")
			} else if r, err := d.ByBadge(t.Context(), text); err != nil || !r.Allowed() {
				t.Errorf("badge: %+v, %v", r, err)
			}
			if err := s.Tokens().Save(t.Context(), "slot", secret.New("token")); err != nil {
				t.Error(err)
			}
		})
	}
}

// What was counted since the new key was begun is not wound back to what stood
// under the old one.
func TestWhatIsCountedInTheMiddleOfARotationStays(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := mustOpenWith(t, dir, k.unlock)
	enrolled(t, s)
	mustKeep(t, s, colleague(1))
	stop(t, s)
	k.rotate(s)
	mustExec(t, s, "DROP TRIGGER stop")
	mustKeep(t, s, person())
	fail(t, s, 9)
	if err := s.Unlock(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := s.Offline().Tries(t.Context(), offline.Subject{Who: zhang}, func(c *offline.Tallies) {
		if c.Person.Failed != 9 || c.Device.Failed != 9 {
			t.Errorf("counts %+v, want 9 failures each", *c)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// A credential that the administrator has taken away too early is put back.
func TestAKeyThatIsLostAndFoundAgainSealsEverybodyAnew(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := mustOpenWith(t, dir, k.unlock)
	mustKeep(t, s, person())
	both, err := k.vault.Rotate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	old := both.IDs()[1]
	aside := k.read()
	if _, err := k.vault.Retire(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	s = mustOpenWith(t, dir, k.unlock)
	_, err = s.Current(t.Context())
	wantCode(t, err, login.KeyUnavailable)
	if inUse, err := s.KeysInUse(t.Context()); err != nil || !slices.Contains(inUse, old) {
		t.Errorf("keys in use %q, %v, without %s", inUse, err, old)
	}
	mustClose(t, s)
	k.write(aside)
	s = mustOpenWith(t, dir, k.unlock)
	wantCurrent(t, s, person())
	if got := sealedBy(t, dir, both.SealedBy); !slices.Equal(got, []string{both.Current()}) {
		t.Errorf("people are sealed with %v, want %s", got, both.Current())
	}
}

func (k *keys) read() []byte {
	k.t.Helper()
	content, err := os.ReadFile(k.vault.Source.Path)
	if err != nil {
		k.t.Fatal(err)
	}
	return content
}

func (k *keys) write(content []byte) {
	k.t.Helper()
	if err := os.WriteFile(k.vault.Source.Path, content, 0o600); err != nil {
		k.t.Fatal(err)
	}
}
