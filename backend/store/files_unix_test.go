//go:build unix

package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/store"
)

var unixChildren = map[string]func(ctx context.Context, dir, arg string) error{
	"unwanted": childUnwanted,
	"full":     childFull,
	"fuller":   childFuller,
	"late":     childLate,
	"enter":    childEnter,
}

func TestFilesOpenToOthersAreRefusedWithTheMend(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file string
		mode       os.FileMode
		mend       string
	}{
		{"group may read the database", "dingpass.db", 0o640, "chmod 600 "},
		{"others may write the database", "dingpass.db", 0o602, "chmod 600 "},
		{"others may read the log", "dingpass.db-wal", 0o604, "chmod 600 "},
		{"others may list the directory", "", 0o755, "chmod 700 "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			s := mustOpen(t, dir)
			mustKeep(t, s, person())
			path := filepath.Join(dir, c.file)
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
			_, err := store.Open(t.Context(), store.Options{Unlock: store.Plain, Dir: dir})
			wantCode(t, err, login.StoreUnavailable)
			if detail := login.DetailOf(err); !strings.Contains(detail, c.mend+path) {
				t.Errorf("detail = %q, want %q", detail, c.mend+path)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != c.mode {
				t.Errorf("the mode was changed in silence: %v, %v", info, err)
			}
		})
	}
}

func TestAnotherUsersDataIsRefused(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	mustKeep(t, mustOpen(t, dir), person())
	dirs := []string{"/"} // root's, for everyone but root
	if os.Geteuid() == 0 {
		foreign := dataDir(t)
		mustKeep(t, mustOpen(t, foreign), person())
		for _, c := range []struct{ path string }{{filepath.Join(dir, "dingpass.db")}, {foreign}} {
			if err := os.Chown(c.path, 12345, 12345); err != nil {
				t.Fatal(err)
			}
		}
		dirs = []string{dir, foreign}
	}
	for _, dir := range dirs {
		for _, readOnly := range []bool{false, true} {
			_, err := store.Open(t.Context(), store.Options{Unlock: store.Plain, Dir: dir, ReadOnly: readOnly})
			wantCode(t, err, login.StoreUnavailable)
			if detail := login.DetailOf(err); !strings.Contains(detail, "belongs to user") {
				t.Errorf("detail = %q, want it to tell the owner", detail)
			}
		}
	}
}

// canonical/authd #1182, #1693, PR 1695: on a disk that had turned read-only, people
// with the right password were refused. Modes do not bind root, so that the
// test is played by a child who is somebody else.
func TestKnownPersonIsToldWhereNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		file, dir os.FileMode
		log       bool // a log was left by a process that was killed
	}{
		{"file that cannot be written", 0o400, 0o700, false},
		{"directory that cannot be written", 0o600, 0o500, false},
		{"neither can be written", 0o400, 0o500, false},
		{"neither can be written, after a crash", 0o400, 0o500, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			s := mustOpen(t, dir)
			mustKeep(t, s, person())
			if c.log {
				dir = copyOf(t, dir) // while it is open: the person is only in the log
			} else if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			cmd := command(t, "unwanted", dir, "")
			asSomebody(t, cmd, dir)
			for path, mode := range map[string]os.FileMode{
				"dingpass.db": c.file, "dingpass.db-wal": c.file, "dingpass.db-shm": c.file, "": c.dir,
			} {
				if err := os.Chmod(filepath.Join(dir, path), mode); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
			}
			t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
			start(t, cmd).finish(t)
		})
	}
}

