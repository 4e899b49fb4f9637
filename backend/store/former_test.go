package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
)

// mustRetire has the vault give up what it can, which has to be all but one key.
func mustRetire(t *testing.T, k *keys, s *store.Store) {
	t.Helper()
	if err := k.retire(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	found, err := k.vault.Open(t.Context())
	if err != nil || len(found.IDs()) != 1 {
		t.Fatalf("the vault has the keys %q, %v, want one", found.IDs(), err)
	}
}

// The vault has room for a few keys, the log is for ever, a PIN's hash cannot be
// made anew and a badge is on paper. Beside a process that stays, as a kiosk's.
func TestRotationsHaveNoEnd(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	o, present := k.process()
	s := openAs(t, o)
	d := present.door(s)
	enrolledAt(t, s, d)
	_, text, err := d.Badges.Issue(t.Context(), zhang, 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	const rotations = 30
	for turn := range rotations {
		mine := openAs(t, k.options())
		k.rotate(mine)
		mustRetire(t, k, mine)
		note(t, mine, turn, 1) // under each key
		mustClose(t, mine)
	}
	o, again := k.process()
	after := openAs(t, o)
	for name, door := range map[string]entrance{"who stayed": d, "who comes anew": again.door(after)} {
		wantPIN(t, door, "job-007", goodPIN, "")
		if r, err := door.ByBadge(t.Context(), text); err != nil || !r.Allowed() {
			t.Errorf("%s: badge: %+v, %v", name, r, err)
		}
	}
	for _, by := range []*store.Store{s, after} {
		if report := verified(t, by); !report.Sound() || report.Rows <= rotations || !report.Anchored {
			t.Errorf("report = %+v", report)
		}
		if got := entries(t, by); got[0].Name != "张三丰" {
			t.Errorf("the first entry = %+v", got[0])
		}
		if got := by.Standing(t.Context()); got.State != store.Sound {
			t.Errorf("standing = %+v", got)
		}
	}
	wantNothingOf(t, dir, planted(t, person()))
}

// A rotation is killed after each of its steps, and before each goes on.
func TestAFormerKeyIsInTheVaultUntilItIsInTheFile(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	o, present := k.process()
	s := openAs(t, o)
	enrolledAt(t, s, present.door(s))
	alive := func(step string) {
		t.Helper()
		for _, readOnly := range []bool{true, false} {
			o, present := k.process()
			o.ReadOnly = readOnly
			s := openAs(t, o)
			if rec, err := s.Current(t.Context()); err != nil || rec.Identity.Name != "张三丰" {
				t.Errorf("%s: current = %q, %v", step, rec.Identity.Name, err)
			}
			if report := verified(t, s); !report.Sound() || report.Rows == 0 {
				t.Errorf("%s: report = %+v", step, report)
			}
			if !readOnly {
				wantPIN(t, present.door(s), "job-007", goodPIN, "")
			}
			mustClose(t, s)
			if t.Failed() {
				t.Fatalf("after: %s", step)
			}
		}
	}
	if _, err := k.vault.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	inUse, err := s.KeysInUse(t.Context())
	found, openErr := k.vault.Open(t.Context())
	if err != nil || openErr != nil || !slices.Equal(inUse, found.IDs()[1:]) {
		t.Fatalf("keys in use %q, %v, %v, want the one before alone", inUse, err, openErr)
	}
	alive("a key was made")
	alive("it was begun")
	mustRetire(t, k, s) // which has yet to see the new key
	alive("the one before was given up")
	if err := k.retire(t.Context(), s); err != nil {
		t.Errorf("once more: %v", err)
	}
}

// Who wants to give a key up asks the disk, not what was found at the start.
func TestAFormerKeyThatTheFileHasLostStays(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]string{
		"gone":           "DELETE FROM former_keys",
		"cut":            "UPDATE former_keys SET body = substr(body, 1, 100)",
		"another's":      "INSERT INTO former_keys SELECT '0011223344556677', body FROM former_keys; DELETE FROM former_keys WHERE key_id <> '0011223344556677'",
		"another's body": "UPDATE former_keys SET body = (SELECT body FROM identities)",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			k := newKeys(t, dir)
			s := openAs(t, k.options())
			mustKeep(t, s, person())
			old := k.rotate(s)
			mustExec(t, s, harm)
			if inUse, err := s.KeysInUse(t.Context()); err != nil || !slices.Contains(inUse, old) {
				t.Errorf("keys in use %q, %v, without %s", inUse, err, old)
			}
			mended := openAs(t, k.options()) // as the vault still has it
			if inUse, err := mended.KeysInUse(t.Context()); err != nil || slices.Contains(inUse, old) {
				t.Errorf("after the next start: keys in use %q, %v, with %s", inUse, err, old)
			}
		})
	}
}

