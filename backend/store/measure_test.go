package store_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/store"
)

// build/bench measures the store through this test binary, which can fill a
// database with a million people. Two children play with it:
//
//	fill     makes a database of as many people and events as the argument says
//	measure  says how long opening took, then does what each line of its
//	         standard input asks, and says how long each took, in nanoseconds

// colleagueOf has ids of their own, and a job number.
func colleagueOf(n int) identity.Record {
	rec := colleague(n)
	rec.Identity.JobNo = fmt.Sprint("JOB-", n)
	return rec
}

func childFill(ctx context.Context, dir, arg string) error {
	var people, events int
	if _, err := fmt.Sscan(arg, &people, &events); err != nil {
		return err
	}
	s, err := store.Open(ctx, keysOf(dir).options())
	if err != nil {
		return err
	}
	// The keys as they will be: a log is keyed once there is an entry.
	err = errors.Join(s.Keep(ctx, person()), s.Fill(ctx, people, events, colleagueOf))
	return errors.Join(err, s.Close())
}

func childMeasure(ctx context.Context, dir, arg string) error {
	var people int
	if _, err := fmt.Sscan(arg, &people); err != nil {
		return err
	}
	o := keysOf(dir).options()
	began := time.Now()
	s, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	tell(time.Since(began))
	ctx, stop := context.WithCancel(ctx) // as those of the program, and unlike Background
	defer stop()
	m := &measuring{s, dir, people}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var what string
		var n int
		if _, err := fmt.Sscan(lines.Text(), &what, &n); err != nil {
			return err
		}
		took, err := m.do(ctx, what, n)
		if err != nil {
			return err
		}
		tell(took...)
	}
	return errors.Join(lines.Err(), s.Close())
}

func tell(took ...time.Duration) {
	text, _ := json.Marshal(took) // numbers
	say(string(text))
}

// measuring is an open database.
type measuring struct {
	*store.Store
	dir    string
	people int
}

// do does something n times.
func (m *measuring) do(ctx context.Context, what string, n int) (took []time.Duration, err error) {
	once := map[string]func(context.Context) error{
		"read":   m.verdict,
		"append": m.append,
		"keep":   func(ctx context.Context) error { return m.Keep(ctx, colleagueOf(rand.IntN(m.people))) },
		"backup": func(ctx context.Context) error { return m.Backup(ctx, filepath.Join(filepath.Dir(m.dir), "backup")) },
		"verify": m.verify,
	}[what]
	if once == nil {
		return nil, errors.New("what is " + what)
	}
	for range n {
		began := time.Now()
		if err := once(ctx); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

func (m *measuring) verdict(ctx context.Context) error {
	who := fmt.Sprintf("user-%04d", rand.IntN(m.people))
	rec, err := m.Record(ctx, "dingcorp1", who)
	if err != nil {
		return err
	}
	v := identity.Decide(rec, identity.Policy{Offline: true, For: 1 << 60, Uses: 20}, identity.Moment{Now: moment})
	if v.Answer != identity.Allow || rec.Identity.UserID != who {
		return fmt.Errorf("%s: %+v", who, v)
	}
	return nil
}

func (m *measuring) append(ctx context.Context) error {
	e := event(0)
	e.ID = ""
	m.Note(ctx, e)
	if waiting := m.Waiting(); waiting > 0 {
		return fmt.Errorf("%d entries wait", waiting)
	}
	return nil
}

func (m *measuring) verify(ctx context.Context) error {
	report, err := m.VerifyLog(ctx)
	if err == nil && !report.Sound() {
		err = fmt.Errorf("%+v", report)
	}
	return err
}
