package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
)

// A lobby may have ten thousand badges, and its screen asks at each change.
func TestLookingForABadgeStopsAtTheFirstThatSuits(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	of := func(n int) identity.Who {
		return colleague(n).Identity.Who()
	}
	for n := range 20 {
		mustKeep(t, s, colleague(n))
		b := offline.Badge{ID: fmt.Sprintf("%02d", n), Who: of(n), Issued: moment, Expires: moment}
		if err := s.Offline().KeepBadge(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		who   identity.Who
		suits bool
		asked int
	}{
		"anybody's":               {identity.Who{}, true, 1},
		"nobody's suits":          {identity.Who{}, false, 20},
		"a person's":              {of(7), true, 1},
		"a person's does not":     {of(7), false, 1},
		"somebody who has no one": {of(30), true, 0},
	} {
		asked := 0
		found, err := s.Offline().AnyBadge(t.Context(), c.who, func(b offline.Badge) bool {
			asked++
			if c.who != (identity.Who{}) && b.Who != c.who {
				t.Errorf("%s: asked about %v", name, b.Who)
			}
			return c.suits
		})
		if err != nil || found != (c.suits && c.asked > 0) || asked != c.asked {
			t.Errorf("%s: %v after %d, %v; want %d", name, found, asked, err, c.asked)
		}
	}
}

// One row that was damaged must not take everybody's badges along.
func TestABadgeThatCannotBeReadIsInNobodysWay(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]string{"changed": "body = x'00'", "another key's": otherKeys} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
			mustKeep(t, s, colleague(1))
			other := colleague(1).Identity.Who()
			enrolled(t, s)
			issue := func(who identity.Who) secret.Text {
				_, text, err := door(s).Badges.Issue(t.Context(), who, time.Hour)
				if err != nil {
					t.Fatal(err)
				}
				return text
			}
			issue(zhang)
			mustExec(t, s, "UPDATE badges SET "+damage)
			good := func(offline.Badge) bool { return true }
			for _, who := range []identity.Who{zhang, {}} {
				if found, err := s.Offline().AnyBadge(t.Context(), who, good); found || err == nil {
					t.Errorf("of %q: %v, %v", who.UserID, found, err)
				}
			}
			if found, err := s.Offline().AnyBadge(t.Context(), other, good); found || err != nil {
				t.Errorf("of who has none: %v, %v", found, err)
			}
			text := issue(other)
			for _, who := range []identity.Who{other, {}} {
				if found, err := s.Offline().AnyBadge(t.Context(), who, good); !found || err != nil {
					t.Errorf("of %q: %v, %v", who.UserID, found, err)
				}
			}
			if all, err := s.Offline().Badges(t.Context()); err != nil || len(all) != 1 || all[0].Who != other {
				t.Errorf("all: %+v, %v", all, err)
			}
			wantBadge(t, s, text, "")
		})
	}
}
