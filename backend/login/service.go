package login

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/signlog"
)

// Options are what a Service needs. Provider, Store and RedirectURI are
// required.
type Options struct {
	Provider    Provider
	Store       Store
	RedirectURI string // the listener's own address; used byte for byte

	Embed        Embed         // the setting; "" = Auto
	Lifetime     time.Duration // how long a QR may wait; 0 = DefaultLifetime
	Until        time.Time     // no QR waits longer than this; zero = no such moment
	AnswerWithin time.Duration // how long asking DingTalk may take after the scan; 0 = DefaultAnswerWithin

	// ConfirmWithin is how long somebody with a PIN or a badge waits at the door
	// for DingTalk's word; 0 = DefaultConfirmWithin.
	ConfirmWithin time.Duration

	// Refresh is how old DingTalk's answer about the person who is shown may
	// become before it is asked again, in the background; 0 = it never is. The
	// provider has to be a Rechecker.
	Refresh time.Duration

	Offline Gate                   // nil = nobody comes in but by DingTalk
	Network NetworkState           // nil = nobody knows: everything is tried
	Clock   func() identity.Moment // trusted time; nil = Now's
	Now     func() time.Time       // for deadlines; nil = time.Now
	Log     *slog.Logger           // nil = discarded
}

const (
	// DefaultLifetime is how long an attempt waits. DingTalk publishes no
	// lifetime of its QR; its own command-line client gives the whole flow five
	// minutes.
	DefaultLifetime = 5 * time.Minute

	// DefaultAnswerWithin bounds the calls after the scan, retries included.
	DefaultAnswerWithin = 20 * time.Second

	// DefaultConfirmWithin is as long as nobody at a door minds.
	DefaultConfirmWithin = 2 * time.Second

	// rewarm keeps connections ready while a QR is up: common proxies and
	// NAT tables drop idle ones after a minute or more.
	rewarm = 30 * time.Second

	// secondWarm is the pause before a failed first warm-up counts.
	secondWarm = time.Second
)

// errClosed is the cause of what is refused after Close.
var errClosed = errors.New("service is closed")

// Service runs sign-ins, one at a time. Make one with New; it is safe for
// concurrent use.
type Service struct {
	opts Options
	log  *slog.Logger

	ctx   context.Context // ends at Close
	close context.CancelFunc
	wg    sync.WaitGroup // every goroutine of every attempt, the one that rechecks, and those that count refusals

	watched    context.Context // ends when Close has seen the last change
	endWatches context.CancelFunc

	mu       sync.Mutex // guards all below; never held while the store is asked
	snap     Snapshot
	current  *attempt // running, or the last one; nil before the first
	choose   chooser
	grant    Grant         // of the sign-in with DingTalk that is shown; nil where none has just been
	changing chan struct{} // closed when the store has changed who is signed in; nil while it does not
	watchers map[*watcher]struct{}
	repeats  map[signlog.Entry]int // how often a refusal came again that was written a while ago
}

