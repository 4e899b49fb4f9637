package store_test

import (
	"fmt"
	"testing"

	"github.com/dingpass/dingpass/backend/offline"
)

// A lobby may have ten thousand badges, and its screen asks at each change.
func TestLookingForABadgeStopsAtTheFirstThatSuits(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	of := func(n int) offline.Who {
		return offline.Who{CorpID: colleague(n).Identity.CorpID, UserID: colleague(n).Identity.UserID}
	}
	for n := range 20 {
		mustKeep(t, s, colleague(n))
		b := offline.Badge{ID: fmt.Sprintf("%02d", n), Who: of(n), Issued: moment, Expires: moment}
		if err := s.Offline().KeepBadge(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		who   offline.Who
		suits bool
		asked int
	}{
		"anybody's":               {offline.Who{}, true, 1},
		"nobody's suits":          {offline.Who{}, false, 20},
		"a person's":              {of(7), true, 1},
		"a person's does not":     {of(7), false, 1},
		"somebody who has no one": {of(30), true, 0},
	} {
		asked := 0
		found, err := s.Offline().AnyBadge(t.Context(), c.who, func(b offline.Badge) bool {
			asked++
			if c.who != (offline.Who{}) && b.Who != c.who {
				t.Errorf("%s: asked about %v", name, b.Who)
			}
			return c.suits
		})
		if err != nil || found != (c.suits && c.asked > 0) || asked != c.asked {
			t.Errorf("%s: %v after %d, %v; want %d", name, found, asked, err, c.asked)
		}
	}
}
