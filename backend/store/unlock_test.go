package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/store"
)

// noKey is an Unlock that finds none.
func noKey(context.Context, bool) (store.Keys, error) {
	return nil, login.Fail(login.KeyUnavailable, errors.New("locked"))
}

// colleague is somebody else than person.
func colleague(n int) identity.Record {
	rec := person()
	rec.Identity.UserID, rec.Identity.UnionID = fmt.Sprintf("user-%04d", n), fmt.Sprintf("union-%04d", n)
	return rec
}

// Design 4: no key: signing in works, nothing personal is written.
func TestWithoutAKeySignInWorksAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpenWith(t, dir, noKey)
	if err := s.Ready(t.Context()); err != nil {
		t.Fatalf("ready: %v", err)
	}
	mustKeep(t, s, person())
	wantCurrent(t, s, person())
	wantNothingOf(t, dir, planted(t, person()))
	_, err := mustOpenWith(t, dir, noKey).Current(t.Context())
	wantCode(t, err, login.NotSignedIn)
	if err := s.Forget(t.Context(), person().Identity); err != nil {
		t.Fatal(err)
	}
	_, err = s.Current(t.Context())
	wantCode(t, err, login.NotSignedIn)
}

func TestWhoIsSealedIsNotToldWithoutTheKey(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	mustKeep(t, mustOpenWith(t, dir, k.unlock), person())

	s := mustOpenWith(t, dir, noKey)
	wantCode(t, s.Locked(), login.KeyUnavailable)
	_, err := s.Current(t.Context())
	wantCode(t, err, login.KeyUnavailable)
	if _, err := s.Tokens().Load(t.Context(), "a"); login.CodeOf(err) != login.KeyUnavailable {
		t.Errorf("load a token: %v", err)
	}
	if err := s.Tokens().Save(t.Context(), "a", secret.New("t")); login.CodeOf(err) != login.KeyUnavailable {
		t.Errorf("save a token: %v", err)
	}

	// Whoever signs in meanwhile is the current one, and the other one is not
	// any more: also when the key is there again.
	mustKeep(t, s, colleague(1))
	wantCurrent(t, s, colleague(1))
	again := mustOpenWith(t, dir, k.unlock)
	_, err = again.Current(t.Context())
	wantCode(t, err, login.NotSignedIn)
	if _, known := again.UserID(t.Context(), "dingcorp1", "union-zhang"); !known {
		t.Error("who was known is not known any more")
	}
}

// The keychain is often unlocked only after somebody has logged in.
func TestAKeyThatComesLaterIsUsedFromThenOn(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	unlock := noKey
	s := mustOpenWith(t, dir, func(ctx context.Context, sealed bool) (store.Keys, error) { return unlock(ctx, sealed) })
	mustKeep(t, s, person())
	unlock = k.unlock
	mustKeep(t, s, person())
	if err := s.Locked(); err != nil {
		t.Errorf("locked: %v", err)
	}
	wantCurrent(t, mustOpenWith(t, dir, k.unlock), person())
}

func TestADatabaseOfBeforeIsSealed(t *testing.T) {
	t.Parallel()
	for _, dump := range []string{"testdata/schema-0001.sql", "testdata/schema-0002.sql"} {
		t.Run(filepath.Base(dump), func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			fromDump(t, dir, dump)
			s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
			wantCurrent(t, s, person())
			if got, _ := s.UserID(t.Context(), "dingcorp1", "union-zhang"); got != "user-zhang" {
				t.Errorf("user id = %q", got)
			}
			wantNothingOf(t, dir, planted(t, person()))
		})
	}
}

