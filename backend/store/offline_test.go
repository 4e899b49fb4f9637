package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
)

const goodPIN = "482915"

var zhang = identity.Who{CorpID: "dingcorp1", UserID: "user-zhang"}

// oneKey is a key that is not in the database.
type oneKey struct{}

func (oneKey) Current() string                    { return "k1" }
func (oneKey) Key(id string) (secret.Text, error) { return secret.New(strings.Repeat(id, 16)), nil }

// still is a clock that DingTalk has set a moment ago.
type still struct{}

func (still) Now() identity.Moment                    { return identity.Moment{Now: moment, Trust: identity.Measured} }
func (still) Relied(context.Context, identity.Moment) {}

// entrance is offline sign-in that lets in at once whom it gives a pass.
type entrance struct{ *offline.SignIn }

func (e entrance) ByPIN(ctx context.Context, number string, pin secret.Text) (offline.Result, error) {
	r, err := e.SignIn.ByPIN(ctx, number, pin)
	return e.through(ctx, r, err)
}

func (e entrance) ByBadge(ctx context.Context, badge secret.Text) (offline.Result, error) {
	r, err := e.SignIn.ByBadge(ctx, badge)
	return e.through(ctx, r, err)
}

func (e entrance) through(ctx context.Context, r offline.Result, err error) (offline.Result, error) {
	if err != nil || r.Refused != "" {
		return r, err
	}
	return e.Enter(ctx, r.Pass)
}

// door is offline sign-in over a real database. The file is all that two of them
// share.
func door(s *store.Store) entrance { return doorWith(s, oneKey{}, oneKey{}) }

// doorWith has the keys that PINs and badges are made with.
func doorWith(s *store.Store, peppers, signing offline.Keys) entrance {
	now := still{}
	return entrance{offline.New(offline.Options{
		Store: s.Offline(), Badges: &offline.Badges{Store: s.Offline(), Keys: signing, Clock: now},
		Peppers: peppers, Clock: now, Policy: identity.Policy{Offline: true, For: 72 * time.Hour, Uses: 1 << 20},
		Now: func() time.Time { return moment },
	})}
}

// enrolled keeps the person and sets a PIN, with hashes of the least cost.
func enrolled(t *testing.T, s *store.Store) {
	t.Helper()
	enrolledAt(t, s, door(s))
}

func enrolledAt(t *testing.T, s *store.Store, d entrance) {
	t.Helper()
	mustKeep(t, s, person())
	if err := s.Remember(t.Context(), "pin_cost", "19456/2"); err != nil {
		t.Fatal(err)
	}
	if reason, err := d.Enrol(t.Context(), d.Granted(person()), secret.New(goodPIN)); reason != "" || err != nil {
		t.Fatalf("enrol: %q, %v", reason, err)
	}
}

func wantPIN(t *testing.T, d entrance, number, pin string, want offline.Reason) offline.Result {
	t.Helper()
	r, err := d.ByPIN(t.Context(), number, secret.New(pin))
	if err != nil || r.Refused != want || r.Allowed() != (want == "") {
		t.Errorf("%q: %+v, %v; want %q", number, r, err, want)
	}
	return r
}

// fail counts wrong PINs without computing hashes.
func fail(t *testing.T, s *store.Store, n int) {
	t.Helper()
	err := s.Offline().Tries(t.Context(), offline.Subject{Who: zhang}, func(c *offline.Tallies) { c.Person.Failed, c.Device.Failed = n, n })
	if err != nil {
		t.Fatal(err)
	}
}

