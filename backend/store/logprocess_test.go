package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
)

// childNote notes events without end and says so after each.
func childNote(ctx context.Context, dir, arg string) error {
	s, err := store.Open(ctx, keyed(dir, "k"))
	if err != nil {
		return err
	}
	first, err := strconv.Atoi(arg)
	if err != nil {
		return err
	}
	for n := first; ; n++ {
		s.Note(ctx, event(n))
		if waiting := s.Waiting(); waiting > 0 {
			return fmt.Errorf("%d entries wait", waiting)
		}
		say(n)
	}
}

func TestAcknowledgedEntriesSurviveAKill(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	next := 1
	for round := range 12 {
		c := start(t, command(t, "note", dir, strconv.Itoa(next)))
		said := c.line(t)
		for range round {
			said = c.line(t)
		}
		if more := c.kill(t); len(more) > 0 {
			said = more[len(more)-1]
		}
		last, err := strconv.Atoi(said)
		if err != nil {
			t.Fatalf("the child said %q", said)
		}
		s := openAs(t, keyed(dir, "k"))
		got := entries(t, s)
		if len(got) < last || len(got) > last+1 {
			t.Errorf("after a kill there are %d entries, and %d were acknowledged", len(got), last)
		}
		for i, e := range got {
			if want := "event-" + strconv.Itoa(i+1); e.ID != want || e.Sequence != int64(i+1) {
				t.Errorf("entry %d is %s, want %s", e.Sequence, e.ID, want)
			}
		}
		if report := verified(t, s); !report.Sound() {
			t.Errorf("after a kill: %+v", report.Findings)
		}
		next = len(got) + 1
		mustClose(t, s)
	}
}

// childNotes notes forty events of its own.
func childNotes(ctx context.Context, dir, arg string) error {
	s, err := store.Open(ctx, keyed(dir, "k"))
	if err != nil {
		return err
	}
	first, err := strconv.Atoi(arg)
	if err != nil {
		return err
	}
	for n := range 40 {
		s.Note(ctx, event(first+n))
	}
	if waiting := s.Waiting(); waiting > 0 {
		return fmt.Errorf("%d entries wait", waiting)
	}
	return s.Close()
}

func TestTwoProcessesWriteOneChain(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	first, second := start(t, command(t, "notes", dir, "1000")), start(t, command(t, "notes", dir, "2000"))
	first.finish(t)
	second.finish(t)
	s := openAs(t, keyed(dir, "k"))
	if report := verified(t, s); !report.Sound() || report.Rows != 80 {
		t.Errorf("report = %+v", report)
	}
	seen := make(map[string]bool)
	for _, e := range entries(t, s) {
		seen[e.ID] = true
	}
	if len(seen) != 80 {
		t.Errorf("%d different events, want 80", len(seen))
	}
}

// bindery #900, neotoma #2075: copies without the newest pages. A copy that is
// made while others write is a beginning of the log, and verifies.
func TestCopyThatIsMadeUnderLoadVerifies(t *testing.T) {
	t.Parallel()
	o := keyed(dataDir(t), "k")
	s := openAs(t, o)
	note(t, s, 1, 5)
	var group sync.WaitGroup
	group.Go(func() { note(t, s, 100, 40) })
	for range 5 {
		before := len(entries(t, s))
		folder := dataDir(t)
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := s.Exec(t.Context(), "VACUUM INTO ?", filepath.Join(folder, "dingpass.db")); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(folder, "dingpass.db"), 0o600); err != nil {
			t.Fatal(err)
		}
		restored := keyed(folder, "k")
		if report := verified(t, openAs(t, restored)); !report.Sound() || report.Rows < int64(before) {
			t.Errorf("report of a copy = %+v, want at least %d rows", report, before)
		}
	}
	group.Wait()
}

// filled makes a log of many entries of a person, quickly.
func filled(t *testing.T, n int, who identity.Identity) string {
	t.Helper()
	dir := dataDir(t)
	s := openAs(t, keyed(dir, "k"))
	many := make([]signlog.Entry, n)
	for i := range many {
		many[i] = signlog.Entry{Event: signlog.SignedIn, Method: signlog.ByQR, Source: signlog.FromDingTalk}.Of(who)
	}
	if err := s.Append(t.Context(), many); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	return dir
}

// childVerify verifies a log, reads it out, and says how much memory it took
// from the system for that.
func childVerify(ctx context.Context, dir, _ string) error {
	debug.SetGCPercent(10) // garbage that waits is not what is measured
	o := keyed(dir, "k")
	o.ReadOnly = true
	s, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	report, err := s.VerifyLog(ctx)
	if err != nil || !report.Sound() {
		return fmt.Errorf("%w: %+v", err, report)
	}
	for _, err := range s.LogEntries(ctx) {
		if err != nil {
			return err
		}
	}
	var used runtime.MemStats
	runtime.ReadMemStats(&used)
	say(used.Sys)
	return s.Close()
}

func TestALongLogIsReadInAsMuchMemoryAsAShortOne(t *testing.T) {
	t.Parallel()
	const short, long = 100, 2_000
	who := person().Identity
	who.Name = strings.Repeat("长", 2<<10) // so that a few thousand entries are much
	use := make(map[int]uint64)
	for _, n := range []int{short, long} {
		c := start(t, command(t, "verify", filled(t, n, who), ""))
		said, err := strconv.ParseUint(c.line(t), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		c.finish(t)
		use[n] = said
	}
	t.Logf("memory for %d entries %d kB, for %d entries %d kB", short, use[short]>>10, long, use[long]>>10)
	if use[long] > use[short]+6<<20 {
		t.Errorf("%d entries take %d bytes, %d take %d", short, use[short], long, use[long])
	}
}

// SSSD #7981: 150 MB of log a day. A door with a thousand sign-ins a day may
// take half a megabyte.
func TestAnEntryTakesLittleRoom(t *testing.T) {
	t.Parallel()
	size := func(dir string) int64 {
		info, err := os.Stat(filepath.Join(dir, "dingpass.db"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	const n = 1000
	each := (size(filled(t, n, person().Identity)) - size(filled(t, 0, person().Identity))) / n
	t.Logf("%d bytes an entry", each)
	if each > 512 {
		t.Errorf("an entry takes %d bytes, want 512 at most", each)
	}
}