func TestRotationSealsEverybodyAnew(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := mustOpenWith(t, dir, k.unlock)
	const people = 130 // more than one transaction's worth
	for n := range people {
		mustKeep(t, s, colleague(n))
	}
	mustKeep(t, s, person())
	elsewhere := mustOpenWith(t, dir, k.unlock) // another process, with the old keys in memory

	before, err := k.vault.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	old := before.Current()
	if _, err := k.vault.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Unlock(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := sealedBy(t, dir, before.SealedBy); slices.Contains(got, old) || len(got) != 1 {
		t.Errorf("people are sealed with %v, one of which is the old key %s", got, old)
	}
	if _, err := k.vault.Retire(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	wantCurrent(t, elsewhere, person())
	mustKeep(t, elsewhere, colleague(7))
	wantCurrent(t, mustOpenWith(t, dir, k.unlock), colleague(7))
	if got := rowCount(t, dir); got != people+1 {
		t.Errorf("%d people, want %d", got, people+1)
	}
}

// A kill between two transactions of a rotation leaves people under both keys.
func TestAnInterruptedRotationGoesOnAtTheNextStart(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := mustOpenWith(t, dir, k.unlock)
	const people = 230
	for n := range people {
		mustKeep(t, s, colleague(n))
	}
	if _, err := k.vault.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Exec(t.Context(), `CREATE TABLE sealed (n);
		CREATE TRIGGER stop BEFORE INSERT ON identities BEGIN
			INSERT INTO sealed VALUES (1);
			SELECT RAISE(ABORT, 'the disk is full') WHERE (SELECT count(*) FROM sealed) > 150;
		END`); err != nil {
		t.Fatal(err)
	}
	if err := s.Unlock(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantCurrent(t, s, colleague(people-1)) // whichever key it is under
	keys, err := k.vault.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := sealedBy(t, dir, keys.SealedBy); len(got) != 2 {
		t.Fatalf("people are sealed with %v, want both keys", got)
	}
	if _, err := raw(t, dir).ExecContext(t.Context(), "DROP TRIGGER stop"); err != nil {
		t.Fatal(err)
	}
	again := mustOpenWith(t, dir, k.unlock)
	if got := sealedBy(t, dir, keys.SealedBy); !slices.Equal(got, []string{keys.Current()}) {
		t.Errorf("people are sealed with %v, want %s", got, keys.Current())
	}
	wantCurrent(t, again, colleague(people-1))
	if got := rowCount(t, dir); got != people {
		t.Errorf("%d people, want %d", got, people)
	}
}

func TestSignInsDuringARotationAreKept(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s, elsewhere := mustOpenWith(t, dir, k.unlock), mustOpenWith(t, dir, k.unlock)
	for n := range 120 {
		mustKeep(t, s, colleague(n))
	}
	if _, err := k.vault.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		if err := s.Unlock(t.Context()); err != nil {
			t.Errorf("rotate: %v", err)
		}
	})
	for n := 100; n < 160; n++ {
		if err := elsewhere.Keep(t.Context(), colleague(n)); err != nil {
			t.Errorf("keep: %v", err)
		}
	}
	all.Wait()
	if got := rowCount(t, dir); got != 160 {
		t.Errorf("%d people, want 160", got)
	}
	again := mustOpenWith(t, dir, k.unlock)
	for n := range 160 {
		want := colleague(n).Identity
		if got, _ := again.UserID(t.Context(), want.CorpID, want.UnionID); got != want.UserID {
			t.Fatalf("%s is found as %q", want.UserID, got)
		}
	}
}

func TestTheKeysOfBeforeARotationAreRefused(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	first, err := k.vault.Ensure(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	mustKeep(t, mustOpenWith(t, dir, k.unlock), person())
	if _, err := k.vault.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustKeep(t, mustOpenWith(t, dir, k.unlock), person())
	s := mustOpenWith(t, dir, func(context.Context, bool) (store.Keys, error) { return forStore{first}, nil })
	wantCode(t, s.Locked(), login.KeyUnavailable)
}

// Every sealed value, cut and flipped at every position: never told, never a
// panic (authd's password file).
func TestDamagedValuesAreNoticedAtEveryPosition(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
	mustKeep(t, s, person())
	body := []byte(column(t, raw(t, dir), "SELECT body FROM identities")[0])
	try := func(name string, changed []byte) {
		if err := s.Exec(t.Context(), "UPDATE identities SET body = ?", changed); err != nil {
			t.Fatal(err)
		}
		rec, err := s.Current(t.Context())
		if err == nil {
			t.Fatalf("%s: told %s", name, rec.Identity.UserID)
		}
		if code := login.CodeOf(err); code != login.StoreUnavailable && code != login.KeyUnavailable {
			t.Errorf("%s: %v", name, err)
		}
		if found := hits([]byte(err.Error()+login.DetailOf(err)), planted(t, person())); len(found) > 0 {
			t.Errorf("%s: the error shows %v", name, found)
		}
	}
	for at := range body {
		try(fmt.Sprintf("cut at %d", at), body[:at])
		flipped := slices.Clone(body)
		flipped[at] ^= 1
		try(fmt.Sprintf("flipped at %d", at), flipped)
	}
}

func TestTheDatabaseOnAnotherMachineIsNotTold(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := mustOpenWith(t, dir, k.unlock)
	mustKeep(t, s, person())
	other := newKeys(t, dataDir(t))
	found, err := other.vault.Ensure(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	// Read only, so that nothing is noted in the file.
	copied, err := store.Open(t.Context(), store.Options{Dir: dir, ReadOnly: true,
		Unlock: func(context.Context, bool) (store.Keys, error) { return forStore{found}, nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = copied.Close() }()
	if _, err := copied.Current(t.Context()); login.CodeOf(err) != login.KeyUnavailable && login.CodeOf(err) != login.StoreUnavailable {
		t.Errorf("current: %v", err)
	}
}

// sealedBy are the keys of all people, each once.
func sealedBy(t *testing.T, dir string, by func([]byte) string) (ids []string) {
	t.Helper()
	for _, body := range column(t, raw(t, dir), "SELECT body FROM identities") {
		ids = append(ids, by([]byte(body)))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func rowCount(t *testing.T, dir string) (n int) {
	t.Helper()
	row := raw(t, dir).QueryRowContext(t.Context(), "SELECT count(*) FROM identities")
	if err := row.Scan(&n); err != nil && !errors.Is(err, sql.ErrNoRows) {
		t.Fatal(err)
	}
	return n
}
