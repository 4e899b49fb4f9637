package store_test

import (
	"testing"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/signlog"
)

var byPIN = signlog.Entry{Event: signlog.SignedIn, Method: signlog.ByPIN, Source: signlog.FromCache}

func TestWhoEntersIsTheCurrentOneAndInTheLog(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := openAs(t, keyed(dir, "a"))
	mustKeep(t, s, person())
	mustKeep(t, s, colleague(1))
	rec, err := s.Enter(t.Context(), person().Identity, byPIN)
	if err != nil || rec.Identity.Name != person().Identity.Name {
		t.Fatalf("%+v, %v", rec, err)
	}
	wantCurrent(t, s, rec)
	mustClose(t, s)
	s = openAs(t, keyed(dir, "a"))
	wantCurrent(t, s, rec)
	all := entries(t, s)
	last := all[len(all)-1]
	if len(all) != 3 || last.Event != signlog.SignedIn || last.Method != signlog.ByPIN || last.Source != signlog.FromCache || last.UserID != rec.Identity.UserID {
		t.Errorf("the log: %+v", all)
	}
}

func TestNobodyEntersWhomTheCacheDoesNotKnowOrMayNotLetIn(t *testing.T) {
	t.Parallel()
	s := openAs(t, keyed(dataDir(t), "a"))
	mustKeep(t, s, person())
	mustKeep(t, s, colleague(1))
	if err := s.Refuse(t.Context(), person().Identity, identity.Gone); err != nil {
		t.Fatal(err)
	}
	_, err := s.Enter(t.Context(), person().Identity, byPIN)
	wantCode(t, err, login.NotMember)
	_, err = s.Enter(t.Context(), identity.Identity{CorpID: "dingcorp1", UserID: "nobody"}, byPIN)
	wantCode(t, err, login.NotSignedIn)
	wantCurrent(t, s, colleague(1))
	if all := entries(t, s); len(all) != 2 {
		t.Errorf("the log: %+v", all)
	}
}

func TestWhoLeavesStaysKnown(t *testing.T) {
	t.Parallel()
	s := openAs(t, keyed(dataDir(t), "a"))
	mustKeep(t, s, colleague(1))
	mustKeep(t, s, person())
	for range 2 {
		if err := s.Leave(t.Context(), person().Identity); err != nil {
			t.Fatal(err)
		}
		_, err := s.Current(t.Context())
		wantCode(t, err, login.NotSignedIn)
	}
	if err := s.Leave(t.Context(), colleague(1).Identity); err != nil { // who is not the current one
		t.Fatal(err)
	}
	if all := entries(t, s); len(all) != 3 || all[2].Event != signlog.SignedOut || all[2].UserID != person().Identity.UserID {
		t.Errorf("the log: %+v", all)
	}
	if _, err := s.Enter(t.Context(), person().Identity, byPIN); err != nil {
		t.Errorf("and back: %v", err)
	}
}