// kanidm #4407: kept, and yet never right after a restart.
func TestPINAndBadgeAfterReopening(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	k := newKeys(t, dir)
	s := mustOpenWith(t, dir, k.unlock)
	enrolled(t, s)
	d := door(s)
	badge, text, err := d.Badges.Issue(t.Context(), zhang, 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = mustOpenWith(t, dir, k.unlock)
	d = door(s)
	for uses, number := range []string{"job-007", ""} {
		if r := wantPIN(t, d, number, goodPIN, ""); r.Person.Used.Person != uses+1 || r.Person.Identity.Name != "张三丰" {
			t.Errorf("let in: %+v", r)
		}
	}
	if r, err := d.ByBadge(t.Context(), text); err != nil || !r.Allowed() || r.Person.Used != (identity.Usage{Person: 3, Device: 3}) {
		t.Errorf("badge: %+v, %v", r, err)
	}
	if used, err := s.Offline().Used(t.Context(), zhang); err != nil || used.Person != 3 || used.Device != 3 {
		t.Errorf("used %+v, %v", used, err)
	}
	if ok, err := d.Badges.Revoke(t.Context(), badge.ID); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if r, err := d.ByBadge(t.Context(), text); err != nil || r.Refused != offline.Revoked {
		t.Errorf("revoked badge: %+v, %v", r, err)
	}
	all, err := d.Badges.All(t.Context())
	badge.Revoked = moment
	if err != nil || len(all) != 1 || all[0] != badge {
		t.Errorf("badges %+v, %v; want %+v", all, err, badge)
	}
}

func TestASignInWithDingTalkEndsWhatWasCounted(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	enrolled(t, s)
	d := door(s)
	wantPIN(t, d, "", goodPIN, "")
	fail(t, s, 10)
	wantPIN(t, d, "", goodPIN, offline.HardLocked)
	mustKeep(t, s, person())
	if used, err := s.Offline().Used(t.Context(), zhang); err != nil || used != (identity.Usage{}) {
		t.Errorf("used %+v, %v", used, err)
	}
	wantPIN(t, d, "", goodPIN, "")
}

func TestAJobNumberFindsOnePersonOrNobody(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
	o := s.Offline()
	find := func(number, want string) {
		t.Helper()
		rec, ok, err := o.ByJobNumber(t.Context(), number)
		if err != nil || ok != (want != "") || rec.Identity.UserID != want {
			t.Errorf("%q: %q, %v, %v; want %q", number, rec.Identity.UserID, ok, err, want)
		}
	}
	find("", "")
	find("JOB-007", "")
	mustKeep(t, s, person())
	find("JOB-007", "user-zhang")
	find("", "user-zhang")
	find("007", "")

	other := person()
	other.Identity.UserID, other.Identity.UnionID = "user-li", "union-li"
	mustKeep(t, s, other)
	find("JOB-007", "") // of two people
	find("", "user-li")
	other.Identity.JobNo = ""
	mustKeep(t, s, other)
	find("JOB-007", "user-zhang")
	other.Identity.JobNo = "job-008 "
	mustKeep(t, s, other)
	find("JOB-008", "user-li")
}

func TestForgettingTakesPINBadgeAndCountsAlong(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
	enrolled(t, s)
	d := door(s)
	_, text, err := d.Badges.Issue(t.Context(), zhang, 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	fail(t, s, 2)
	if err := s.Forget(t.Context(), person().Identity); err != nil {
		t.Fatal(err)
	}
	if found := filesWith(t, dir, planted(t, person())); len(found) > 0 {
		t.Errorf("still in the files: %v", found)
	}
	wantPIN(t, d, "", goodPIN, offline.NotEnrolled)
	if r, err := d.ByBadge(t.Context(), text); err != nil || r.Refused != offline.BadBadge {
		t.Errorf("badge of a forgotten person: %+v, %v", r, err)
	}
	mustKeep(t, s, person())
	if ok, err := d.Enrolled(t.Context(), zhang); ok || err != nil {
		t.Errorf("enrolled after being forgotten: %v, %v", ok, err)
	}
}

func TestNobodyHasAPINOrABadgeWithoutBeingKnown(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	wantCode(t, s.Offline().ChangePIN(t.Context(), zhang, "", func([]byte) []byte { return []byte("x") }), login.StoreUnavailable)
	wantCode(t, s.Offline().KeepBadge(t.Context(), offline.Badge{ID: "00", Who: zhang}), login.StoreUnavailable)
}

func TestWhoOpensToReadLetsNobodyIn(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	enrolled(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{Unlock: store.Plain, Dir: dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	d := door(s)
	r, err := d.ByPIN(t.Context(), "", secret.New(goodPIN))
	wantCode(t, err, login.StoreUnavailable)
	if r.Allowed() {
		t.Error("let in without a count")
	}
}

// What hangs on a person is sealed anew with them, under the new key.
func TestARotationTakesPINBadgeAndCountsAlong(t *testing.T) {
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
	wantPIN(t, d, "job-007", goodPIN, "")
	fail(t, s, 2)
	if _, err := k.vault.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Unlock(t.Context()); err != nil {
		t.Fatal(err)
	}
	inUse, err := s.KeysInUse(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rec, err := s.Current(t.Context())
	if err != nil || rec.Used != (identity.Usage{Person: 1, Device: 1}) {
		t.Errorf("uses %+v, %v (keys in use: %v)", rec.Used, err, inUse)
	}
	if r, err := d.ByBadge(t.Context(), text); err != nil || !r.Allowed() {
		t.Errorf("badge: %+v, %v", r, err)
	}
	wantPIN(t, d, "job-007", goodPIN, "")
}

// A PIN that is set or dropped is in the sign-in log with the same step; one that
// is kept anew under another key, or was not there, is no event.
func TestAPINAndItsEventAreOneStep(t *testing.T) {
	t.Parallel()
	s := mustOpenWith(t, dataDir(t), store.Plain)
	mustKeep(t, s, person())
	change := func(event signlog.Event, to []byte) error {
		return s.Offline().ChangePIN(t.Context(), zhang, event, func([]byte) []byte { return to })
	}
	for _, step := range []struct {
		event signlog.Event
		to    []byte
	}{
		{signlog.Revoked, nil}, {signlog.Enrolled, []byte("one")}, {"", []byte("anew")}, {signlog.Enrolled, []byte("another")}, {signlog.Revoked, nil},
	} {
		if err := change(step.event, step.to); err != nil {
			t.Fatal(err)
		}
	}
	mustExec(t, s, "CREATE TRIGGER stop BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'stop'); END")
	if err := change(signlog.Enrolled, []byte("without a word")); err == nil {
		t.Error("a PIN was set that the log knows nothing of")
	}
	if pin, err := s.Offline().PIN(t.Context(), zhang); pin != nil || err != nil {
		t.Errorf("PIN %q, %v", pin, err)
	}
	var got []signlog.Event
	for _, e := range entries(t, s) {
		if e.Event != signlog.SignedIn && (e.Method != signlog.ByPIN || e.Name != "张三丰") {
			t.Errorf("entry %+v", e)
		}
		got = append(got, e.Event)
	}
	if want := []signlog.Event{signlog.SignedIn, signlog.Enrolled, signlog.Enrolled, signlog.Revoked}; !slices.Equal(got, want) {
		t.Errorf("events %q, want %q", got, want)
	}
}