// What is kept of a former key, cut and flipped at every position, after the
// vault has given the key up: the database opens, and the log says which key it
// misses. Nobody is shut out.
func TestADamagedFormerKeyIsNoticedAtEveryPosition(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := openAs(t, k.options())
	mustKeep(t, s, person())
	k.rotate(s)
	mustRetire(t, k, s)
	body := []byte(column(t, raw(t, dir), "SELECT body FROM former_keys")[0])
	try := func(changed []byte) {
		if err := s.Exec(t.Context(), "UPDATE former_keys SET body = ?", changed); err != nil {
			t.Fatal(err)
		}
		o := k.options()
		o.ReadOnly = true
		reader := openAs(t, o)
		wantCurrent(t, reader, person())
		if report := verified(t, reader); report.Sound() || report.Findings[0].Kind != signlog.OtherKey {
			t.Fatalf("%d bytes: report = %+v", len(changed), report)
		}
		mustClose(t, reader)
	}
	for at := 0; at < len(body); at += 7 {
		try(body[:at])
		flipped := slices.Clone(body)
		flipped[at] ^= 1
		try(flipped)
	}
	if err := s.Exec(t.Context(), "UPDATE former_keys SET body = ?", body); err != nil {
		t.Fatal(err)
	}
	if report := verified(t, openAs(t, k.options())); !report.Sound() {
		t.Errorf("put back: %+v", report)
	}
}

// A stolen file is of no use without the vault, however many keys it has kept:
// also for who has had a key of before.
func TestFormerKeysAreNotToldWithoutThePresentOne(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := openAs(t, k.options())
	mustKeep(t, s, person())
	k.rotate(s)
	mustRetire(t, k, s)
	note(t, s, 1, 1)
	second, err := k.vault.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	k.rotate(s)
	mustRetire(t, k, s)
	thief := openAs(t, store.Options{Dir: dir, ReadOnly: true,
		Unlock: func(context.Context, bool) (store.Keys, error) { return forStore{second}, nil }})
	_, err = thief.Current(t.Context())
	wantCode(t, err, login.KeyUnavailable)
	told := 0
	for _, err := range thief.LogEntries(t.Context()) {
		if err == nil {
			told++
		}
	}
	if told != 1 {
		t.Errorf("%d entries are told, want the one of the stolen key", told)
	}
}

// The disk is full when what is needed of a key would be kept: the vault has it
// still, and nobody is locked out.
func TestAFormerKeyThatCannotBeKeptLocksNobodyOut(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := openAs(t, k.options())
	mustKeep(t, s, person())
	old := k.rotate(s)
	mustExec(t, s, "DELETE FROM former_keys")
	mustExec(t, s, "CREATE TRIGGER full BEFORE INSERT ON former_keys BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
	again := openAs(t, k.options())
	wantCurrent(t, again, person())
	if inUse, err := again.KeysInUse(t.Context()); err != nil || !slices.Contains(inUse, old) {
		t.Errorf("keys in use %q, %v, without %s", inUse, err, old)
	}
}
