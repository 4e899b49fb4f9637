package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/store"
)

// authd's flags, kanidm's valid: who is known to be gone stays refused, also
// after a restart, and a sign-in alone takes it back.
func TestARefusalHoldsUntilTheNextSignIn(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	mustKeep(t, s, person())
	if err := s.Refuse(t.Context(), person().Identity, identity.Gone); err != nil {
		t.Fatal(err)
	}
	refused := person()
	refused.Refused = identity.Gone
	wantCurrent(t, s, refused)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, dir)
	wantCurrent(t, s, refused)

	later := person()
	later.VerifiedAt = moment.Add(time.Hour)
	if err := s.Renew(t.Context(), person(), later); err != nil {
		t.Fatal(err)
	}
	wantCurrent(t, s, refused) // an answer that was on its way does not take it back
	mustKeep(t, s, later)
	wantCurrent(t, s, later)
}

func TestRenewPutsTheNewerAnswerInPlace(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	mustKeep(t, s, person())
	renewed := person()
	renewed.Identity.Title, renewed.VerifiedAt = "掌门", moment.Add(time.Hour)
	if err := s.Renew(t.Context(), person(), renewed); err != nil {
		t.Fatal(err)
	}
	wantCurrent(t, s, renewed)
	for _, no := range []identity.Reason{"", identity.Gone} { // to what another process had asked before
		slower := person()
		slower.Refused = no
		if err := s.Renew(t.Context(), person(), slower); err != nil {
			t.Fatal(err)
		}
		wantCurrent(t, s, renewed)
	}
	no := renewed
	no.Refused = identity.Gone
	if err := s.Renew(t.Context(), renewed, no); err != nil {
		t.Fatal(err)
	}
	wantCurrent(t, s, no)
}

// Somebody who was signed out meanwhile must not be signed in again by an
// answer that was on its way.
func TestWhatIsSaidOfSomebodyWhoIsNotKnownChangesNothing(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	for name, err := range map[string]error{
		"renew":  s.Renew(t.Context(), person(), person()),
		"refuse": s.Refuse(t.Context(), person().Identity, identity.Gone),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := s.Current(t.Context())
	wantCode(t, err, login.NotSignedIn)

	other := person()
	other.Identity.UserID, other.Identity.UnionID = "user-li", "union-li"
	mustKeep(t, s, person())
	mustKeep(t, s, other)
	if err := s.Refuse(t.Context(), person().Identity, identity.Disabled); err != nil {
		t.Fatal(err)
	}
	wantCurrent(t, s, other) // and the other stays the one who is signed in
}

func TestTheMarkIsKeptForTheNextProcess(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := mustOpenWith(t, dir, k.unlock)
	if mark, err := s.Mark(t.Context()); err != nil || mark != (identity.Mark{}) {
		t.Fatalf("at first: %+v, %v", mark, err)
	}
	want := identity.Mark{At: moment.Add(123456789), Contact: true, Reading: identity.Reading{
		Wall: moment.Add(time.Hour + 1), Boot: "5f3c", Since: 12345678901,
	}}
	for range 2 {
		if err := s.MoveMark(t.Context(), func(identity.Mark) identity.Mark { return want }); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpenWith(t, dir, k.unlock)
	if got, err := s.Mark(t.Context()); err != nil || got != want {
		t.Errorf("mark = %+v, %v; want %+v", got, err, want)
	}
	if err := s.MoveMark(t.Context(), func(kept identity.Mark) identity.Mark {
		if kept != want {
			t.Errorf("move is given %+v", kept)
		}
		return kept
	}); err != nil {
		t.Error(err)
	}
}

// A mark that nobody can read is not taken for none, whatever has been done to it
// and whichever key it is read with, and the next one that is known replaces it.
func TestAMarkThatCannotBeReadIsLostAndMovable(t *testing.T) {
	t.Parallel()
	lost := identity.Mark{Lost: true}
	for name, edit := range map[string]string{
		"one byte was changed":     "UPDATE trusted_time SET body = CAST(substr(body, 1, length(body) - 1) || x'00' AS BLOB)",
		"it was cut":               "UPDATE trusted_time SET body = substr(body, 1, 9)",
		"it is empty":              "UPDATE trusted_time SET body = x''",
		"it was put there by hand": `REPLACE INTO trusted_time VALUES (1, CAST('{"at":1,"wall":1}' AS BLOB))`,
		"it is another row's":      "UPDATE trusted_time SET body = (SELECT body FROM identities)",
		"it was removed":           "DELETE FROM trusted_time",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			k := newKeys(t, dir)
			s := mustOpenWith(t, dir, k.unlock)
			known := identity.Mark{At: moment, Reading: identity.Reading{Wall: moment}}
			move := func(s *store.Store, want, to identity.Mark) {
				t.Helper()
				err := s.MoveMark(t.Context(), func(kept identity.Mark) identity.Mark {
					if kept != want {
						t.Errorf("move is given %+v", kept)
					}
					return to
				})
				if err != nil {
					t.Error(err)
				}
			}
			move(s, identity.Mark{}, known)
			mustKeep(t, s, person())
			if err := s.Exec(t.Context(), edit); err != nil {
				t.Fatal(err)
			}
			k.rotate(s)
			s = mustOpenWith(t, dir, k.unlock)
			if got, err := s.Mark(t.Context()); err != nil || got != lost {
				t.Errorf("mark = %+v, %v", got, err)
			}
			move(s, lost, lost)
			move(s, lost, known)
			if got, err := s.Mark(t.Context()); err != nil || got != known {
				t.Errorf("afterwards mark = %+v, %v", got, err)
			}
		})
	}
}

