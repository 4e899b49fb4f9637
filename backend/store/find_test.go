package store_test

import (
	"math"
	"testing"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
)

// What a verdict is decided by is of this moment, whoever wrote it.
func TestAVerdictSeesWhatOthersHaveJustWritten(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s, other := openAs(t, k.options()), openAs(t, k.options())
	want := func(what string, person, device int, refused identity.Reason) {
		t.Helper()
		rec, err := s.Record(t.Context(), zhang.CorpID, zhang.UserID)
		if err != nil || rec.Used != (identity.Usage{Person: person, Device: device}) || rec.Refused != refused {
			t.Errorf("%s: %+v, %q, %v", what, rec.Used, rec.Refused, err)
		}
	}
	count := func(of offline.Subject) {
		t.Helper()
		err := other.Offline().Tries(t.Context(), of, func(c *offline.Tallies) {
			c.Person.Uses++
			c.Device.Uses++
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	mustKeep(t, other, person())
	want("kept", 0, 0, "")
	count(offline.Subject{Who: zhang})
	want("came in without DingTalk", 1, 1, "")
	mustKeep(t, other, colleague(1))
	count(offline.Subject{Who: identity.Who{CorpID: "dingcorp1", UserID: colleague(1).Identity.UserID}})
	want("a colleague did", 1, 1, "") // the colleague's own sign-in began the device's anew
	count(offline.Subject{Who: zhang})
	want("came in again", 2, 2, "")
	if err := other.Refuse(t.Context(), person().Identity, identity.Gone); err != nil {
		t.Fatal(err)
	}
	want("refused", 2, 0, identity.Gone)
	if err := other.Forget(t.Context(), person().Identity); err != nil {
		t.Fatal(err)
	}
	_, err := s.Record(t.Context(), zhang.CorpID, zhang.UserID)
	wantCode(t, err, login.NotSignedIn)
}

// Also who was asked for by their user id is not taken at the row's word.
func TestAVerdictNoticesRowsAndCountsEditedByHand(t *testing.T) {
	t.Parallel()
	usedUp := identity.Usage{Person: math.MaxInt32, Device: math.MaxInt32}
	for name, c := range map[string]struct {
		edit string
		used identity.Usage
		code login.Code
	}{
		"body of another person":  {"UPDATE identities SET body = (SELECT body FROM identities WHERE user_key = CAST('Puser-0001' AS BLOB))", identity.Usage{}, login.StoreUnavailable},
		"made fresh again":        {"UPDATE identities SET verified_at = verified_at + 86400", identity.Usage{}, login.StoreUnavailable},
		"count of another person": {"UPDATE identities SET tally = (SELECT tally FROM identities WHERE user_key = CAST('Puser-0001' AS BLOB))", usedUp, ""},
		"count of the device":     {"UPDATE identities SET tally = (SELECT body FROM attempts)", usedUp, ""},
		"count for the device":    {"UPDATE attempts SET body = (SELECT tally FROM identities LIMIT 1)", usedUp, ""},
		"count that is none":      {"UPDATE identities SET tally = zeroblob(length(tally))", usedUp, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mustOpen(t, dataDir(t))
			mustKeep(t, s, colleague(1))
			mustKeep(t, s, person())
			mustExec(t, s, c.edit)
			rec, err := s.Record(t.Context(), zhang.CorpID, zhang.UserID)
			if login.CodeOf(err) != c.code || rec.Used != c.used {
				t.Errorf("%+v, %v", rec.Used, err)
			}
		})
	}
}
