package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/signlog"
)

// journal is what the sign-in log has besides its table: what could not be
// written yet, entries and what belongs to them, and what is known of the head
// outside. One goroutine tends to both, so that neither delays a sign-in.
type journal struct {
	moment func() identity.Moment
	keys   func() ([]signlog.Key, error)
	anchor Anchor

	wake   chan struct{} // holds a token when there may be something to do
	looked chan struct{} // closed once the head outside was looked at, or cannot be
	once   sync.Once     // closes looked
	stop   context.CancelFunc
	work   sync.WaitGroup

	anchored int64 // the length that the head outside is known to have, -1 before it is; of the goroutine

	counting sync.Mutex // held from looking at the counts in memory to adding to them

	mu       sync.Mutex
	late     unwritten
	lost     int // entries that had no room there
	standing Standing
}

const (
	// mostWaiting bounds the memory of a disk that stays full: some 4 MB.
	mostWaiting = 10_000

	// Pauses before what failed is tried again.
	firstPause   = time.Second
	longestPause = time.Minute

	// closesWithin is how long Close may go on trying.
	closesWithin = 2 * time.Second
)

func newJournal(o Options, now func() time.Time) *journal {
	j := &journal{
		moment: o.Moment, keys: o.LogKeys, anchor: o.Anchor, anchored: -1,
		wake: make(chan struct{}, 1), looked: make(chan struct{}),
	}
	if j.moment == nil {
		j.moment = func() identity.Moment { return identity.Moment{Now: now().UTC()} }
	}
	if j.anchor == nil {
		j.standing.State = Unanchored
		j.settle()
	}
	return j
}

// settle lets go who waits for the first look.
func (j *journal) settle() { j.once.Do(func() { close(j.looked) }) }

// Waiting is how many entries of the sign-in log are in memory only, and end
// with this process. More than none is to be shown to somebody.
func (s *Store) Waiting() int {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return len(s.journal.late.entries) + s.journal.lost
}

// wait keeps an entry for later.
func (j *journal) wait(e signlog.Entry, why error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if waits(why) {
		j.late.why = why
	}
	if len(j.late.entries) == mostWaiting {
		j.lost++
		return
	}
	j.late.entries = append(j.late.entries, e)
	j.nudge()
}

func (j *journal) nudge() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// startJournal begins to tend the log. closeJournal ends it.
func (s *Store) startJournal(ctx context.Context) {
	ctx, s.journal.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.journal.work.Go(func() { s.tendLog(ctx) })
}

// tendLog writes what waits and advances the head outside, whenever there is
// something to do. What failed is tried again after a pause, not at each event.
func (s *Store) tendLog(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		err := s.catchUp(ctx)
		if err == nil {
			pause = firstPause
			select {
			case <-s.journal.wake:
			case <-ctx.Done():
			}
			continue
		}
		if ctx.Err() == nil {
			s.log.WarnContext(ctx, "the sign-in log is behind", "waiting", s.Waiting(), "again_in", pause, "error", err)
		}
		again := time.NewTimer(pause)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
		}
		pause = min(2*pause, longestPause)
	}
}

// catchUp does all that is left to do. Without a key there is nothing that
// could be done: [Store.Unlock] wakes it.
func (s *Store) catchUp(ctx context.Context) error {
	if locked := s.Locked(); locked != nil {
		s.journal.stand(Standing{State: Unknown, Err: locked})
		s.journal.settle()
		return nil
	}
	err := s.again(ctx, func() error { return errors.Join(s.writeWaiting(ctx), s.tendHead(ctx)) })
	s.journal.settle()
	return err
}

// writeWaiting writes what waits in memory.
func (s *Store) writeWaiting(ctx context.Context) error {
	if s.journal.inMemory().none() {
		return nil
	}
	return s.logged(ctx, func(*tx) (signlog.Entry, error) { return signlog.Entry{}, nil })
}

// closeJournal stops tending and does what is left, for a short while. Entries
// that still wait then are lost, which is said.
func (s *Store) closeJournal() {
	if s.journal.stop == nil {
		return
	}
	s.journal.stop()
	s.journal.work.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), closesWithin)
	defer cancel()
	err := s.catchUp(ctx)
	if s.write == nil && !s.journal.inMemory().none() {
		err = s.writeAtEnd(ctx)
	}
	if late := s.journal.inMemory(); !late.none() {
		s.log.ErrorContext(ctx, "entries of the sign-in log, and what was counted, are lost: they could not be written",
			"entries", s.Waiting(), "counts", len(late.counts), "error", errors.Join(s.Locked(), err))
	} else if err != nil {
		s.log.WarnContext(ctx, "the head of the sign-in log could not be kept outside; the next start does it", "error", err)
	}
}

// writeAtEnd writes what waits into a database that could not be written when it
// was opened: by now it may be. The readers end first, who may take the file for
// one that never changes (see frozen).
func (s *Store) writeAtEnd(ctx context.Context) (err error) {
	if err := s.read.Close(); err != nil {
		return err
	}
	db, err := openPool(dsn(s.path, writing), writing, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	late := s.journal.inMemory()
	if err := inTx(ctx, db, s.now, func(t *tx) error {
		return errors.Join(s.sameKey(ctx, t), s.writeLate(ctx, t, &late), s.append(ctx, t, late.entries))
	}); err != nil {
		return err
	}
	s.journal.committed(late)
	return nil
}
