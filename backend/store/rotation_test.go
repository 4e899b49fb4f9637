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
	"github.com/dingpass/dingpass/backend/store"
)

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

// A kiosk runs for weeks, and a command rotates beside it.
func TestARotationElsewhereIsNoCutOfTheLog(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	outside := &memory{}
	open := func() *store.Store {
		o := k.options()
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
	o := k.options()
	o.Anchor = outside
	mustKeep(t, openAs(t, o), person())
	ro := k.options()
	ro.Anchor, ro.ReadOnly = outside, true
	reader := openAs(t, ro)
	command := openAs(t, k.options())
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
	other := colleague(1)
	other.Identity.JobNo = "JOB-008"
	mustKeep(t, s, other)
	stop(t, s)
	k.rotate(s)
	mustExec(t, s, "DROP TRIGGER stop")
	mustKeep(t, s, person())
	wantPIN(t, d, "job-007", goodPIN, "")
	if r, err := d.ByBadge(t.Context(), text); err != nil || !r.Allowed() {
		t.Errorf("badge: %+v, %v", r, err)
	}
	other.Identity.UserID = "user-moved"
	mustKeep(t, s, other)
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

// Trusted time is nobody's, and goes on as it was.
func TestTrustedTimeComesThroughARotation(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s, elsewhere := mustOpenWith(t, dir, k.unlock), mustOpenWith(t, dir, k.unlock)
	want := identity.Mark{At: moment, Contact: true, Reading: identity.Reading{Wall: moment, Boot: "5f3c", Since: time.Hour}}
	if err := s.MoveMark(t.Context(), func(identity.Mark) identity.Mark { return want }); err != nil {
		t.Fatal(err)
	}
	mustKeep(t, s, person())
	stop(t, s)
	k.rotate(s)
	mustExec(t, s, "DROP TRIGGER stop")
	mustRetire(t, k, s)
	for _, by := range []*store.Store{s, elsewhere, mustOpenWith(t, dir, k.unlock)} {
		if got, err := by.Mark(t.Context()); err != nil || got != want {
			t.Errorf("mark = %+v, %v, want %+v", got, err, want)
		}
	}
	found, err := k.vault.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	body := column(t, raw(t, dir), "SELECT body FROM trusted_time")[0]
	if by := found.SealedBy([]byte(body)); by != found.Current() {
		t.Errorf("it is sealed with %s, not with the present key", by)
	}
}

// Another process rotates, and gives the key up, when this one has just asked
// for it.
func TestARotationWhileTheKeysAreLookedForIsMetWithAnotherLook(t *testing.T) {
	t.Parallel()
	for _, readOnly := range []bool{false, true} {
		dir := dataDir(t)
		k := newKeys(t, dir)
		elsewhere := openAs(t, k.options())
		mustKeep(t, elsewhere, person())
		o := k.options()
		o.ReadOnly = readOnly
		rotated := sync.OnceFunc(func() {
			k.rotate(elsewhere)
			mustRetire(t, k, elsewhere)
		})
		o.Unlock = func(ctx context.Context, sealed bool) (store.Keys, error) {
			found, err := k.unlock(ctx, sealed)
			rotated()
			return found, err
		}
		s := openAs(t, o)
		if err := s.Locked(); err != nil {
			t.Errorf("read only %v: %v", readOnly, err)
		}
		wantCurrent(t, s, person())
		if report := verified(t, s); !report.Sound() || report.Rows != 1 {
			t.Errorf("read only %v: report = %+v", readOnly, report)
		}
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

// Who signed in anew while their key was away is there once when it is back, and
// is in nobody's way who comes after them.
func TestWhoSignedInWhileTheirKeyWasAwayIsThereOnce(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := mustOpenWith(t, dir, k.unlock)
	enrolled(t, s)
	for n := range 3 {
		mustKeep(t, s, colleagueOf(n))
	}
	both, err := k.vault.Rotate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	aside := k.read()
	if _, err := k.vault.Retire(t.Context(), both.IDs()[1]); err != nil {
		t.Fatal(err)
	}
	s = mustOpenWith(t, dir, k.unlock)
	later := person()
	later.VerifiedAt = moment.Add(time.Second)
	mustKeep(t, s, later)
	mustClose(t, s)
	k.write(aside)
	s = mustOpenWith(t, dir, k.unlock)
	wantCurrent(t, s, later)
	if got := sealedBy(t, dir, both.SealedBy); rowCount(t, dir) != 4 || !slices.Equal(got, []string{both.Current()}) {
		t.Errorf("%d people are sealed with %v, want 4 with %s", rowCount(t, dir), got, both.Current())
	}
	wantPIN(t, door(s), "job-007", goodPIN, "")
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
