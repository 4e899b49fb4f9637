package login_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

// The walk does what persons, pages and hostile programs may do, in an order
// that nobody would think of, and asks after each step whether every promise of
// the package still holds. A seed names a walk: its steps are the same each time,
// and only the order of what happens at the same moment is the scheduler's.
func TestPromisesHoldOnRandomWalks(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWalk(t, seed)
				for range 120 {
					w.step()
					w.check()
				}
				w.finish()
			})
		})
	}
}

// walk is a service under observation. Its fields below mu are shared with the
// fakes, which the service calls from its own goroutines.
type walk struct {
	t      *testing.T
	random *rand.Rand // seeded: a walk must be the same each time
	s      *login.Service
	states []string // of every attempt that was begun, oldest first
	last   string   // the code that was accepted last

	mu       sync.Mutex
	dice     *rand.Rand                 // the fakes' own luck
	seen     []login.Snapshot           // what Watch told
	accepted map[string]string          // code → attempt, for which Complete said Accepted
	spent    map[string]int             // code → how often Identify was given it
	dropped  map[string]bool            // attempts that somebody gave up or replaced
	kept     map[string]identity.Record // attempt → what Keep returned nil for
}

func newWalk(t *testing.T, seed uint64) *walk {
	w := &walk{
		t:      t,
		random: rand.New(rand.NewPCG(seed, 1)),
		dice:   rand.New(rand.NewPCG(seed, 2)),

		accepted: make(map[string]string), spent: make(map[string]int),
		dropped: make(map[string]bool), kept: make(map[string]identity.Record),
	}
	p := &fakeProvider{warm: w.warm, identify: w.identify}
	st := &fakeStore{ready: w.maybe, keep: w.keep, forget: func(context.Context) error { return w.luck(10) }}
	w.s = open(t, p, st)
	follow(t, w.s, func(snap login.Snapshot) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.seen = append(w.seen, snap)
	})
	return w
}

var errUnlucky = login.Fail(login.StoreUnavailable, errors.New("unlucky"))

// luck fails once in so many times.
func (w *walk) luck(oneIn int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dice.IntN(oneIn) == 0 {
		return errUnlucky
	}
	return nil
}

// dawdle takes up to 25 s, more than an answer may take, or until the context's
// end; sometimes it does not care for the context.
func (w *walk) dawdle(ctx context.Context) error {
	w.mu.Lock()
	slow, deaf := w.dice.IntN(2) == 0, w.dice.IntN(4) == 0
	pause := time.Duration(w.dice.IntN(25_000)) * time.Millisecond
	w.mu.Unlock()
	switch {
	case !slow:
		return nil
	case deaf:
		<-time.After(pause)
		return nil
	}
	select {
	case <-time.After(pause):
		return nil
	case <-ctx.Done():
		return login.Fail(login.Network, ctx.Err())
	}
}

func (w *walk) maybe(ctx context.Context) error {
	return errors.Join(w.dawdle(ctx), w.luck(8))
}

func (w *walk) warm(ctx context.Context) error {
	if w.luck(15) != nil {
		return login.Fail(login.AppMisconfigured, errors.New("unlucky"))
	}
	return w.dawdle(ctx)
}

func (w *walk) identify(ctx context.Context, code string) (identity.Identity, error) {
	w.mu.Lock()
	w.spent[code]++
	if w.spent[code] > 1 {
		w.t.Errorf("code %s is spent %d times", code, w.spent[code])
	}
	// Complete has the lock while it starts this, so accepted may come after;
	// the walk checks that at its end.
	w.mu.Unlock()
	if err := w.maybe(ctx); err != nil {
		return identity.Identity{}, err
	}
	return personOf(code), nil
}

func (w *walk) keep(ctx context.Context, rec identity.Record) error {
	attempt := w.s.Snapshot().AttemptID
	w.mu.Lock()
	owner := w.ownerOf(rec)
	if owner != attempt || w.dropped[owner] {
		w.t.Errorf("attempt %q (dropped: %t) is stored while %q runs", owner, w.dropped[owner], attempt)
	}
	w.mu.Unlock()

	err := w.maybe(ctx)

	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		if _, twice := w.kept[owner]; twice {
			w.t.Errorf("attempt %s is stored twice", owner)
		}
		w.kept[owner] = rec
	}
	return err
}

// ownerOf is the attempt whose code the person stands for. The lock is held.
func (w *walk) ownerOf(rec identity.Record) string {
	for code, attempt := range w.accepted {
		if personOf(code).UserID == rec.Identity.UserID {
			return attempt
		}
	}
	return "nobody's"
}

func (w *walk) step() {
	switch n := w.random.IntN(100); {
	case n < 22:
		w.begin()
	case n < 44:
		w.complete()
	case n < 54:
		w.repeat()
	case n < 62:
		w.forge()
	case n < 66:
		w.refuse()
	case n < 74:
		w.cancel()
	case n < 79:
		w.forget()
	case n < 84:
		w.s.AuthorizeURL(w.random.IntN(2) == 0)
	default:
		<-time.After(time.Duration(w.random.IntN(90)) * time.Second)
	}
	if w.random.IntN(3) > 0 { // else the next step comes before anything settles
		synctest.Wait()
	}
}

// impatient is a caller who waits for up to ten seconds.
func (w *walk) impatient() (context.Context, context.CancelFunc) {
	return context.WithTimeout(w.t.Context(), time.Duration(w.random.IntN(10_000))*time.Millisecond)
}

