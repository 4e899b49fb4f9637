package store_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/store"
)

// halfWay is a database whose rotation was stopped before the first person was
// sealed anew: somebody with a PIN and a badge, who came in once without
// DingTalk, and two wrong PINs since.
type halfWay struct {
	*store.Store // of the process that began the key
	k            *keys
	d            entrance
	badge        offline.Badge
	text         secret.Text
}

func newHalfWay(t *testing.T) *halfWay {
	t.Helper()
	dir := dataDir(t)
	h := &halfWay{k: newKeys(t, dir)}
	h.Store = openAs(t, h.k.options())
	h.d = door(h.Store)
	enrolled(t, h.Store)
	var err error
	if h.badge, h.text, err = h.d.Badges.Issue(t.Context(), zhang, 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	wantPIN(t, h.d, "job-007", goodPIN, "")
	fail(t, h.Store, 2)
	return h
}

// stop stops a rotation half way.
func (h *halfWay) stop(t *testing.T) {
	t.Helper()
	stop(t, h.Store)
	h.k.rotate(h.Store)
	mustExec(t, h.Store, "DROP TRIGGER stop")
	if got := people(t, h); got != 1 {
		t.Fatalf("%d people are left under the earlier key, want 1", got)
	}
}

// people is how many are left under an earlier key.
func people(t *testing.T, h *halfWay) (left int) {
	t.Helper()
	found, err := h.k.vault.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range column(t, raw(t, h.k.dir), "SELECT body FROM identities") {
		if found.SealedBy([]byte(body)) != found.Current() {
			left++
		}
	}
	return left
}

func (h *halfWay) wantRows(t *testing.T, table, want string) {
	t.Helper()
	if got := column(t, raw(t, h.k.dir), "SELECT count(*) FROM "+table); len(got) != 1 || got[0] != want {
		t.Errorf("%v rows of %s, want %s", got, table, want)
	}
}

// found looks a person up in every way.
func found(ctx context.Context, s *store.Store, badge string) (missing error) {
	o, want := s.Offline(), "user-zhang"
	no := func(how string, ok bool, err error) {
		if !ok || err != nil {
			missing = errors.Join(missing, errors.New(how), err)
		}
	}
	rec, ok, err := o.ByWho(ctx, zhang)
	no("by user id", ok && rec.Identity.UserID == want, err)
	rec, ok, err = o.ByJobNumber(ctx, "JOB-007")
	no("by job number", ok && rec.Identity.UserID == want, err)
	rec, ok, err = o.ByJobNumber(ctx, "")
	no("as the last one", ok && rec.Identity.UserID == want, err)
	rec, err = s.Record(ctx, "dingcorp1", want)
	no("uses of a verdict", rec.Used == identity.Usage{Person: 1, Device: 1}, err)
	rec, err = s.Current(ctx)
	no("uses of the current one", rec.Used == identity.Usage{Person: 1, Device: 1}, err)
	used, err := o.Used(ctx, zhang)
	no("uses", used == identity.Usage{Person: 1, Device: 1}, err)
	pin, err := o.PIN(ctx, zhang)
	no("PIN", len(pin) > 0, err)
	t, err := o.Tallies(ctx, offline.Subject{Who: zhang})
	no("counts", t.Person.Failed == 2 && t.Device.Failed == 2, err)
	b, ok, err := o.Badge(ctx, badge)
	no("badge", ok && b.Who == zhang, err)
	all, err := o.Badges(ctx)
	no("badges", len(all) == 1, err)
	id, ok := s.UserID(ctx, "dingcorp1", "union-zhang")
	no("by union id", ok && id == want, nil)
	return missing
}

// The one who rotates may be killed in the middle, or still be at it.
func TestEverybodyIsFoundWhileARotationIsHalfDone(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T, *halfWay) *store.Store{
		"by the one who began it": func(_ *testing.T, h *halfWay) *store.Store { return h.Store },
		"by one that only reads": func(t *testing.T, h *halfWay) *store.Store {
			t.Helper()
			o := h.k.options()
			o.ReadOnly = true
			return openAs(t, o)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHalfWay(t)
			h.stop(t)
			s := open(t, h)
			if missing := found(t.Context(), s, h.badge.ID); missing != nil {
				t.Errorf("half way: %v", missing)
			}
			if got := people(t, h); got != 1 {
				t.Fatal("reading has sealed somebody anew")
			}
			if err := h.Unlock(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := people(t, h); got != 0 {
				t.Errorf("%d people are left under the earlier key", got)
			}
			if missing := found(t.Context(), s, h.badge.ID); missing != nil {
				t.Errorf("at the end: %v", missing)
			}
		})
	}
}

