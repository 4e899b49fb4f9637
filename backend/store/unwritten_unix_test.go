//go:build unix

package store_test

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"syscall"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/store"
)

// The disk is full when the program starts, not even SQLite's lock file finds
// room, and there is room again when it ends.
func TestWhoEnteredOnADiskThatWasFullAtStartIsWrittenAtTheEnd(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	enrolled(t, s)
	text := badge(t, s)
	mustKeep(t, s, colleague(1))
	mustClose(t, s)
	start(t, command(t, "enter", dir, text.Reveal())).finish(t)

	s = mustOpen(t, dir)
	wantCounts(t, s, 3, 1)
	if rec, err := s.Current(t.Context()); err != nil || rec.Identity.UserID != zhang.UserID {
		t.Errorf("current = %+v, %v", rec, err)
	}
	all := entries(t, s)
	if last := all[len(all)-1]; last.Event != signlog.SignedIn || last.Method != signlog.ByBadge || last.UserID != zhang.UserID {
		t.Errorf("the last entry: %+v", last)
	}
	if report := verified(t, s); !report.Sound() {
		t.Errorf("findings = %+v", report.Findings)
	}
}

// childEnter comes in by a badge, and then guesses.
func childEnter(ctx context.Context, dir, text string) error {
	signal.Ignore(syscall.SIGXFSZ)
	if err := limitFiles(8 << 10); err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Options{Unlock: store.Plain, Dir: dir})
	if err != nil {
		return err
	}
	d := door(s)
	if r, err := d.ByBadge(ctx, secret.New(text)); err != nil || !r.Allowed() {
		return fmt.Errorf("by badge %+v, %w", r, err)
	}
	for left := 2; left >= 0; left-- {
		if r, err := d.ByPIN(ctx, "", secret.New("739264")); err != nil || r.Refused != offline.WrongPIN || r.Left != left {
			return fmt.Errorf("a wrong PIN, %d are to be left: %+v, %w", left, r, err)
		}
	}
	if _, err := d.ByPIN(ctx, "", secret.New(goodPIN)); login.CodeOf(err) != login.StoreUnavailable {
		return fmt.Errorf("after three: %w", err)
	}
	if login.CodeOf(s.Unwritten()) != login.StoreUnavailable {
		return fmt.Errorf("unwritten: %w", s.Unwritten())
	}
	return errors.Join(limitFiles(1<<30), s.Close())
}
