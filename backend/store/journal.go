package store

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/signlog"
)

// journal is what the sign-in log has besides its table: entries that could not
// be written yet, and what is known of the head outside. One goroutine tends to
// both, so that neither delays a sign-in.
type journal struct {
	moment func() identity.Moment
	keys   func() ([]signlog.Key, error)
	anchor Anchor

	wake   chan struct{} // holds a token when there may be something to do
	looked chan struct{} // closed once the head outside was looked at, or cannot be
	once   sync.Once     // closes looked
	stop   context.CancelFunc
	work   sync.WaitGroup

	anchored int64  // the length that the head outside is known to have, -1 before it is; of the goroutine
	epoch    uint64 // the file's when the one outside was brought to it; likewise

	mu       sync.Mutex
	waiting  []signlog.Entry // oldest first
	lost     int             // that had no room there
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
	return len(s.journal.waiting) + s.journal.lost
}

// inMemory are the entries that wait.
func (j *journal) inMemory() []signlog.Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.waiting)
}

// wait keeps an entry for later.
func (j *journal) wait(e signlog.Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.waiting) == mostWaiting {
		j.lost++
		return
	}
	j.waiting = append(j.waiting, e)
	j.nudge()
}

// committed takes note of entries that are on disk.
func (j *journal) committed(written []signlog.Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	there := make(map[string]bool, len(written))
	for _, e := range written {
		there[e.ID] = true
	}
	j.waiting = slices.DeleteFunc(j.waiting, func(e signlog.Entry) bool { return there[e.ID] })
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
	if len(s.journal.inMemory()) == 0 {
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
	if s.write == nil && s.Waiting() > 0 {
		err = s.writeLate(ctx)
	}
	if n := s.Waiting(); n > 0 {
		s.log.ErrorContext(ctx, "entries of the sign-in log are lost: they could not be written", "entries", n, "error", errors.Join(s.Locked(), err))
	} else if err != nil {
		s.log.WarnContext(ctx, "the head of the sign-in log could not be kept outside; the next start does it", "error", err)
	}
}

// writeLate writes what waits into a database that could not be written when it
// was opened: by now it may be. The readers end first, who may take the file for
// one that never changes (see frozen).
func (s *Store) writeLate(ctx context.Context) (err error) {
	if err := s.read.Close(); err != nil {
		return err
	}
	db, err := openPool(dsn(s.path, writing), writing, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	waiting := s.journal.inMemory()
	if err := inTx(ctx, db, s.now, func(t *tx) error {
		return errors.Join(s.sameKey(ctx, t), s.append(ctx, t, waiting))
	}); err != nil {
		return err
	}
	s.journal.committed(waiting)
	return nil
}