func (w *walk) begin() {
	before := w.s.Snapshot()
	ctx, cancel := w.impatient()
	defer cancel()
	if err := w.s.Begin(ctx, login.BeginOptions{Tried: w.random.IntN(2) == 0}); err != nil {
		w.wantRefusal(err, before)
		return
	}
	w.drop(before.AttemptID)
	if link, ok := w.s.AuthorizeURL(true); ok { // else its warm-up has failed already
		w.states = append(w.states, query(w.t, link).Get("state"))
	}
}

// wantRefusal checks that a caller was only turned away where an identity might
// have been on its way into the store.
func (w *walk) wantRefusal(err error, before login.Snapshot) {
	if login.CodeOf(err) != login.Cancelled || before.Phase != login.Working {
		w.t.Errorf("error %v in phase %s", err, before.Phase)
	}
}

func (w *walk) drop(attempt string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if attempt != "" {
		w.dropped[attempt] = true
	}
}

// complete answers the newest attempt with a code of its own. Should it be
// accepted, the service has the code before the walk can note it; the lock keeps
// the fakes waiting.
func (w *walk) complete() {
	if len(w.states) == 0 {
		return
	}
	code := fmt.Sprint("c", w.random.Uint64())
	w.mu.Lock()
	defer w.mu.Unlock()
	running := w.s.Snapshot()
	got := w.s.Complete(answer(w.states[len(w.states)-1], code))
	if got == login.Accepted {
		w.accepted[code], w.last = running.AttemptID, code
		if running.Phase != login.Waiting {
			w.t.Errorf("a code is accepted in phase %s", running.Phase)
		}
	}
	if got == login.Repeated {
		w.t.Error("a new code is called a repetition")
	}
}

// repeat sends the last accepted code again, with the newest state and with an
// old one.
func (w *walk) repeat() {
	if w.last == "" {
		return
	}
	w.wantNoEffect(login.Callback{State: w.states[w.random.IntN(len(w.states))], Code: answer("", w.last).Code}, w.last)
}

func (w *walk) forge() {
	state := "forged"
	if n := len(w.states) - 1; n > 0 {
		state = w.states[w.random.IntN(n)]
	}
	w.wantNoEffect(login.Callback{State: state, Denied: w.random.IntN(2) == 0, Code: answer("", "forged").Code}, "forged")
}

// wantNoEffect sends what must not be accepted; only the newest state with a
// code that nobody has spent may be.
func (w *walk) wantNoEffect(cb login.Callback, code string) {
	newest := len(w.states) > 0 && cb.State == w.states[len(w.states)-1]
	if newest && w.s.Snapshot().Phase == login.Waiting {
		return
	}
	if got := w.s.Complete(cb); got == login.Accepted {
		w.t.Errorf("code %s is accepted with an old or forged state", code)
	}
}

func (w *walk) refuse() {
	if len(w.states) > 0 {
		w.s.Complete(login.Callback{State: w.states[len(w.states)-1], Denied: true})
	}
}

func (w *walk) cancel() {
	w.s.Cancel()
	if snap := w.s.Snapshot(); snap.Phase == login.Abandoned {
		w.drop(snap.AttemptID)
	}
}

func (w *walk) forget() {
	before := w.s.Snapshot()
	ctx, cancel := w.impatient()
	defer cancel()
	if err := w.s.Forget(ctx); err == nil {
		w.drop(before.AttemptID)
	} else if !errors.Is(err, errUnlucky) {
		w.wantRefusal(err, before)
	}
}

// check reads what Watch has told so far.
func (w *walk) check() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, snap := range w.seen[1:] {
		before := w.seen[i]
		if snap.Seq != before.Seq+1 {
			w.t.Errorf("seq %d follows %d", snap.Seq, before.Seq)
		}
		if !mayFollow(before.Phase, snap.Phase) {
			w.t.Errorf("%s follows %s", snap.Phase, before.Phase)
		}
		w.checkSnapshot(snap)
	}
	w.seen = w.seen[len(w.seen)-1:]
	if w.t.Failed() {
		w.t.FailNow()
	}
}

// checkSnapshot checks one snapshot by itself. The lock is held.
func (w *walk) checkSnapshot(snap login.Snapshot) {
	ended := snap.Phase == login.Failed || snap.Phase == login.TimedOut || snap.Phase == login.Abandoned
	if ended != (snap.Err != nil) {
		w.t.Errorf("%s with error %v", snap.Phase, snap.Err)
	}
	if snap.Phase != login.SignedIn {
		return
	}
	rec, ok := w.kept[snap.AttemptID]
	if !ok || snap.Record == nil || snap.Record.Identity.UserID != rec.Identity.UserID {
		w.t.Errorf("signed_in of attempt %s shows %v, the store has %v (%t)", snap.AttemptID, snap.Record, rec, ok)
	}
}

// finish closes the service; the bubble itself fails the test if a goroutine of
// it is left.
func (w *walk) finish() {
	w.s.Close()
	synctest.Wait()
	w.check()
	w.mu.Lock()
	defer w.mu.Unlock()
	if last := w.seen[len(w.seen)-1]; last != w.s.Snapshot() || last.Phase.Running() {
		w.t.Errorf("after close %+v was told, and %+v is", last, w.s.Snapshot())
	}
	for code := range w.spent {
		if w.accepted[code] == "" {
			w.t.Errorf("code %s was spent and never accepted", code)
		}
	}
	stored := make(map[string]bool)
	for code, attempt := range w.accepted {
		if stored[attempt] {
			w.t.Errorf("attempt %s accepted a second code, %s", attempt, code)
		}
		stored[attempt] = true
	}
}