// Each way to look, as the first one of a process that has not heard of the new
// key: when that was begun, and when somebody was sealed with it.
func TestEverybodyIsFoundByWhoHasNotHeardOfARotation(t *testing.T) {
	t.Parallel()
	for name, look := range map[string]func(context.Context, *store.Store, string) bool{
		"by user id": func(ctx context.Context, s *store.Store, _ string) bool {
			rec, ok, err := s.Offline().ByWho(ctx, zhang)
			return ok && err == nil && rec.Used.Device == 1
		},
		"by job number": func(ctx context.Context, s *store.Store, _ string) bool {
			rec, ok, err := s.Offline().ByJobNumber(ctx, "JOB-007")
			return ok && err == nil && rec.Used.Device == 1
		},
		"verdict": func(ctx context.Context, s *store.Store, _ string) bool {
			rec, err := s.Record(ctx, "dingcorp1", "user-zhang")
			return err == nil && rec.Used == identity.Usage{Person: 1, Device: 1}
		},
		"current": func(ctx context.Context, s *store.Store, _ string) bool {
			rec, err := s.Current(ctx)
			return err == nil && rec.Used == identity.Usage{Person: 1, Device: 1}
		},
		"PIN": func(ctx context.Context, s *store.Store, _ string) bool {
			pin, err := s.Offline().PIN(ctx, zhang)
			return len(pin) > 0 && err == nil
		},
		"counts": func(ctx context.Context, s *store.Store, _ string) bool {
			t, err := s.Offline().Tallies(ctx, offline.Subject{Who: zhang})
			return err == nil && t.Person.Failed == 2 && t.Device.Failed == 2
		},
		"badge": func(ctx context.Context, s *store.Store, id string) bool {
			_, ok, err := s.Offline().Badge(ctx, id)
			return ok && err == nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHalfWay(t)
			reading := h.k.options()
			reading.ReadOnly = true // who writes would end the rotation by itself
			half, all := openAs(t, reading), openAs(t, reading)
			h.stop(t)
			if !look(t.Context(), half, h.badge.ID) {
				t.Error("not found half way")
			}
			if err := h.Unlock(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !look(t.Context(), all, h.badge.ID) {
				t.Error("not found at the end")
			}
		})
	}
}

// What is written of somebody who is under the earlier key seals them anew:
// nothing is there twice, and nothing goes back when the rotation goes on.
func TestWhatIsWrittenWhileARotationIsHalfDoneStays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ write, want func(*testing.T, *halfWay) }{
		"a sign-in by PIN": {
			func(t *testing.T, h *halfWay) { t.Helper(); wantPIN(t, h.d, "job-007", goodPIN, "") },
			func(t *testing.T, h *halfWay) { t.Helper(); h.wantUsed(t, 2) },
		},
		"a sign-in by badge": {
			func(t *testing.T, h *halfWay) {
				t.Helper()
				if r, err := h.d.ByBadge(t.Context(), h.text); err != nil || !r.Allowed() {
					t.Errorf("badge: %+v, %v", r, err)
				}
			},
			func(t *testing.T, h *halfWay) { t.Helper(); h.wantUsed(t, 2) },
		},
		"wrong PINs up to the hard stop": {
			func(t *testing.T, h *halfWay) { t.Helper(); fail(t, h.Store, 10) },
			func(t *testing.T, h *halfWay) {
				t.Helper()
				wantPIN(t, h.d, "job-007", goodPIN, offline.HardLocked)
			},
		},
		"another PIN": {
			func(t *testing.T, h *halfWay) {
				t.Helper()
				if reason, err := h.d.Enrol(t.Context(), h.d.Granted(person()), secret.New("860517294")); reason != "" || err != nil {
					t.Errorf("enrol: %q, %v", reason, err)
				}
			},
			func(t *testing.T, h *halfWay) { t.Helper(); wantPIN(t, h.d, "job-007", "860517294", "") },
		},
		"no PIN any more": {
			func(t *testing.T, h *halfWay) {
				t.Helper()
				if err := h.d.Drop(t.Context(), zhang); err != nil {
					t.Error(err)
				}
			},
			func(t *testing.T, h *halfWay) {
				t.Helper()
				if ok, err := h.d.Enrolled(t.Context(), zhang); ok || err != nil {
					t.Errorf("enrolled: %v, %v", ok, err)
				}
				h.wantRows(t, "pins", "0")
			},
		},
		"a badge that is revoked": {
			func(t *testing.T, h *halfWay) {
				t.Helper()
				if ok, err := h.d.Badges.Revoke(t.Context(), h.badge.ID); !ok || err != nil {
					t.Errorf("revoke: %v, %v", ok, err)
				}
			},
			func(t *testing.T, h *halfWay) {
				t.Helper()
				if r, err := h.d.ByBadge(t.Context(), h.text); err != nil || r.Refused != offline.Revoked {
					t.Errorf("badge: %+v, %v", r, err)
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHalfWay(t)
			h.stop(t)
			c.write(t, h)
			if got := people(t, h); got != 0 {
				t.Errorf("%d people are left under the earlier key", got)
			}
			for _, table := range []string{"identities", "badges"} {
				h.wantRows(t, table, "1")
			}
			h.wantRows(t, "attempts", "1")
			if err := h.Unlock(t.Context()); err != nil {
				t.Fatal(err)
			}
			h.wantRows(t, "attempts", "1")
			c.want(t, h)
		})
	}
}