// canonical/authd #1182: what cannot be written is told, and what is known
// still is.
func TestAReadOnlyStoreTellsTheMarkAndMovesNothing(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	mustKeep(t, mustOpen(t, dir), person())
	s, err := store.Open(t.Context(), store.Options{Unlock: store.Plain, Dir: dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := s.Mark(t.Context()); err != nil {
		t.Error(err)
	}
	wantCode(t, s.MoveMark(t.Context(), func(m identity.Mark) identity.Mark { return m }), login.StoreUnavailable)
	wantCode(t, s.Refuse(t.Context(), person().Identity, identity.Gone), login.StoreUnavailable)
	wantCode(t, s.Renew(t.Context(), person(), person()), login.StoreUnavailable)
}

// Who signed in while the keychain was locked is in memory only, also after it
// was unlocked.
func TestARefusalHoldsForWhoIsKeptInMemory(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	unlock := noKey
	s := mustOpenWith(t, dir, func(ctx context.Context, sealed bool) (store.Keys, error) { return unlock(ctx, sealed) })
	mustKeep(t, s, person())
	unlock = newKeys(t, dir).unlock
	if err := s.Unlock(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Refuse(t.Context(), person().Identity, identity.Gone); err != nil {
		t.Fatal(err)
	}
	refused := person()
	refused.Refused = identity.Gone
	wantCurrent(t, s, refused)
}

// A refusal that is not on the disk must not look as if it were.
func TestARefusalWithoutAKeyIsSaidToBeUnkept(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	unlock := k.unlock
	s := mustOpenWith(t, dir, func(ctx context.Context, sealed bool) (store.Keys, error) { return unlock(ctx, sealed) })
	mustKeep(t, s, person())
	unlock = noKey
	wantCode(t, s.Unlock(t.Context()), login.KeyUnavailable)
	wantCode(t, s.Refuse(t.Context(), person().Identity, identity.Gone), login.KeyUnavailable)
	unlock = k.unlock // and is kept once it can be
	if err := s.Refuse(t.Context(), person().Identity, identity.Gone); err != nil {
		t.Fatal(err)
	}
	refused := person()
	refused.Refused = identity.Gone
	wantCurrent(t, mustOpenWith(t, dir, k.unlock), refused)
}

func TestRenewTellsTheJobNumberAndThatDingTalkHasAnswered(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	mustKeep(t, s, person())
	zhang := identity.Who{CorpID: "dingcorp1", UserID: "user-zhang"}
	err := s.Offline().Tries(t.Context(), offline.Subject{Who: zhang}, func(c *offline.Tallies) {
		c.Person.Uses, c.Device = 3, offline.Tally{Failed: 5, Uses: 7}
	})
	if err != nil {
		t.Fatal(err)
	}
	renewed := person()
	renewed.Identity.JobNo, renewed.VerifiedAt = "job-008", moment.Add(time.Hour)
	if err := s.Renew(t.Context(), person(), renewed); err != nil {
		t.Fatal(err)
	}
	for number, want := range map[string]bool{"job-007": false, "job-008": true} {
		if _, ok, err := s.Offline().ByJobNumber(t.Context(), offline.JobNumber(number)); err != nil || ok != want {
			t.Errorf("%s: found %v, %v", number, ok, err)
		}
	}
	err = s.Offline().Tries(t.Context(), offline.Subject{Who: zhang}, func(c *offline.Tallies) {
		if c.Person.Uses != 3 || c.Device.Uses != 0 || c.Device.Failed != 5 {
			t.Errorf("counts %+v", *c)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// otherKeys is a change by which what is sealed names a key that nobody has.
const otherKeys = "body = CAST(substr(body, 1, 3) || x'a5a5' || substr(body, 6) AS BLOB)"

// A count that nobody can read must not keep a refusal from being written, nor
// one row that nobody can read what waits of others.
func TestARefusalWaitsForNothingThatCannotBeRead(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := mustOpenWith(t, dir, k.unlock)
	mustKeep(t, s, person())
	err := s.Offline().Tries(t.Context(), offline.Subject{Who: zhang}, func(c *offline.Tallies) { c.Device.Uses = 7 })
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, s, "UPDATE attempts SET "+otherKeys)
	renewed := person()
	renewed.VerifiedAt = moment.Add(time.Hour)
	if err := s.Renew(t.Context(), person(), renewed); err != nil {
		t.Error(err)
	}
	if err := s.Refuse(t.Context(), person().Identity, identity.Gone); err != nil {
		t.Error(err)
	}
	if got, err := s.Record(t.Context(), zhang.CorpID, zhang.UserID); err != nil || got.Refused != identity.Gone || !got.VerifiedAt.Equal(renewed.VerifiedAt) {
		t.Errorf("%+v, %v", got, err)
	}

	mustKeep(t, s, person())
	whole := sealedBody(t, s, "SELECT hex(body) FROM identities")
	mustExec(t, s, "UPDATE identities SET "+otherKeys)
	wantCode(t, s.Refuse(t.Context(), person().Identity, identity.Gone), login.KeyUnavailable)
	mustKeep(t, s, colleague(1)) // who is in nobody's way
	if err := s.Exec(t.Context(), "UPDATE identities SET body = ? WHERE substr(body, 4, 2) = x'a5a5'", whole); err != nil {
		t.Fatal(err)
	}
	s.Note(t.Context(), event(1)) // whatever is written next takes it along
	mustClose(t, s)
	s = mustOpenWith(t, dir, k.unlock)
	if got, err := s.Record(t.Context(), zhang.CorpID, zhang.UserID); err != nil || got.Refused != identity.Gone {
		t.Errorf("%+v, %v", got, err)
	}
}

// What waits is said of what was asked about, and not of whoever has come through
// DingTalk since, in another process.
func TestARefusalThatWaitsIsOfNoLaterSignIn(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := mustOpenWith(t, dir, k.unlock)
	mustKeep(t, s, person())
	mustExec(t, s, readOnly)
	no := person()
	no.Refused = identity.Gone
	wantCode(t, s.Renew(t.Context(), person(), no), login.StoreUnavailable)
	wantCurrent(t, s, no)
	back := person()
	back.VerifiedAt = moment.Add(time.Minute)
	mustKeep(t, mustOpenWith(t, dir, k.unlock), back)
	wantCurrent(t, s, back)
	mustExec(t, s, writable)
	s.Note(t.Context(), event(1))
	wantCurrent(t, s, back)
	wantCurrent(t, mustOpenWith(t, dir, k.unlock), back)
}

// Who signed in without a key may have a row of before, and a PIN with it.
func TestARefusalWithoutAKeyHoldsForTheRowOfBefore(t *testing.T) {
	t.Parallel()
	for name, kept := range map[string]bool{"who has signed in since": true, "who has not": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			k := newKeys(t, dir)
			enrolled(t, mustOpenWith(t, dir, k.unlock))
			unlock := noKey
			s := mustOpenWith(t, dir, func(ctx context.Context, sealed bool) (store.Keys, error) { return unlock(ctx, sealed) })
			if kept {
				mustKeep(t, s, person())
			}
			if err := s.Refuse(t.Context(), person().Identity, identity.Gone); (err == nil) != kept {
				t.Error(err)
			}
			if err := s.Leave(t.Context(), person().Identity); err != nil {
				t.Fatal(err)
			}
			unlock = k.unlock
			if err := s.Unlock(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantPIN(t, door(s), "job-007", goodPIN, "gone")
			mustClose(t, s)
			wantPIN(t, door(mustOpenWith(t, dir, k.unlock)), "job-007", goodPIN, "gone")
		})
	}
}
