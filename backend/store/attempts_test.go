package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/store"
)

// openwallet-foundation/bifold-wallet #1031: the counter was a row that anybody
// could edit. It takes a sealer that notices.
func TestCountsEditedByHandAreNoticed(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]string{
		"the person's removed":     "UPDATE identities SET tally = NULL",
		"the device's removed":     "DELETE FROM attempts",
		"both removed":             "DELETE FROM attempts; UPDATE identities SET tally = NULL",
		"emptied":                  "UPDATE identities SET tally = x''",
		"the device's in the way":  "UPDATE identities SET tally = (SELECT body FROM attempts)",
		"the person's for the all": "UPDATE attempts SET body = (SELECT tally FROM identities)",
		"the body in the way":      "UPDATE identities SET tally = body",
		"the device's emptied":     "UPDATE attempts SET body = zeroblob(length(body))",
		"another's key":            "UPDATE attempts SET subject_key = x'00'",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
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
	if err := s.Exec(t.Context(), "UPDATE identities SET tally = (SELECT body FROM attempts)"); err != nil {
		t.Fatal(err)
	}
	_, err := door(s).ByPIN(t.Context(), "", secret.New(goodPIN))
	wantCode(t, err, login.StoreUnavailable)
}

// Counts of schema 6 are carried over as they were sealed.
func TestACountThatWasSealedForItsEarlierPlaceGoesOn(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
	enrolled(t, s)
	fail(t, s, 2)
	if err := s.MoveTally(t.Context(), zhang); err != nil {
		t.Fatal(err)
	}
	for left := 8; left > 6; left-- {
		if lock, err := door(s).Lock(t.Context(), zhang); err != nil || lock.Left != left {
			t.Errorf("%+v, %v, want %d tries left", lock, err, left)
		}
		if rec, err := s.Record(t.Context(), zhang.CorpID, zhang.UserID); err != nil || rec.Used.Person != 0 {
			t.Errorf("%+v, %v", rec.Used, err)
		}
		err := s.Offline().Tries(t.Context(), offline.Subject{Who: zhang}, func(c *offline.Tallies) { c.Person.Failed++ })
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Every sealed value, cut anywhere or with a bit of any byte flipped: a typed
// error, never a panic, never a yes.
func TestWhatIsSealedCutOrFlipped(t *testing.T) {
	t.Parallel()
	for table, column := range map[string]string{"pins": "body", "badges": "body", "attempts": "body", "identities": "tally"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
			enrolled(t, s)
			d := door(s)
			_, text, err := d.Badges.Issue(t.Context(), zhang, 24*time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			fail(t, s, 10)                                                        // no hash is computed
			if err := s.Exec(t.Context(), "PRAGMA synchronous = 0"); err != nil { // no power will be cut here
				t.Fatal(err)
			}
			whole := sealedBody(t, s, fmt.Sprintf("SELECT hex(%s) FROM %s", column, table))
			try := func(body []byte) {
				t.Helper()
				if err := s.Exec(t.Context(), fmt.Sprintf("UPDATE %s SET %s = ?", table, column), body); err != nil {
					t.Fatal(err)
				}
				byPIN, pinErr := d.ByPIN(t.Context(), "", secret.New("000000"))
				byBadge, badgeErr := d.ByBadge(t.Context(), text)
				if table != "badges" {
					wantUnreadable(t, pinErr)
				}
				if table != "pins" {
					wantUnreadable(t, badgeErr)
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

// wantUnreadable wants a refusal to read: a value whose key id was changed names
// a key that nobody has.
func wantUnreadable(t *testing.T, err error) {
	t.Helper()
	if code := login.CodeOf(err); code != login.StoreUnavailable && code != login.KeyUnavailable {
		t.Errorf("error = %v", err)
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

// A power cut leaves some of the log: the counts of some moment, and more of the
// log never counts less.
func TestACutLogTakesNoCountBack(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	enrolled(t, s)
	if err := s.Close(); err != nil { // so that the log has only what follows
		t.Fatal(err)
	}
	s = mustOpen(t, dir)
	const tries = 5
	for n := range tries {
		fail(t, s, n+1)
	}
	crashed := copyOf(t, dir) // while it is open, so that all of it is in the log
	log, err := os.ReadFile(filepath.Join(crashed, "dingpass.db-wal"))
	if err != nil {
		t.Fatal(err)
	}
	most := 0
	for n := 0; n < len(log)+997; n += 997 {
		cut := copyOf(t, crashed)
		err := errors.Join(os.Remove(filepath.Join(cut, "dingpass.db-shm")),
			os.WriteFile(filepath.Join(cut, "dingpass.db-wal"), log[:min(n, len(log))], 0o600))
		if err != nil {
			t.Fatal(err)
		}
		s := mustOpen(t, cut)
		lock, err := door(s).Lock(t.Context(), zhang)
		if err != nil {
			t.Fatalf("with %d bytes of the log: %v", n, err)
		}
		if failed := 10 - lock.Left; failed < most {
			t.Errorf("with %d bytes of the log %d wrong PINs, with less %d", n, failed, most)
		} else {
			most = failed
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if most != tries {
		t.Errorf("with the whole log %d wrong PINs, want %d", most, tries)
	}
}

// childGuess tries a PIN and says so once its hash is being computed.
func childGuess(ctx context.Context, dir, _ string) error {
	s, err := store.Open(ctx, store.Options{Unlock: store.Plain, Dir: dir})
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
	s, err := store.Open(ctx, store.Options{Unlock: store.Plain, Dir: dir})
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

// Measured with three processes that began with a new database: the last of them
// to seal it anew gave up what the others had counted of strangers meanwhile.
func TestSealingAnewTakesBackNoCountOfTheSameKey(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpenWith(t, dir, newKeys(t, dir).unlock)
	tried := 0
	try := func(c *offline.Tallies) {
		tried = c.Person.Failed
		c.Person.Failed++
	}
	for want := range 2 {
		if err := s.Offline().Tries(t.Context(), stranger, try); err != nil || tried != want {
			t.Errorf("%d tries were counted, want %d: %v", tried, want, err)
		}
		if err := s.Exec(t.Context(), "UPDATE sealing SET resealed = 0"); err != nil { // as the other process has read it
			t.Fatal(err)
		}
		if err := s.Unlock(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
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
	if err := raw(t, dir).QueryRowContext(t.Context(), "SELECT count(*) FROM attempts").Scan(&rows); err != nil || rows != 2 {
		t.Errorf("%d rows are left, want the device's and the last: %v", rows, err)
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