func (h *halfWay) wantUsed(t *testing.T, want int) {
	t.Helper()
	if used, err := h.Offline().Used(t.Context(), zhang); err != nil || used.Person != want || used.Device != want {
		t.Errorf("used %+v, %v, want %d", used, err, want)
	}
}

// Nor do they go back who have guessed at numbers that are nobody's.
func TestCountsOfNumbersThatAreNobodysComeThroughARotation(t *testing.T) {
	t.Parallel()
	h := newHalfWay(t)
	of := offline.Subject{JobNumber: "NOBODY"}
	tries := func(change func(*offline.Tallies)) {
		t.Helper()
		if err := h.Offline().Tries(t.Context(), of, change); err != nil {
			t.Fatal(err)
		}
	}
	tries(func(c *offline.Tallies) { c.Person.Failed = 7 })
	h.stop(t)
	tries(func(c *offline.Tallies) {
		if c.Person.Failed != 7 || c.Device.Failed != 2 {
			t.Errorf("half way: %+v", *c)
		}
		c.Person.Failed++
	})
	if err := h.Unlock(t.Context()); err != nil {
		t.Fatal(err)
	}
	tries(func(c *offline.Tallies) {
		if c.Person.Failed != 8 || c.Device.Failed != 2 {
			t.Errorf("at the end: %+v", *c)
		}
	})
	h.wantRows(t, "attempts", "2")
}

// Two people have one number, and one of them has been sealed anew: it is nobody's
// still.
func TestAJobNumberOfTwoIsNobodysWhileARotationIsHalfDone(t *testing.T) {
	t.Parallel()
	h := newHalfWay(t)
	mustKeep(t, h.Store, colleague(1)) // with the same number
	stop(t, h.Store)
	h.k.rotate(h.Store)
	mustExec(t, h.Store, "DROP TRIGGER stop")
	fail(t, h.Store, 1) // which seals one of them anew
	if got := people(t, h); got != 1 {
		t.Fatalf("%d people are left under the earlier key, want 1", got)
	}
	if rec, ok, err := h.Offline().ByJobNumber(t.Context(), "JOB-007"); ok || err != nil {
		t.Errorf("it is %s's, %v", rec.Identity.UserID, err)
	}
}

// One look where the first finds, and where nobody is left under another key. A
// row that is sealed anew between two looks is found by a third.
func TestNoMoreIsLookedForThanHasToBe(t *testing.T) {
	t.Parallel()
	h := newHalfWay(t)
	looks := func(finds int) (n int) {
		t.Helper()
		err := h.Under("user-zhang", func([]byte) error {
			if n++; n == finds {
				return nil
			}
			return sql.ErrNoRows
		})
		if (err == nil) != (n == finds) {
			t.Errorf("%d looks: %v", n, err)
		}
		return n
	}
	if n := looks(0); n != 1 {
		t.Errorf("%d looks before the rotation, want 1", n)
	}
	h.stop(t)
	for finds, want := range map[int]int{1: 1, 2: 2, 3: 3, 0: 3} {
		if n := looks(finds); n != want {
			t.Errorf("%d looks half way where number %d finds, want %d", n, finds, want)
		}
	}
	if err := h.Unlock(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := looks(0); n != 1 {
		t.Errorf("%d looks after the rotation, want 1", n)
	}
}

// A count that nothing says should be there, and that another process has sealed
// anew.
func TestUsesOfWhoHasNoPINAnyMoreAreToldAfterARotationElsewhere(t *testing.T) {
	t.Parallel()
	h := newHalfWay(t)
	if err := h.d.Drop(t.Context(), zhang); err != nil {
		t.Fatal(err)
	}
	mustExec(t, h.Store, "DELETE FROM badges")
	other := openAs(t, h.k.options())
	h.k.rotate(h.Store)
	if used, err := other.Offline().Used(t.Context(), zhang); err != nil || used != (identity.Usage{Person: 1, Device: 1}) {
		t.Errorf("used %+v, %v", used, err)
	}
}