// New makes a service that shows who the store says is signed in. An
// unreadable store is an error: better before the QR than after the scan.
func New(ctx context.Context, opts Options) (*Service, error) {
	if opts.Embed == "" {
		opts.Embed = Auto
	}
	if opts.Lifetime == 0 {
		opts.Lifetime = DefaultLifetime
	}
	if opts.AnswerWithin == 0 {
		opts.AnswerWithin = DefaultAnswerWithin
	}
	if opts.ConfirmWithin == 0 {
		opts.ConfirmWithin = DefaultConfirmWithin
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Clock == nil {
		opts.Clock = func() identity.Moment { return identity.Moment{Now: opts.Now().UTC()} }
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{opts: opts, log: opts.Log, watchers: make(map[*watcher]struct{}), repeats: make(map[signlog.Entry]int)}
	if err := s.recall(ctx); err != nil {
		return nil, err
	}
	// The service outlives the call that made it.
	s.ctx, s.close = context.WithCancel(context.WithoutCancel(ctx))
	s.watched, s.endWatches = context.WithCancel(context.WithoutCancel(ctx))
	if provider, can := opts.Provider.(Rechecker); can && opts.Refresh > 0 {
		s.wg.Go(func() { s.keepFresh(provider) })
	}
	return s, nil
}

// BeginOptions are what the person may say when asking for a code.
type BeginOptions struct {
	Embed Embed // how to show DingTalk; "" = as set and learned
	Tried bool  // someone tried the code that is replaced, and nothing happened

	// Killed says that DingTalk's whole page has ended the web view that showed
	// it. Embed, which has to be given, then stands in for that page as long as
	// the service lives, or until the page has worked.
	Killed bool
}

// Begin starts an attempt and drops an older one. An identity that is being
// stored at this moment is waited for: what was acknowledged is never undone.
func (s *Service) Begin(ctx context.Context, opts BeginOptions) error {
	if err := s.lockSettled(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return Fail(Cancelled, errClosed)
	}
	if old := s.current; old != nil {
		if s.snap.Phase == Waiting || s.snap.Phase == TimedOut {
			s.choose.unused(old.shown, opts.Tried)
		}
		s.finish(old)
	}
	if opts.Killed {
		s.choose.killed(opts.Embed)
	}
	now := s.opts.Now()
	a := newAttempt(s.ctx, now, s.lifetime(now), s.choose.next(opts.Embed))
	s.current, s.grant = a, nil
	s.change(Waiting, func(snap *Snapshot) {
		snap.AttemptID, snap.Embed = a.id, a.shown
		snap.StartedAt, snap.ExpiresAt = a.startedAt, a.expiresAt
		snap.Err = nil
	})
	if err := s.outOfReach(); err != nil {
		s.opts.Network.Retry() // in case the network is back and nobody has noticed
		s.end(a, Failed, err)
		return nil
	}
	s.wg.Go(func() { s.keepWarm(a) })
	s.wg.Go(func() { s.expire(a) })
	return nil
}

// lifetime is how long an attempt that begins now may wait.
func (s *Service) lifetime(now time.Time) time.Duration {
	if s.opts.Until.IsZero() {
		return s.opts.Lifetime
	}
	return max(0, min(s.opts.Lifetime, s.opts.Until.Sub(now)))
}

// AuthorizeURL is where the running attempt's person is sent, and takes note
// of how. ok is false when nothing waits.
func (s *Service) AuthorizeURL(frame bool) (url string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.snap.Phase != Waiting {
		return "", false
	}
	a := s.current
	if shown := embedOf(frame); a.shown != shown && a.shown != Browser {
		a.shown = shown
		s.change(Waiting, func(snap *Snapshot) { snap.Embed = shown })
	}
	return s.opts.Provider.AuthorizeURL(AuthorizeRequest{
		State: a.state, RedirectURI: s.opts.RedirectURI, Frame: frame,
	}), true
}

func embedOf(frame bool) Embed {
	if frame {
		return Frame
	}
	return Page
}

// Cancel stops the running attempt, if there is one. An identity that is being
// stored at this moment stays stored.
func (s *Service) Cancel() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.abandon()
}

// abandon is Cancel with the lock held.
func (s *Service) abandon() {
	if !s.snap.Phase.Running() || s.changing != nil {
		return
	}
	s.end(s.current, Abandoned, &Error{Code: Cancelled})
}

// Snapshot is the present state.
func (s *Service) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.snap
}

// Close cancels the running attempt and returns when nothing of the service
// runs any more. An identity that is being stored at this moment is waited for.
// Later calls change nothing.
func (s *Service) Close() {
	// In one step, so that no attempt can begin in between and outlive it.
	s.mu.Lock()
	s.abandon()
	s.close()
	s.mu.Unlock()
	s.wg.Wait()
	s.endWatches()
}

// end finishes the attempt with an error; nothing happens if it has ended
// already. The lock is held.
func (s *Service) end(a *attempt, phase Phase, why *Error) {
	if s.current != a || a.finished {
		return
	}
	s.finish(a)
	s.log.Info("sign-in ended", "attempt", a.id, "phase", phase, "code", why.Code, "error", why.Err)
	s.change(phase, func(snap *Snapshot) { snap.Err = why })
}

// finish cuts everything that runs for the attempt. The lock is held.
func (s *Service) finish(a *attempt) {
	a.finished = true
	a.end()
}

// change moves to the next phase and tells every watcher. The lock is held.
func (s *Service) change(next Phase, edit func(*Snapshot)) {
	if !s.snap.Phase.CanFollow(next) {
		// A programming error; the table is tested against every caller. Going
		// on would show a state that cannot be.
		s.log.Error("phase refused", "from", s.snap.Phase, "to", next)
		return
	}
	seq := s.snap.Seq
	edit(&s.snap)
	s.snap.Phase, s.snap.Seq = next, seq+1
	for w := range s.watchers {
		w.push(s.snap)
	}
}
