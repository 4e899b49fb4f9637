package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/store"
)

const goodPIN = "482915"

var zhang = offline.Who{CorpID: "dingcorp1", UserID: "user-zhang"}

// oneKey is a key that is not in the database.
type oneKey struct{}

func (oneKey) Current() string                    { return "k1" }
func (oneKey) Key(id string) (secret.Text, error) { return secret.New(strings.Repeat(id, 16)), nil }

// still is a clock that DingTalk has set a moment ago.
type still struct{}

func (still) Now() identity.Moment                    { return identity.Moment{Now: moment, Trust: identity.Measured} }
func (still) Relied(context.Context, identity.Moment) {}

// door is offline sign-in over a real database. The file is all that two of them
// share.
func door(s *store.Store) *offline.SignIn {
	now := still{}
	return offline.New(offline.Options{
		Store: s.Offline(), Badges: &offline.Badges{Store: s.Offline(), Keys: oneKey{}, Clock: now},
		Peppers: oneKey{}, Clock: now, Policy: identity.Policy{Offline: true, For: 72 * time.Hour, Uses: 1 << 20},
		Now: func() time.Time { return moment },
	})
}

// enrolled keeps the person and sets a PIN, with hashes of the least cost.
func enrolled(t *testing.T, s *store.Store) {
	t.Helper()
	mustKeep(t, s, person())
	if err := s.Remember(t.Context(), "pin_cost", "19456/2"); err != nil {
		t.Fatal(err)
	}
	d := door(s)
	if reason, err := d.Enrol(t.Context(), d.Granted(person()), secret.New(goodPIN)); reason != "" || err != nil {
		t.Fatalf("enrol: %q, %v", reason, err)
	}
}

func wantPIN(t *testing.T, d *offline.SignIn, number, pin string, want offline.Reason) offline.Result {
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
	s := mustOpen(t, dir)
	s.Seal()
	enrolled(t, s)
	d := door(s)
	badge, text, err := d.Badges.Issue(t.Context(), zhang, 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = mustOpen(t, dir)
	s.Seal()
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
	s := mustOpen(t, dataDir(t))
	s.Seal()
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
	s := mustOpen(t, dir)
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
	wantCode(t, s.Offline().ChangePIN(t.Context(), zhang, func([]byte) []byte { return []byte("x") }), login.StoreUnavailable)
	wantCode(t, s.Offline().KeepBadge(t.Context(), offline.Badge{ID: "00", Who: zhang}), login.StoreUnavailable)
}

// openwallet-foundation/bifold-wallet #1031: the counter was a row that anybody
// could edit. It takes a sealer that notices.
func TestCountsEditedByHandAreNoticed(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]string{
		"the person's removed":     "DELETE FROM attempts WHERE corp_id IS NOT NULL",
		"the device's removed":     "DELETE FROM attempts WHERE corp_id IS NULL",
		"both removed":             "DELETE FROM attempts",
		"emptied":                  "UPDATE attempts SET body = x'' WHERE corp_id IS NOT NULL",
		"the device's in the way":  "UPDATE attempts SET body = (SELECT body FROM attempts WHERE corp_id IS NULL) WHERE corp_id IS NOT NULL",
		"the person's for the all": "UPDATE attempts SET body = (SELECT body FROM attempts WHERE corp_id IS NOT NULL) WHERE corp_id IS NULL",
		"the device's emptied":     "UPDATE attempts SET body = zeroblob(length(body)) WHERE corp_id IS NULL",
		"another's key":            "UPDATE attempts SET subject_key = x'00' WHERE corp_id IS NOT NULL",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mustOpen(t, dataDir(t))
			s.SealTight()
			enrolled(t, s)
			fail(t, s, 2)
			if err := s.Exec(t.Context(), edit); err != nil {
				t.Fatal(err)
			}
			d := door(s)
			r, err := d.ByPIN(t.Context(), "", secret.New(goodPIN))
			wantCode(t, err, login.StoreUnavailable)
			if r.Allowed() || !strings.Contains(login.DetailOf(err), "changed by another program") {
				t.Errorf("%+v, %v", r, err)
			}
			mustKeep(t, s, person())
			wantPIN(t, d, "", goodPIN, "")
		})
	}
}

// Also without a sealer that notices.
func TestCountsOfOneAnotherAreNoticed(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, dataDir(t))
	enrolled(t, s)
	fail(t, s, 2)
	if err := s.Exec(t.Context(), "UPDATE attempts SET body = (SELECT body FROM attempts WHERE corp_id IS NULL)"); err != nil {
		t.Fatal(err)
	}
	_, err := door(s).ByPIN(t.Context(), "", secret.New(goodPIN))
	wantCode(t, err, login.StoreUnavailable)
}

// Every sealed value, cut anywhere or with a bit of any byte flipped: a typed
// error, never a panic, never a yes.
func TestWhatIsSealedCutOrFlipped(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"pins", "badges", "attempts"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			s := mustOpen(t, dataDir(t))
			s.SealTight()
			enrolled(t, s)
			d := door(s)
			_, text, err := d.Badges.Issue(t.Context(), zhang, 24*time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			fail(t, s, 10) // no hash is computed
			where := map[string]string{"attempts": " WHERE corp_id IS NOT NULL"}[table]
			if err := s.Exec(t.Context(), "PRAGMA synchronous = 0"); err != nil { // no power will be cut here
				t.Fatal(err)
			}
			whole := sealedBody(t, s, "SELECT hex(body) FROM "+table+where)
			try := func(body []byte) {
				t.Helper()
				if err := s.Exec(t.Context(), "UPDATE "+table+" SET body = ?"+where, body); err != nil {
					t.Fatal(err)
				}
				byPIN, pinErr := d.ByPIN(t.Context(), "", secret.New("000000"))
				byBadge, badgeErr := d.ByBadge(t.Context(), text)
				if table != "badges" {
					wantCode(t, pinErr, login.StoreUnavailable)
				}
				if table != "pins" {
					wantCode(t, badgeErr, login.StoreUnavailable)
				}
				if byPIN.Allowed() || byBadge.Allowed() != (table == "pins") {
					t.Fatalf("%d bytes: %+v, %+v", len(body), byPIN, byBadge)
				}
			}
			for n := range whole {
				try(whole[:n])
				flipped := bytes.Clone(whole)
				flipped[n] ^= 1 << (n % 8)
				try(flipped)
			}
		})
	}
}

