// Package clock tells trusted time: what time it is as far as this machine can
// know, whatever somebody has set its clock to.
//
// [Read] reads the machine's clocks; [Clock] compares them with the mark that
// the database keeps and tells the [identity.Moment] that decisions are made
// by. Three things move the mark: DingTalk's own time ([Clock.Contact]), what
// the machine measures without its clock ([Clock.Run]), and somebody who was
// let in ([Clock.Relied]). The rules are package identity's.
//
// A mark that is damaged suspends offline use until the next contact, like a
// clock that was set back; a clock that knew it before goes on by what it knows,
// and writes that over it.
//
// The package never sets a clock, asks no time server, and deletes nothing.
package clock

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
)

// Keeper keeps the mark where a restart finds it.
type Keeper interface {
	// Mark is the mark that is kept; the zero one where there is none, and one
	// that is Lost where it cannot be read.
	Mark(ctx context.Context) (identity.Mark, error)

	// MoveMark puts what move makes of the kept mark in its place, in one step
	// for all processes. Without a key it never calls move, and that is no
	// error.
	MoveMark(ctx context.Context, move func(identity.Mark) identity.Mark) error
}

// keepEvery is how often the passing of time is written down: so much can be
// won by a restart with a clock set back.
const keepEvery = 5 * time.Minute

// Clock tells trusted time. Make one with [New]; it is safe for concurrent use.
type Clock struct {
	keeper Keeper
	read   func() identity.Reading
	log    *slog.Logger

	mu     sync.Mutex // guards all below
	mark   identity.Mark
	unkept bool // the mark could not be written down, or there was no key to do it with
}

// New makes a clock from the mark that is kept. read is [Read] but in tests;
// log may be nil.
func New(ctx context.Context, keeper Keeper, read func() identity.Reading, log *slog.Logger) (*Clock, error) {
	mark, err := keeper.Mark(ctx)
	if err != nil {
		return nil, err
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Clock{keeper: keeper, read: read, log: log, mark: mark}, nil
}

// Now is the time as far as it can be known.
func (c *Clock) Now() identity.Moment {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mark.Tell(c.read())
}

// Known is the latest moment that is known to have passed, whatever the wall
// clock says; zero where there is none.
func (c *Clock) Known() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mark.At
}

// agrees is how far DingTalk's date may be from what is known: it has whole
// seconds, and took a while to get here.
const agrees = 5 * time.Second

// Contact takes the date of an answer of DingTalk's. It heals a clock that was
// behind, at once, also where it cannot be written down. A date that says what
// is known moves nothing: of all calls, few cost a write.
func (c *Clock) Contact(ctx context.Context, date time.Time) {
	if date.IsZero() {
		return
	}
	r := c.read()
	c.mu.Lock()
	known := c.mark.Tell(r)
	c.mu.Unlock()
	if known.Trust == identity.Measured && date.Sub(known.Now).Abs() < agrees {
		return
	}
	c.move(ctx, func(identity.Mark) identity.Mark { return identity.Confirmed(date, r) })
}

// Relied notes that somebody was let in at that moment.
func (c *Clock) Relied(ctx context.Context, on identity.Moment) {
	c.move(ctx, func(m identity.Mark) identity.Mark { return m.Relied(on) })
}

// Run writes down now and then that time has passed, until ctx ends.
func (c *Clock) Run(ctx context.Context) {
	ticker := time.NewTicker(keepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			r := c.read()
			c.move(ctx, func(m identity.Mark) identity.Mark { return m.Passed(r) })
		}
	}
}

// move moves the mark here, at once, and then in the database. Another process
// may have moved the kept one further: from then on that one counts here too.
func (c *Clock) move(ctx context.Context, move func(identity.Mark) identity.Mark) {
	c.mu.Lock()
	c.mark = move(c.mark)
	ours, unkept := c.mark, c.unkept
	c.mu.Unlock()
	written := false
	err := c.keeper.MoveMark(ctx, func(kept identity.Mark) identity.Mark {
		written = true
		next := move(kept)
		// What is kept is older than what is known here, or cannot be read.
		if (unkept || kept.Lost) && (ours.Contact || ours.At.After(next.At)) {
			next = ours
		}
		c.mu.Lock() // not before: who asks the time does not wait for a disk
		defer c.mu.Unlock()
		c.mark = next
		return next
	})
	c.mu.Lock()
	c.unkept = err != nil || !written
	c.mu.Unlock()
	if err != nil {
		c.log.WarnContext(ctx, "keep the time of day", "error", err)
	}
}