// asSomebody makes a command run as a user whom modes bind, in a directory
// that is theirs.
func asSomebody(t *testing.T, cmd *exec.Cmd, dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	const somebody = 12345
	self := filepath.Join(t.TempDir(), "self") // the original may be where somebody cannot go
	content, err := os.ReadFile(cmd.Path)
	if err != nil {
		t.Fatal(err)
	}
	// A child that starts meanwhile would hold the file open: «text file busy»
	// (golang/go #22315).
	syscall.ForkLock.RLock()
	err = os.WriteFile(self, content, 0o755)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Path = self
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: somebody, Gid: somebody}}
	for _, path := range []string{filepath.Dir(filepath.Dir(self)), filepath.Dir(filepath.Dir(dir))} {
		if err := os.Chmod(path, 0o711); err != nil {
			t.Fatal(err)
		}
	}
	err = filepath.Walk(dir, func(path string, _ os.FileInfo, err error) error {
		return errors.Join(err, os.Chown(path, somebody, somebody))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// childUnwanted opens what it may only read, both ways.
func childUnwanted(ctx context.Context, dir, _ string) error {
	for _, readOnly := range []bool{true, false} {
		s, err := store.Open(ctx, store.Options{Unlock: store.Plain, Dir: dir, ReadOnly: readOnly})
		if err != nil {
			return fmt.Errorf("open, read-only %v: %w", readOnly, err)
		}
		rec, err := s.Current(ctx)
		if err != nil || !reflect.DeepEqual(rec, person()) {
			return fmt.Errorf("current = %v, %w", rec, err)
		}
		if _, ok := s.UserID(ctx, "dingcorp1", "union-zhang"); !ok {
			return errors.New("the person is not known")
		}
		for name, err := range map[string]error{
			"ready": s.Ready(ctx), "keep": s.Keep(ctx, rec), "forget": s.Forget(ctx, person().Identity), "remember": s.Remember(ctx, "k", "v"),
		} {
			if login.CodeOf(err) != login.StoreUnavailable || login.DetailOf(err) == "" {
				return fmt.Errorf("%s = %w, want store_unavailable with a detail", name, err)
			}
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}

// A limit on the size of files is the nearest to a full disk that a test can
// have without a disk of its own: writes fail half-way, for real.
func childFull(ctx context.Context, dir, _ string) error {
	signal.Ignore(syscall.SIGXFSZ)
	s, err := store.Open(ctx, store.Options{Unlock: store.Plain, Dir: dir})
	if err != nil {
		return err
	}
	if err := errors.Join(s.Keep(ctx, person()), limitFiles(40<<10)); err != nil {
		return err
	}
	if err := s.Ready(ctx); login.CodeOf(err) != login.StoreUnavailable || !strings.Contains(login.DetailOf(err), "full") {
		return fmt.Errorf("ready = %w, want that the disk is full", err)
	}
	other := person()
	other.Identity.UserID, other.Identity.UnionID = "user-li", "union-li"
	other.Identity.Title = strings.Repeat("x", 64<<10)
	if err := s.Keep(ctx, other); login.CodeOf(err) != login.StoreUnavailable {
		return fmt.Errorf("keep = %w, want store_unavailable", err)
	}
	if rec, err := s.Current(ctx); err != nil || !reflect.DeepEqual(rec, person()) {
		return fmt.Errorf("current = %v, %w, want the person of before", rec, err)
	}
	if err := limitFiles(1 << 30); err != nil {
		return err
	}
	return errors.Join(s.Ready(ctx), s.Keep(ctx, other), s.Check(ctx), s.Close())
}

// childFuller starts when the disk is full already, and there is not even room
// for SQLite's lock file.
func childFuller(ctx context.Context, dir, _ string) error {
	signal.Ignore(syscall.SIGXFSZ)
	if err := limitFiles(8 << 10); err != nil {
		return err
	}
	return childUnwanted(ctx, dir, "")
}

// childLate starts when the disk is full, and ends when there is room again.
func childLate(ctx context.Context, dir, _ string) error {
	signal.Ignore(syscall.SIGXFSZ)
	if err := limitFiles(8 << 10); err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Options{Unlock: store.Plain, Dir: dir})
	if err != nil {
		return err
	}
	s.Note(ctx, event(1))
	s.Note(ctx, event(2))
	if waiting := s.Waiting(); waiting != 2 {
		return fmt.Errorf("%d entries wait, want 2", waiting)
	}
	if _, err := s.Current(ctx); err != nil {
		return err
	}
	return errors.Join(limitFiles(1<<30), s.Close())
}

// limitFiles limits how large files may grow.
func limitFiles(bytes uint64) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(rlimitFsize, &limit); err != nil {
		return err
	}
	limit.Cur = bytes
	return syscall.Setrlimit(rlimitFsize, &limit)
}

const rlimitFsize = syscall.RLIMIT_FSIZE

func TestFullDiskIsSaidBeforeACodeIsSpentAndLosesNothing(t *testing.T) {
	t.Parallel()
	start(t, command(t, "full", dataDir(t), "")).finish(t)
}

func TestKnownPersonIsToldOnADiskThatIsFullAtStart(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	mustKeep(t, s, person())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	start(t, command(t, "fuller", dir, "")).finish(t)
}

func TestEventsOfADiskThatWasFullAtStartAreWrittenAtTheEnd(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	mustKeep(t, s, person())
	mustClose(t, s)
	start(t, command(t, "late", dir, "")).finish(t)
	s = mustOpen(t, dir)
	if got := entries(t, s); len(got) != 3 || got[1].ID != "event-1" || got[2].ID != "event-2" {
		t.Errorf("entries = %+v", got)
	}
	if report := verified(t, s); !report.Sound() {
		t.Errorf("findings = %+v", report.Findings)
	}
}

// peakOf is the most memory that a process had, in bytes (getrusage(2); macOS
// tells bytes, the others kilobytes).
func peakOf(ended *os.ProcessState) int64 {
	usage, ok := ended.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return usage.Maxrss
	}
	return usage.Maxrss << 10
}