func sealedBody(t *testing.T, s *store.Store, query string) (body []byte) {
	t.Helper()
	err := s.ReadConn(t.Context(), func(run func(string) string) { _, _ = fmt.Sscanf(run(query), "%x", &body) })
	if err != nil || len(body) == 0 {
		t.Fatalf("%s: %d bytes, %v", query, len(body), err)
	}
	return body
}

// himmelblau #612: a restart cleared the count. A try whose hash was under way
// when the process was killed counts.
func TestWrongPINsSurviveAKill(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	enrolled(t, s)
	fail(t, s, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for tries := 1; tries <= 3; tries++ {
		cmd := command(t, "guess", dir, "")
		stdin, err := cmd.StdinPipe() // held open: the child waits on it
		if err != nil {
			t.Fatal(err)
		}
		c := start(t, cmd)
		if said := c.line(t); said != "hashing" {
			t.Fatalf("the child said %q", said)
		}
		c.kill(t)
		_ = stdin.Close() // nobody reads it any more
		s := mustOpen(t, dir)
		d := door(s)
		lock, err := d.Lock(t.Context(), zhang)
		if err != nil || lock.Left != 10-tries {
			t.Errorf("after %d kills: %+v, %v", tries, lock, err)
		}
		if tries == 3 {
			wantPIN(t, d, "", goodPIN, offline.Locked)
		}
		if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
			t.Error(err)
		}
	}
}

// childGuess tries a PIN and says so once its hash is being computed.
func childGuess(ctx context.Context, dir, _ string) error {
	s, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil {
		return err
	}
	d := door(s)
	d.Peppers = &slowKey{}
	_, err = d.ByPIN(ctx, "", secret.New(goodPIN)) // the right one, even
	return err
}

// slowKey is a key that is not given a second time. The first is for looking at
// what is kept, the second for the hash.
type slowKey struct {
	oneKey
	given bool
}

func (k *slowKey) Key(id string) (secret.Text, error) {
	if k.given {
		say("hashing")
		_, _ = io.Copy(io.Discard, os.Stdin) // until killed
	}
	k.given = true
	return k.oneKey.Key(id)
}

// Two processes that guess at the same time have as many tries as one.
func TestProcessesShareTheTries(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	enrolled(t, s)
	const processes = 3
	var children []*child
	for i := range processes {
		children = append(children, start(t, command(t, "guesses", dir, fmt.Sprint(i))))
	}
	hashes := 0
	for _, c := range children {
		for c.lines.Scan() && c.lines.Text() != done {
			if c.lines.Text() != string(offline.WrongPIN) {
				t.Errorf("a child said %q", c.lines.Text())
			}
			hashes++
		}
		if err := c.cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if hashes != 3 {
		t.Errorf("%d hashes were computed, want 3", hashes)
	}
}

// childGuesses tries twenty PINs from eight goroutines, and tells each that was
// hashed.
func childGuesses(ctx context.Context, dir, arg string) error {
	s, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil {
		return err
	}
	d := door(s)
	results := make(chan error)
	for i := range 8 {
		go func() {
			r, err := d.ByPIN(ctx, "", secret.New(fmt.Sprintf("7%s%d350", arg, i)))
			if err == nil && r.Refused != offline.Locked {
				say(r.Refused)
			}
			results <- err
		}()
	}
	var errs []error
	for range 8 {
		errs = append(errs, <-results)
	}
	return errors.Join(append(errs, s.Close())...)
}

// What strangers type does not grow the file for ever.
func TestJobNumbersOfNobodyAreForgotten(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	mustKeep(t, s, person())
	fail(t, s, 2)
	try := func(number string) {
		t.Helper()
		err := s.Offline().Tries(t.Context(), offline.Subject{JobNumber: number}, func(c *offline.Tallies) { c.Person.Failed++ })
		if err != nil {
			t.Fatal(err)
		}
	}
	try("B1")
	err := s.Exec(t.Context(), `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
		INSERT INTO attempts (subject_key, body) SELECT CAST(i AS BLOB), x'00' FROM n`)
	if err != nil {
		t.Fatal(err)
	}
	try("B2")
	var rows int
	if err := raw(t, dir).QueryRowContext(t.Context(), "SELECT count(*) FROM attempts").Scan(&rows); err != nil || rows != 3 {
		t.Errorf("%d rows are left, want the person's, the device's and the last: %v", rows, err)
	}
	err = s.Offline().Tries(t.Context(), offline.Subject{Who: zhang}, func(c *offline.Tallies) {
		if c.Person.Failed != 2 || c.Device.Failed != 2 {
			t.Errorf("known counts were forgotten: %+v", c)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWhereNothingCanBeWrittenNoTryIsMade(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	enrolled(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{Dir: dir, ReadOnly: true})
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
